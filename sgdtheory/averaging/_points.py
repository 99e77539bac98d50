"""Where the family's results are checked: unequal curvatures, correlated noise, averages of different lengths.

The sums over all lags are checked up to a horizon at which what is left out is below 5e-11 of them; the modes forget
quickly enough for that, and slowly enough that eta lambda is not near one.
"""

from sympy import Rational

from sgdtheory.processes.process import point
from sgdtheory.processes.scheduled import point_of_a_cycle, point_with_greedy_rates

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
        learning_rate=Rational(3, 5),
        batch_size=4,
        curvature=(Rational(151, 100), Rational(73, 40)),
        noise=((2, Rational(6, 5)), (Rational(6, 5), Rational(3, 2))),
        horizon=10,
    ),
    point(
        learning_rate=Rational(7, 10),
        batch_size=3,
        curvature=(Rational(13, 10), Rational(31, 20)),
        noise=((Rational(9, 8), -Rational(3, 4)), (-Rational(3, 4), Rational(4, 5))),
        horizon=10,
    ),
)

# The run forgets so quickly that a short window is already long.
FORGETFUL_WINDOW = (
    point(
        learning_rate=Rational(8, 9),
        batch_size=4,
        curvature=(1, Rational(9, 7)),
        noise=((2, Rational(6, 5)), (Rational(6, 5), Rational(3, 2))),
        window=8,
    ),
)

# The modes turn, so that what is left of a step falls by the root of the momentum.
FORGETFUL_WITH_MOMENTUM = (
    point(
        learning_rate=Rational(3, 5),
        momentum=Rational(1, 110),
        batch_size=4,
        curvature=(Rational(7, 5), Rational(39, 20)),
        noise=((2, Rational(6, 5)), (Rational(6, 5), Rational(3, 2))),
        horizon=10,
    ),
    point(
        learning_rate=Rational(7, 10),
        momentum=Rational(1, 130),
        batch_size=3,
        curvature=(Rational(61, 50), Rational(83, 50)),
        noise=((Rational(9, 8), -Rational(3, 4)), (-Rational(3, 4), Rational(4, 5))),
        horizon=10,
    ),
)

# Of the second cycle one rate alone would be unstable.
CYCLES = (
    point_of_a_cycle(
        Rational(3, 5),
        Rational(1, 5),
        batch_size=4,
        curvature=(Rational(1, 2), Rational(9, 5)),
        noise=((2, Rational(6, 5)), (Rational(6, 5), Rational(3, 2))),
        window=4,
    ),
    point_of_a_cycle(
        Rational(6, 5),
        Rational(1, 4),
        batch_size=3,
        curvature=(Rational(2, 5), 2),
        noise=((1, -Rational(3, 4)), (-Rational(3, 4), Rational(4, 5))),
        window=3,
    ),
)

GREEDY = (
    point_with_greedy_rates(3, batch_size=4, curvature=Rational(3, 2), noise=3, displacement=Rational(3, 5)),
    point_with_greedy_rates(4, batch_size=2, curvature=Rational(2, 5), noise=Rational(5, 4), displacement=-2),
)
