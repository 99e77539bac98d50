"""Standard deviation of the time in which the diffusion limit leaves a saddle point, for noise that is weak.

Reads as: 1.11 times, pi over the root of eight, the time 1/(eta gamma) in which a displacement grows by e, whatever the
noise and the distance. Noise sets the size and the sign from which a run grows, a Gaussian one, and nothing later: the
time is log(R/|z|)/(eta gamma), and log|z| has the variance pi^2/8. The mean is diffusion.exit_time_weak_noise. For SGD
itself log(1 + eta gamma) stands for eta gamma.

Fails when: the noise is so strong that a = gamma m R^2/(eta c) is not large: the deviation is then smaller, by the
share 2/(pi^2 a) at first.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.diffusion._exit_time_deviation import exit_time_deviation
from sgdtheory.processes.exit_time import unstable_diffusion
from sgdtheory.symbols import R, c_u, deviation_t_exit, eta, gamma_u, m, words

exit_time_deviation_weak_noise = ClosedForm(
    name="diffusion.exit_time_deviation_weak_noise",
    title="standard deviation of the steps to leave a saddle point, weak noise",
    kind=Kind.ASYMPTOTIC,
    symbol=deviation_t_exit,
    value=sp.pi / (2 * sp.sqrt(2) * eta * gamma_u),
    parameters=words(eta, m, gamma_u, c_u, R),
    domain=exit_time_deviation.domain,
    assumptions=("the noise is weak", *exit_time_deviation.assumptions),
    process=unstable_diffusion,
    observable=exit_time_deviation.observable,
    points=exit_time_deviation.points,
    sources=(),
    limit=Limit(exact=exit_time_deviation, small=c_u),
)
