"""Number of steps after which the mean square along an unstable direction reaches that of a radius, exact.

Reads as: logarithmic in the noise, which is why any noise will do: from the saddle point itself about log(R/s) over
log(1 + eta gamma) steps, s^2 = eta c/(m gamma (2 + eta gamma)). Without noise it is the time of gradient descent from
delta. The mean time at which runs first leave the radius is no smaller; for weak noise and from the
saddle point it is larger by (Euler's constant + log 2)/(2 log(1 + eta gamma)) + 1/2.

Fails when: start and noise are both absent, where nothing ever leaves.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.diffusion._saddle_points import AT_REST, UNSTABLE
from sgdtheory.processes.saddle import MeanSquareEscape, saddle
from sgdtheory.symbols import R, c_u, delta_u, eta, gamma_u, m, t_away, words

mean_square_escape_time = ClosedForm(
    name="diffusion.mean_square_escape_time",
    title="steps to leave a saddle point in mean square, exact",
    kind=Kind.EXACT,
    symbol=t_away,
    value=sp.log(
        (m * gamma_u * (2 + eta * gamma_u) * R**2 + eta * c_u)
        / (m * gamma_u * (2 + eta * gamma_u) * delta_u**2 + eta * c_u)
    )
    / (2 * sp.log(1 + eta * gamma_u)),
    parameters=words(eta, m, gamma_u, c_u, delta_u, R),
    domain=(delta_u**2 < R**2, c_u + delta_u**2 > 0),
    assumptions=(
        "the curvature along the direction is -gamma and the noise independent of the parameters",
        "the number of steps is counted as a real number",
    ),
    process=saddle,
    observable=MeanSquareEscape(),
    points=UNSTABLE + AT_REST,
    sources=(
        Source("lee2016", "section 3", "there the course of gradient descent, from which the case c = 0 follows"),
    ),
)
