"""Where the family's results are checked: unequal curvatures, correlated noise; modes that overshoot and turn."""

from sympy import Rational

from sgdtheory.processes.process import point

ONE_STEP = (
    point(
        learning_rate=Rational(3, 10),
        batch_size=4,
        delay=1,
        curvature=(Rational(1, 2), Rational(9, 5)),
        noise=((2, Rational(6, 5)), (Rational(6, 5), Rational(3, 2))),
    ),
    point(
        learning_rate=Rational(2, 5),
        batch_size=3,
        delay=1,
        curvature=(Rational(2, 5), 2),
        noise=((1, -Rational(3, 4)), (-Rational(3, 4), Rational(4, 5))),
    ),
)

DELAYED = (
    point(learning_rate=Rational(3, 10), batch_size=3, delay=2, curvature=Rational(4, 5), data_variance=Rational(7, 2)),
    point(learning_rate=Rational(1, 5), batch_size=2, delay=3, curvature=Rational(7, 5), data_variance=Rational(5, 3)),
    point(learning_rate=Rational(1, 3), batch_size=2, delay=1, curvature=2, data_variance=Rational(5, 3)),
)

DELAYED_STABLE = (
    point(
        delay=1,
        largest_curvature=4,
        curvature=(1, 4),
        noise=((2, Rational(1, 2)), (Rational(1, 2), 1)),
        batch_size=30,
    ),
    point(
        delay=3,
        largest_curvature=Rational(9, 5),
        curvature=(Rational(9, 5),),
        noise=((1,),),
        batch_size=30,
    ),
)

WORKERS = (
    point(
        learning_rate=Rational(3, 10), batch_size=3, workers=3, curvature=Rational(4, 5), data_variance=Rational(7, 2)
    ),
    point(learning_rate=Rational(2, 7), batch_size=2, workers=2, curvature=2, data_variance=Rational(5, 3)),
)

# Steps so small that which worker comes next adds little to the spread.
MOVING = (
    point(
        learning_rate=Rational(1, 5),
        batch_size=500,
        workers=3,
        curvature=Rational(4, 5),
        data_variance=1,
        displacement=20,
        steps=2,
    ),
    point(
        learning_rate=Rational(1, 10),
        batch_size=500,
        workers=2,
        curvature=2,
        data_variance=1,
        displacement=-20,
        steps=1,
    ),
)

WITHOUT_NOISE = (
    point(workers=2, curvature=Rational(9, 5), noise=((0,),), displacement=1),
    point(workers=3, curvature=Rational(4, 5), noise=((0,),), displacement=1),
)
