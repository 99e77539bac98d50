"""Where the family's results are checked: unequal curvatures, correlated noise, modes that forget quickly."""

from sympy import Rational

from sgdtheory.processes.process import point
from sgdtheory.processes.sampled_curvature import point_with_samples

GENERIC = (
    point(
        learning_rate=Rational(3, 10),
        momentum=Rational(3, 5),
        batch_size=4,
        curvature=(Rational(3, 2), Rational(12, 5)),
        noise=((2, Rational(6, 5)), (Rational(6, 5), Rational(3, 2))),
    ),
    point(
        learning_rate=Rational(4, 5),
        momentum=Rational(1, 5),
        batch_size=3,
        curvature=(Rational(4, 5), 2),
        noise=((1, -Rational(3, 4)), (-Rational(3, 4), Rational(4, 5))),
    ),
)

# With a momentum above and one below one half, so that successive gradients agree at one point and not at the other.
SWINGING = (
    point(
        learning_rate=Rational(2, 5),
        momentum=Rational(4, 5),
        batch_size=4,
        curvature=(Rational(3, 4), Rational(6, 5)),
        noise=((2, Rational(6, 5)), (Rational(6, 5), Rational(3, 2))),
    ),
    GENERIC[1],
)

ONE_DIMENSION = (
    point(
        learning_rate=Rational(3, 10),
        momentum=Rational(3, 5),
        batch_size=3,
        curvature=Rational(8, 5),
        data_variance=Rational(7, 2),
    ),
    point(
        learning_rate=Rational(7, 10),
        momentum=Rational(1, 3),
        batch_size=2,
        curvature=2,
        data_variance=Rational(5, 3),
    ),
)

# Samples that share no eigenvectors; curvatures and gradients are correlated.
RANDOM_CURVATURE = (
    point_with_samples(
        learning_rate=Rational(3, 10),
        momentum=Rational(2, 5),
        batch_size=2,
        sampling="replacement",
        curvatures=(
            ((1, Rational(1, 2)), (Rational(1, 2), 2)),
            ((2, Rational(-1, 2)), (Rational(-1, 2), 1)),
            ((Rational(3, 2), Rational(1, 4)), (Rational(1, 4), Rational(3, 2))),
            ((Rational(1, 2), Rational(-1, 4)), (Rational(-1, 4), Rational(1, 2))),
        ),
        gradients=((-2, -3), (3, 2), (Rational(-5, 2), Rational(-1, 2)), (Rational(3, 2), Rational(3, 2))),
    ),
    point_with_samples(
        learning_rate=Rational(2, 5),
        momentum=Rational(1, 4),
        batch_size=2,
        sampling="without_replacement",
        curvatures=(
            ((Rational(1, 2), Rational(1, 3)), (Rational(1, 3), 2)),
            ((2, 0), (0, Rational(1, 2))),
            ((1, Rational(-1, 3)), (Rational(-1, 3), 1)),
            ((Rational(3, 2), 0), (0, Rational(5, 2))),
        ),
        gradients=((2, -1), (-3, 2), (Rational(1, 2), 0), (Rational(1, 2), -1)),
    ),
)
RANDOM_CURVATURE_IN_ONE_DIMENSION = (
    point_with_samples(
        learning_rate=Rational(3, 10),
        momentum=Rational(2, 5),
        batch_size=2,
        sampling="replacement",
        curvatures=(1, 2, Rational(1, 2), Rational(5, 2)),
        gradients=(-2, 3, Rational(-5, 2), Rational(3, 2)),
    ),
    point_with_samples(
        learning_rate=Rational(3, 5),
        momentum=Rational(1, 4),
        batch_size=2,
        sampling="without_replacement",
        curvatures=(Rational(1, 2), 3, 1, 2, Rational(3, 2)),
        gradients=(2, -3, Rational(1, 2), -1, Rational(3, 2)),
    ),
)
