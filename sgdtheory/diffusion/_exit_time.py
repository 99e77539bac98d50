"""Mean time in which the diffusion limit, started at a saddle point, first reaches a distance along one direction.

Reads as: ExitIntegral(a) over eta gamma, with a = gamma m R^2/(eta c), the squared radius in units in which noise and
instability balance, and ExitIntegral(a) = a 2F2(1, 1; 3/2, 2; -a). For a << 1 noise alone carries the run there, in the
time R^2 m/(eta c); for a >> 1 the time is logarithmic in a.

Fails when: eta gamma is not small, or the noise of a step is not small against the radius: SGD leaves later. It
grows by the factor 1 + eta gamma a step, which is less than exp(eta gamma), and it looks at discrete times only: half a
step where noise is weak, and where it is strong what it takes to go 0.58 standard deviations of a step further.
"""

from sgdtheory.algebra.exit_integral import ExitIntegral
from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.diffusion._exit_points import EXITS
from sgdtheory.processes.exit_time import ExitTime, unstable_diffusion
from sgdtheory.symbols import R, c_u, eta, gamma_u, m, t_exit, words

exit_time = ClosedForm(
    name="diffusion.exit_time",
    title="mean steps to leave a saddle point, exact for the diffusion",
    kind=Kind.EXACT,
    symbol=t_exit,
    value=ExitIntegral(gamma_u * m * R**2 / (eta * c_u)) / (eta * gamma_u),
    parameters=words(eta, m, gamma_u, c_u, R),
    domain=(c_u > 0,),
    assumptions=(
        "time is continuous: the run is the diffusion with the drift and the noise of SGD's step, counted in steps",
        "the curvature along the direction is -gamma and the noise independent of the parameters",
        "the start is the saddle point; the first time at the distance R, to either side, counts",
    ),
    process=unstable_diffusion,
    observable=ExitTime(),
    points=EXITS,
    sources=(),
)
