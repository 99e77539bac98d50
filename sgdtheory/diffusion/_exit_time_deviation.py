"""Standard deviation of the time in which the diffusion limit, started at a saddle point, first reaches a distance.

Reads as: ExitVariance(a)^(1/2) over eta gamma, with a = gamma m R^2/(eta c): for a << 1, where noise alone carries the
run there, (2/3)^(1/2) of the mean time R^2 m/(eta c); for a >> 1 it grows no further while the mean grows like log(a).

Fails when: eta gamma is not small, or the noise of a step is not small against the radius: the diffusion is then not
SGD, see diffusion.exit_time.
"""

import sympy as sp

from sgdtheory.algebra.exit_variance import ExitVariance
from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.diffusion._exit_points import EXITS
from sgdtheory.diffusion._exit_time import exit_time
from sgdtheory.processes.exit_time import ExitDeviation, unstable_diffusion
from sgdtheory.symbols import R, c_u, deviation_t_exit, eta, gamma_u, m, words

exit_time_deviation = ClosedForm(
    name="diffusion.exit_time_deviation",
    title="standard deviation of the steps to leave a saddle point, exact for the diffusion",
    kind=Kind.EXACT,
    symbol=deviation_t_exit,
    value=sp.sqrt(ExitVariance(gamma_u * m * R**2 / (eta * c_u))) / (eta * gamma_u),
    parameters=words(eta, m, gamma_u, c_u, R),
    domain=exit_time.domain,
    assumptions=exit_time.assumptions,
    process=unstable_diffusion,
    observable=ExitDeviation(),
    points=EXITS,
    sources=(),
)
