"""Mean square of the diffusion limit along an unstable direction at time eta t from a fixed start.

Reads as: from a start at the saddle point the scaled fluctuations (m/eta)^(1/2) x have the variance
c (exp(2 gamma s) - 1)/(2 gamma) at the time s = eta t, which grows without bound.

Fails when: eta gamma t is so large that the rates' higher powers add up; the diffusion grows faster than SGD.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.diffusion._saddle_covariance_diffusion import saddle_covariance_diffusion
from sgdtheory.diffusion._unstable_mean_square import unstable_mean_square
from sgdtheory.processes.saddle import saddle
from sgdtheory.symbols import c_u, delta_u, eta, gamma_u, m, square_t, t, words

unstable_mean_square_diffusion = ClosedForm(
    name="diffusion.unstable_mean_square_diffusion",
    title="mean square along an unstable direction, diffusion limit",
    kind=Kind.ASYMPTOTIC,
    symbol=square_t,
    value=delta_u**2 * sp.exp(2 * eta * gamma_u * t)
    + eta * c_u * (sp.exp(2 * eta * gamma_u * t) - 1) / (2 * m * gamma_u),
    parameters=words(eta, m, gamma_u, c_u, delta_u, t),
    domain=(),
    assumptions=("the learning rate is small at a fixed time eta t and noise level eta/m",),
    process=saddle,
    observable=unstable_mean_square.observable,
    points=unstable_mean_square.points,
    sources=saddle_covariance_diffusion.sources,
    limit=Limit(exact=unstable_mean_square, small=eta, scaling={"steps": -1, "batch_size": 1}),
)
