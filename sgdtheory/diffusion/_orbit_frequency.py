"""Frequency of the stationary current's orbits, exact for two modes, in radians per step.

Reads as: where a run stands, its next step less its last one, on the average, goes round the minimum on an ellipse of
constant density. It is half the difference of the modes' decay factors times r/sqrt(1 - r^2), with r the correlation
of the parameters along both. All modes decay without turning, so that this frequency is no peak in any spectrum.

Fails when: modes have one curvature or uncorrelated noise: there is no orbit; the formula gives zero.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.diffusion._current_points import CORRELATED
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.currents import OrbitFrequency
from sgdtheory.symbols import R_12, eta, lambda_1, lambda_2, omega, words

spread = R_12 * lambda_1 * lambda_2 * (2 - eta * lambda_1) * (2 - eta * lambda_2)

orbit_frequency = ClosedForm(
    name="diffusion.orbit_frequency",
    title="frequency of the stationary current's orbits, two modes, exact",
    kind=Kind.EXACT,
    symbol=omega,
    value=eta
    * sp.Abs(lambda_1 - lambda_2)
    / 2
    * sp.sqrt(spread / ((lambda_1 + lambda_2 - eta * lambda_1 * lambda_2) ** 2 - spread)),
    parameters=words(eta, lambda_1, lambda_2, R_12),
    domain=(R_12 < 1, eta * lambda_1 < 2, eta * lambda_2 < 2),
    assumptions=(
        "two modes; the Hessian is constant",
        "the noise is independent of the parameters and from step to step",
    ),
    process=additive_noise,
    observable=OrbitFrequency(),
    points=CORRELATED,
    sources=(Source("chaudhari2018", "eq. (13), dx/dt = j(x)", "for a quadratic loss; its orbits as eta -> 0"),),
)
