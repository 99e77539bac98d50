"""Where the family's results are checked: data without symmetry, correlated gradients, whole batches only.

The second point overshoots along its sharp mode (learning rate times curvature above one).
"""

from sympy import Rational

from sgdtheory.processes.process import point
from sgdtheory.processes.sampled_curvature import point_with_samples
from sgdtheory.processes.sampled_quadratics import point_with_data


def _point(**words):
    return point_with_data(sampling="reshuffle", **words)


GENERIC = (
    _point(
        learning_rate=Rational(3, 10),
        batch_size=2,
        batches_per_epoch=3,
        curvature=(Rational(1, 2), Rational(9, 5)),
        data=((1, 2), (2, 0), (4, 3), (8, 1), (-3, -2), (0, 5)),
        displacement=(3, -2),
        phase=1,
        steps=2,
    ),
    _point(
        learning_rate=Rational(3, 5),
        batch_size=1,
        batches_per_epoch=5,
        curvature=(Rational(2, 5), 2),
        data=((0, 1), (1, -2), (3, 1), (Rational(7, 2), 4), (-1, 1)),
        displacement=(-2, Rational(5, 2)),
        phase=3,
        steps=2,
    ),
)

SCALAR = (
    _point(
        learning_rate=Rational(3, 10),
        batch_size=2,
        batches_per_epoch=3,
        curvature=Rational(4, 5),
        data=((1,), (2,), (4,), (8,), (-3,), (0,)),
    ),
    _point(
        learning_rate=Rational(7, 10),
        batch_size=1,
        batches_per_epoch=4,
        curvature=2,
        data=((0,), (1,), (1,), (Rational(7, 2),)),
    ),
)

# Rates at which the end of an epoch is remembered: sharp modes overshoot far.
LAGGED = tuple(
    point(**{**place, "learning_rate": rate, "lag": lag})
    for place, rate, lag in zip(GENERIC, (Rational(9, 10), Rational(4, 5)), (1, 2), strict=True)
)

# No curvature at all: bridges.
FLAT = (
    point_with_samples(
        learning_rate=Rational(1, 2),
        momentum=Rational(2, 5),
        batch_size=1,
        sampling="reshuffle",
        curvatures=((0, 0),) * 4,
        gradients=((1, 2), (-3, 1), (0, -4), (2, 1)),
        steps=2,
    ),
    point_with_samples(
        learning_rate=Rational(3, 2),
        momentum=Rational(3, 5),
        batch_size=2,
        sampling="reshuffle",
        curvatures=((0, 0),) * 6,
        gradients=((1, 0), (2, -1), (-4, 2), (0, 3), (3, -2), (-2, -2)),
        steps=2,
    ),
)

# Samples that differ in curvature, in one dimension.
TWO_BATCHES = (
    point_with_samples(
        learning_rate=Rational(1, 2),
        batch_size=2,
        sampling="reshuffle",
        curvatures=(Rational(1, 2), 2, Rational(1, 4), Rational(5, 4)),
        gradients=(1, -3, Rational(3, 2), Rational(1, 2)),
    ),
    point_with_samples(
        learning_rate=Rational(4, 5),
        batch_size=1,
        sampling="reshuffle",
        curvatures=(2, Rational(1, 2)),
        gradients=(1, -1),
    ),
)
