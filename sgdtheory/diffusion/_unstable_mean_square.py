"""Mean square along an unstable direction after t steps from a fixed start, exact.

Reads as: start and noise add up to delta^2 + s^2, with s^2 = eta c/(m gamma (2 + eta gamma)), and from this sum the
mean square grows by (1 + eta gamma)^2 a step; s is the distance at which the push of the gradient takes over from the
noise.

Fails when: the run is so far from the saddle point that its curvature is another.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.diffusion._saddle_points import AT_REST, UNSTABLE
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.saddle import saddle
from sgdtheory.symbols import c_u, delta_u, eta, gamma_u, m, square_t, t, words

unstable_mean_square = ClosedForm(
    name="diffusion.unstable_mean_square",
    title="mean square along an unstable direction, exact",
    kind=Kind.EXACT,
    symbol=square_t,
    value=delta_u**2 * (1 + eta * gamma_u) ** (2 * t)
    + eta * c_u * ((1 + eta * gamma_u) ** (2 * t) - 1) / (m * gamma_u * (2 + eta * gamma_u)),
    parameters=words(eta, m, gamma_u, c_u, delta_u, t),
    domain=(),
    assumptions=(
        "the curvature along the direction is -gamma and the noise independent of the parameters",
        "every run starts from the same point",
    ),
    process=saddle,
    observable=Moment("squared distance from the saddle point after t steps", products, time="steps", displaced=True),
    points=UNSTABLE + AT_REST,
    sources=(),
)
