"""Mean squared displacement of a stationary run over k steps, exact.

Reads as: each mode moves away from where it was until it has forgotten it: 2 Sigma_ii in the end, approached by
1 - (1 - eta lambda_i)^k. The sharp modes stop first: where modes of curvature about lambda share the noise as
lambda^-a dlambda with 0 < a < 1, the sum grows as k^a between the times of the sharpest and of the flattest mode,
anomalous diffusion without any memory in the noise.

Fails when: eta lambda_max reaches 2, where there is no stationary law, or the noise varies with theta.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.currents import squared_displacement
from sgdtheory.processes.observables import Moment
from sgdtheory.quadratic._points import GENERIC
from sgdtheory.symbols import C_ii, eta, k, lambda_i, m, msd, words

mean_squared_displacement = ClosedForm(
    name="diffusion.mean_squared_displacement",
    title="mean squared displacement over k steps, stationary, exact",
    kind=Kind.EXACT,
    symbol=msd,
    value=2 * eta * C_ii * (1 - (1 - eta * lambda_i) ** k) / (m * lambda_i * (2 - eta * lambda_i)),
    parameters=words(eta, m, lambda_i, C_ii, k),
    domain=(eta > 0, m > 0, lambda_i > 0, eta * lambda_i < 2, k >= 0),
    assumptions=("the Hessian is constant and the noise independent of the parameters and from step to step",),
    process=additive_noise,
    observable=Moment("squared distance of the parameters from where they were", squared_displacement, lag="lag"),
    points=GENERIC,
    sources=(Source("kunin2021", "anomalous diffusion", "recalled; here without momentum and in discrete time"),),
)
