"""Logarithm of the mean time in which the diffusion limit, started at a minimum, first climbs to a distance.

Reads as: LogEscapeIntegral(a) less log(eta lambda), with a = lambda m R^2/(eta c): twice the height lambda R^2/2 that
has to be climbed, over the noise level eta c/m. LogEscapeIntegral(a) is the logarithm of a 2F2(1, 1; 3/2, 2; a), which
is near a for a << 1, where noise alone carries the run there, and near exp(a) for a >> 1.

Fails when: eta lambda is not small, or the noise of a step is not small against the radius: SGD looks at discrete times
only. Beyond the radius the loss may be anything; a smooth barrier, over which half of the runs return, takes longer.
"""

import sympy as sp

from sgdtheory.algebra.exit_integral import LogEscapeIntegral
from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.diffusion._exit_points import WELLS
from sgdtheory.processes.exit_time import ExitTime, stable_diffusion
from sgdtheory.symbols import R, c, eta, lambda_, log_t_out, m, words

log_escape_time = ClosedForm(
    name="diffusion.log_escape_time",
    title="log of the mean steps to climb out of a minimum, exact for the diffusion",
    kind=Kind.EXACT,
    symbol=log_t_out,
    value=LogEscapeIntegral(lambda_ * m * R**2 / (eta * c)) - sp.log(eta) - sp.log(lambda_),
    parameters=words(eta, m, lambda_, c, R),
    domain=(c > 0,),
    assumptions=(
        "time is continuous: the run is the diffusion with the drift and the noise of SGD's step, counted in steps",
        "the curvature is lambda up to the radius and the noise independent of the parameters",
        "the start is the minimum; the first time at the distance R, to either side, counts",
    ),
    process=stable_diffusion,
    observable=ExitTime("steps after which a run from the minimum first reaches the radius", logarithm=True),
    points=WELLS,
    sources=(),
)
