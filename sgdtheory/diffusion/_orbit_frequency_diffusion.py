"""Frequency of the current's orbits in the diffusion limit for two modes, over the time eta of a step.

Reads as: |Q_12| sqrt(det U) per unit of the time eta t. Learning rate and batch size set the size of an orbit, not the
time that it takes.

Fails when: eta lambda is not small.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.diffusion._orbit_frequency import orbit_frequency
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import R_12, eta, lambda_1, lambda_2, omega, words

orbit_frequency_diffusion = ClosedForm(
    name="diffusion.orbit_frequency_diffusion",
    title="frequency of the stationary current's orbits, two modes, diffusion limit",
    kind=Kind.ASYMPTOTIC,
    symbol=omega,
    value=eta
    * sp.Abs(lambda_1 - lambda_2)
    * sp.sqrt(R_12 * lambda_1 * lambda_2 / ((lambda_1 + lambda_2) ** 2 - 4 * R_12 * lambda_1 * lambda_2)),
    parameters=words(eta, lambda_1, lambda_2, R_12),
    domain=(R_12 < 1,),
    assumptions=(
        "two modes; the Hessian is constant and the noise independent of the parameters",
        "the learning rate is small against both 1/lambda",
    ),
    process=additive_noise,
    observable=orbit_frequency.observable,
    points=orbit_frequency.points,
    sources=(Source("chaudhari2018", "eq. (13), dx/dt = j(x)", "j = -Q U x; time counts eta times steps"),),
    limit=Limit(exact=orbit_frequency, small=eta),
)
