"""Where the family's results are checked: unequal curvatures, correlated noise, a start away from the minimum.

The second point overshoots along its sharp mode (learning rate times curvature above one).
"""

from sympy import Rational

from sgdtheory.processes.process import point
from sgdtheory.processes.sampled_quadratics import point_with_data, point_with_law

GENERIC = (
    point(
        learning_rate=Rational(3, 10),
        batch_size=4,
        curvature=(Rational(1, 2), Rational(9, 5)),
        noise=((2, Rational(6, 5)), (Rational(6, 5), Rational(3, 2))),
        displacement=(3, -2),
        steps=5,
        lag=3,
    ),
    point(
        learning_rate=Rational(4, 5),
        batch_size=3,
        curvature=(Rational(2, 5), 2),
        noise=((1, -Rational(3, 4)), (-Rational(3, 4), Rational(4, 5))),
        displacement=(-2, Rational(5, 2)),
        steps=4,
        lag=2,
    ),
)


def data_points(sampling: str) -> tuple:
    """Return points with one given data set of scalars."""
    return (
        point_with_data(
            learning_rate=Rational(3, 10),
            batch_size=3,
            curvature=Rational(4, 5),
            data=((1,), (2,), (4,), (8,), (-3,)),
            sampling=sampling,
        ),
        point_with_data(
            learning_rate=Rational(7, 10),
            batch_size=2,
            curvature=2,
            data=((0,), (1,), (1,), (Rational(7, 2),)),
            sampling=sampling,
        ),
    )


def law_points(sampling: str) -> tuple:
    """Return points whose scalar data sets are drawn from a skewed law of mean zero."""
    return (
        point_with_law(
            learning_rate=Rational(9, 10),
            batch_size=3,
            curvature=Rational(4, 5),
            dataset_size=4,
            sampling=sampling,
            law=(((-1,), Rational(2, 3)), ((2,), Rational(1, 3))),
        ),
        point_with_law(
            learning_rate=Rational(7, 10),
            batch_size=2,
            curvature=2,
            dataset_size=3,
            sampling=sampling,
            law=(((-3,), Rational(1, 4)), ((1,), Rational(3, 4))),
        ),
    )


def vector_law_points(sampling: str) -> tuple:
    """Return points whose data sets of vectors are drawn from a finite law of mean zero."""
    law = (((-1, 1), Rational(1, 2)), ((2, 0), Rational(1, 4)), ((0, -2), Rational(1, 4)))
    return (
        point_with_law(
            learning_rate=Rational(1, 2),
            batch_size=2,
            curvature=(Rational(1, 2), Rational(9, 5)),
            dataset_size=3,
            sampling=sampling,
            law=law,
        ),
        point_with_law(
            learning_rate=Rational(4, 5),
            batch_size=2,
            curvature=(Rational(2, 5), 1),
            dataset_size=4,
            sampling=sampling,
            law=law,
        ),
    )
