"""Where the family's results are checked: unequal curvatures, correlated noise, averages of different lengths.

The sums over all lags are checked up to a horizon at which what is left out is below 1e-11; there the modes forget
quickly.
"""

from sympy import Rational

from sgdtheory.processes.process import point

GENERIC = (
    point(
        learning_rate=Rational(1, 2),
        momentum=Rational(2, 5),
        batch_size=4,
        curvature=(Rational(1, 2), Rational(9, 5)),
        noise=((2, Rational(6, 5)), (Rational(6, 5), Rational(3, 2))),
        averaging_weight=Rational(1, 3),
        averaging_decay=Rational(2, 3),
        window=5,
    ),
    point(
        learning_rate=Rational(4, 5),
        momentum=Rational(1, 5),
        batch_size=3,
        curvature=(Rational(2, 5), 2),
        noise=((1, -Rational(3, 4)), (-Rational(3, 4), Rational(4, 5))),
        averaging_weight=Rational(3, 5),
        averaging_decay=Rational(2, 5),
        window=4,
    ),
)

FORGETFUL = (
    point(
        learning_rate=Rational(1, 2),
        momentum=Rational(1, 40000),
        batch_size=4,
        curvature=(Rational(199, 100), Rational(201, 100)),
        noise=((2, Rational(6, 5)), (Rational(6, 5), Rational(3, 2))),
        horizon=4,
    ),
    point(
        learning_rate=Rational(4, 5),
        momentum=Rational(1, 50000),
        batch_size=3,
        curvature=(Rational(249, 200), Rational(251, 200)),
        noise=((1, -Rational(3, 4)), (-Rational(3, 4), Rational(4, 5))),
        horizon=4,
    ),
)
