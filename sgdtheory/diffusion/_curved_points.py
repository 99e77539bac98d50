"""Where results about a bowl that is not quadratic are checked: from far out, where it is steep, half of the way down.

Batches are so large that what noise does beyond the first order is lost in a simulation's standard error.
"""

from sympy import Rational

from sgdtheory.processes.process import point

BOWLS = (
    point(
        learning_rate=Rational(1, 10),
        batch_size=500,
        curvature=Rational(1, 2),
        quartic_coefficient=Rational(1, 3),
        isotropic_noise=Rational(3, 5),
        curvature_spread=Rational(2, 7),
        displacement=2,
        steps=9,
    ),
    point(
        learning_rate=Rational(1, 8),
        batch_size=800,
        curvature=Rational(2, 5),
        quartic_coefficient=Rational(3, 4),
        isotropic_noise=Rational(4, 7),
        curvature_spread=Rational(5, 6),
        displacement=-Rational(3, 2),
        steps=14,
    ),
)

FLAT = tuple(
    point(**{**place, "curvature": 0, "displacement": start})
    for place, start in zip(BOWLS, (Rational(9, 5), -Rational(7, 4)), strict=True)
)
