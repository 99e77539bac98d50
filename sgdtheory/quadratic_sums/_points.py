"""Where the family's results are checked: few samples with skewed curvatures, both ways to draw a fresh batch.

Curvatures and gradients of the samples are correlated, so that their cross term shows. At the second point the learning
rate is large.
"""

from sympy import Rational

from sgdtheory.processes.process import point
from sgdtheory.processes.sampled_curvature import point_with_samples

FIRST = {
    "learning_rate": Rational(3, 10),
    "momentum": Rational(2, 5),
    "batch_size": 2,
    "sampling": "replacement",
    "curvatures": (1, 2, Rational(1, 2), Rational(5, 2)),
    "gradients": (-2, 3, Rational(-5, 2), Rational(3, 2)),
    "displacement": 2,
    "steps": 3,
}
SECOND = {
    "learning_rate": Rational(7, 10),
    "momentum": Rational(1, 4),
    "batch_size": 2,
    "sampling": "without_replacement",
    "curvatures": (Rational(1, 2), 3, 1, 2, Rational(3, 2)),
    "gradients": (2, -3, Rational(1, 2), -1, Rational(3, 2)),
    "displacement": Rational(-3, 2),
    "steps": 4,
}
ONE_MODE = (point_with_samples(**FIRST), point_with_samples(**SECOND))

SUBSETS = tuple(
    point_with_samples(**{**words, "sampling": "without_replacement", "batch_size": size})
    for words, size in ((FIRST, 3), (SECOND, 2))
)

# The samples' gradients vanish at the minimum: there the mean square goes to zero, or grows.
WITHOUT_NOISE = tuple(
    point_with_samples(**{**words, "gradients": (0,) * len(words["curvatures"])}) for words in (FIRST, SECOND)
)


def _two_modes(**words):
    base = point_with_samples(**words)
    return point(
        **base,
        first_curvature=base["curvature"][0],
        second_curvature=base["curvature"][1],
        curvature_covariance=base["curvature_spread"][0][1],
        gradient_covariance=base["noise"][0][1],
    )


TWO_MODES = (
    _two_modes(
        learning_rate=Rational(3, 10),
        momentum=Rational(2, 5),
        batch_size=2,
        sampling="replacement",
        curvatures=((1, Rational(1, 2)), (2, 1), (Rational(1, 2), Rational(3, 2)), (Rational(5, 2), 2)),
        gradients=((-2, -3), (3, 2), (Rational(-5, 2), Rational(-1, 2)), (Rational(3, 2), Rational(3, 2))),
    ),
    _two_modes(
        learning_rate=Rational(2, 5),
        momentum=Rational(1, 4),
        batch_size=2,
        sampling="without_replacement",
        curvatures=((Rational(1, 2), 2), (3, Rational(1, 2)), (1, 1), (Rational(3, 2), Rational(3, 2))),
        gradients=((2, -1), (-3, 2), (Rational(1, 2), 0), (Rational(1, 2), -1)),
    ),
)


def _bounded(deviations, curvature, batch_size):
    """Return a point whose samples lie about a diagonal Hessian, each deviation with its negative."""
    (a, b), free = curvature, ((0, 0),) * (2 * len(deviations))
    samples = [
        ((a + sign * x, sign * y), (sign * y, b + sign * z)) for x, y, z in deviations for sign in (Rational(1), -1)
    ]
    # The squares of the deviations have no entry off the diagonal, so that their eigenvalues can be read off it.
    if sum(y * (x + z) for x, y, z in deviations) != 0:
        raise TypeError("the mean square of the deviations must be diagonal")
    squares = [sum(entry**2 + y**2 for entry, y in pairs) / len(deviations) for pairs in _columns(deviations)]
    words = {"curvatures": tuple(samples), "gradients": free, "sampling": "replacement", "batch_size": batch_size}
    return point(
        **point_with_samples(**words),
        largest_curvature=max(curvature),
        smallest_curvature=min(curvature),
        largest_variability=max(squares),
        smallest_variability=min(squares),
    )


def _columns(deviations):
    """Return, for each of the two directions, the pairs of a diagonal and the other entry."""
    return [(x, y) for x, y, _ in deviations], [(z, y) for _, y, z in deviations]


# Equal curvatures with equal variability attain the bounds; the other points are far from that.
LARGE_BATCHES = (
    _bounded(((Rational(1, 2), 0, Rational(1, 2)),), (Rational(3, 2), Rational(3, 2)), 2),
    _bounded(((Rational(3, 2), 0, Rational(1, 2)), (0, Rational(1, 2), 0)), (2, Rational(3, 2)), 2),
)
SMALL_BATCHES = (
    _bounded(((Rational(5, 2), 0, Rational(5, 2)),), (Rational(3, 2), Rational(3, 2)), 2),
    _bounded(((5, 0, 4), (0, 1, 0)), (2, Rational(1, 2)), 2),
)
