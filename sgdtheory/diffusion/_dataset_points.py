"""Where gradient descent on drawn data sets is checked: data of a skewed law, the whole data set in each batch."""

from sympy import Rational

from sgdtheory.processes.sampled_quadratics import point_with_law

LAW = (((-1, 1), Rational(1, 2)), ((2, 0), Rational(1, 4)), ((0, -2), Rational(1, 4)))

WHOLE_DATA = (
    point_with_law(
        learning_rate=Rational(1, 2),
        batch_size=3,
        curvature=(Rational(1, 2), Rational(9, 5)),
        dataset_size=3,
        sampling="without_replacement",
        law=LAW,
        displacement=(3, -2),
        steps=4,
    ),
    point_with_law(
        learning_rate=Rational(3, 4),
        batch_size=2,
        curvature=(Rational(2, 5), Rational(5, 3)),
        dataset_size=2,
        sampling="without_replacement",
        law=LAW,
        displacement=(-2, Rational(5, 2)),
        steps=3,
    ),
)
