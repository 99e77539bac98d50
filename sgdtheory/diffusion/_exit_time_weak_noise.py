"""Mean time in which the diffusion limit leaves a saddle point, for noise that is weak against the distance.

Reads as: (log(R/s) + (Euler's constant + log 2)/2)/(eta gamma) steps with s^2 = eta c/(2 m gamma): logarithmic in the
noise, so that it takes very little. For SGD itself log(1 + eta gamma) stands for eta gamma, s^2 is
eta c/(m gamma (2 + eta gamma)) and half a step is added, up to a ripple in log R that is smaller than
exp(-pi^2/(2 log(1 + eta gamma)))/2.

Fails when: the noise is so strong that a = gamma m R^2/(eta c) is not large: the time is then shorter than the
logarithm says.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.diffusion._exit_time import exit_time
from sgdtheory.processes.exit_time import unstable_diffusion
from sgdtheory.symbols import R, c_u, eta, gamma_u, m, t_exit, words

exit_time_weak_noise = ClosedForm(
    name="diffusion.exit_time_weak_noise",
    title="mean steps to leave a saddle point, weak noise",
    kind=Kind.ASYMPTOTIC,
    symbol=t_exit,
    value=(sp.log(4 * gamma_u * m * R**2 / (eta * c_u)) + sp.EulerGamma) / (2 * eta * gamma_u),
    parameters=words(eta, m, gamma_u, c_u, R),
    domain=exit_time.domain,
    assumptions=("the noise is weak", *exit_time.assumptions),
    process=unstable_diffusion,
    observable=exit_time.observable,
    points=exit_time.points,
    sources=(),
    limit=Limit(exact=exit_time, small=c_u),
)
