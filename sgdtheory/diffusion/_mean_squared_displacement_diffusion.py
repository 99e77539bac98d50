"""Mean squared displacement over a time s = eta k, in the diffusion limit.

Reads as: at first s (eta/m) tr C, as if there were no loss; then one mode after the other comes to rest at
eta C_ii/(m lambda_i).

Fails when: eta lambda is not small.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.diffusion._mean_squared_displacement import mean_squared_displacement
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import C_ii, eta, k, lambda_i, m, msd, words

mean_squared_displacement_diffusion = ClosedForm(
    name="diffusion.mean_squared_displacement_diffusion",
    title="mean squared displacement over k steps, stationary, diffusion limit",
    kind=Kind.ASYMPTOTIC,
    symbol=msd,
    value=eta * C_ii * (1 - sp.exp(-eta * k * lambda_i)) / (m * lambda_i),
    parameters=words(eta, m, lambda_i, C_ii, k),
    domain=(eta > 0, m > 0, lambda_i > 0, k >= 0),
    assumptions=(
        "the Hessian is constant and the noise independent of the parameters",
        "the learning rate is small against every 1/lambda_i; the time eta k is kept",
    ),
    process=additive_noise,
    observable=mean_squared_displacement.observable,
    points=mean_squared_displacement.points,
    sources=(Source("kunin2021", "anomalous diffusion", "recalled; here without momentum"),),
    limit=Limit(exact=mean_squared_displacement, small=eta, scaling={"lag": -1}),
)
