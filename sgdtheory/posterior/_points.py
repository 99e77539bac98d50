"""Where the family's results are checked: unequal curvatures, data sets from small to large against the curvature."""

import sympy as sp
from sympy import Rational

from sgdtheory.processes.preconditioned import point_with_best_preconditioner, point_with_shares
from sgdtheory.processes.process import point

IDENTITY = ((1, 0), (0, 1))
CORRELATED_NOISE = (
    ((2, Rational(6, 5)), (Rational(6, 5), Rational(3, 2))),
    ((1, -Rational(3, 4)), (-Rational(3, 4), Rational(4, 5))),
)
FIRST = {"learning_rate": Rational(3, 10), "batch_size": 4, "curvature": (Rational(1, 2), Rational(9, 5))}
SECOND = {"learning_rate": Rational(4, 5), "batch_size": 3, "curvature": (Rational(2, 5), 2)}

LANGEVIN = (
    point(**FIRST, noise=CORRELATED_NOISE[0], temperature=Rational(1, 5), injected_noise=IDENTITY),
    point(
        **SECOND,
        noise=CORRELATED_NOISE[1],
        temperature=Rational(1, 3),
        injected_noise=((Rational(3, 2), Rational(1, 2)), (Rational(1, 2), Rational(3, 5))),
    ),
)

COOL = tuple(
    point(**{**place, "temperature": place["temperature"] / 5, "injected_noise": IDENTITY}) for place in LANGEVIN
)

COMMUTING = (
    point(**FIRST, dataset_size=200, noise=((2, 0), (0, Rational(3, 2)))),
    point(**{**SECOND, "batch_size": 6}, dataset_size=2, noise=((1, 0), (0, Rational(4, 5)))),
)

SMALL = tuple(point(**{**place, "dataset_size": size}) for place, size in zip(COMMUTING, (5, 2), strict=True))

CORRELATED = (*COMMUTING, point(**FIRST, dataset_size=60, noise=CORRELATED_NOISE[0]))


def of_equal_curvatures(*, curvature, noise, **words):
    """Return a point with as many equal curvatures as the noise has rows, and its invariants."""
    variances = [row[number] for number, row in enumerate(noise)]
    count = len(noise)
    inverse = sp.Matrix(noise).inv().trace()
    traces = {"noise_trace": sum(variances), "inverse_noise_trace": inverse}
    invariants = {"dimension": count, "largest_curvature": curvature, **traces}
    return point(curvature=(curvature,) * count, noise=noise, **invariants, **words)


EQUAL = (
    of_equal_curvatures(batch_size=4, dataset_size=3, curvature=Rational(3, 2), noise=CORRELATED_NOISE[0]),
    of_equal_curvatures(batch_size=2, dataset_size=30, curvature=Rational(2, 5), noise=CORRELATED_NOISE[1]),
)

# Preconditioners with which all directions have one curvature, but not one noise.
LEVELLED = (
    point(
        batch_size=4,
        dataset_size=3,
        dimension=2,
        curvature=(Rational(1, 2), Rational(9, 5)),
        preconditioner=(3, Rational(5, 6)),
        preconditioned_curvature=Rational(3, 2),
        noise=CORRELATED_NOISE[0],
        preconditioned_noise_trace=6 + Rational(5, 4),
    ),
    point(
        batch_size=2,
        dataset_size=30,
        dimension=2,
        curvature=(Rational(2, 5), 2),
        preconditioner=(Rational(5, 4), Rational(1, 4)),
        preconditioned_curvature=Rational(1, 2),
        noise=CORRELATED_NOISE[1],
        preconditioned_noise_trace=Rational(5, 4) + Rational(1, 5),
    ),
)

MATCHED = (
    point_with_best_preconditioner(**FIRST, dataset_size=3, noise=CORRELATED_NOISE[0]),
    point_with_best_preconditioner(**SECOND, dataset_size=12, noise=CORRELATED_NOISE[1]),
)


def in_proportion(covariance, *shares):
    """Return a point with these shares of the posterior's variances, the noise being in proportion to the curvature."""
    return point_with_shares(
        *shares,
        learning_rate=Rational(1, 2),
        batch_size=8,
        dataset_size=2,
        curvature=(Rational(1, 2), 1),
        noise=((4, covariance), (covariance, 8)),
        squared_noise_correlation=Rational(covariance**2, 32),
    )


# The bound is attained at 1 + q and 1 - q with q^2 = 1 - 1/(2 R), here q = 3/5; the second point is the printed choice.
DIAGONAL = (
    in_proportion(5, Rational(8, 5), Rational(2, 5)),
    in_proportion(Rational(28, 5), 1, 1),
    in_proportion(Rational(9, 2), 3, 5),
)
