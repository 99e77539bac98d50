"""Where results about the learning rates b/1, b/2, b/3, ... are checked."""

from sympy import Rational

from sgdtheory.processes.scheduled import point_with_falling_rates

# The bound is attained where b lambda is one, whatever the start.
FALLING = tuple(
    point_with_falling_rates(
        steps, rate_constant=constant, batch_size=3, curvature=Rational(3, 2), noise=2, displacement=Rational(1, 2)
    )
    for steps, constant in ((3, Rational(2, 3)), (4, 1), (2, Rational(4, 5)))
)

FALLING_FROM_THE_MINIMUM = tuple(
    point_with_falling_rates(steps, rate_constant=constant, batch_size=3, curvature=Rational(3, 2), noise=2)
    for steps, constant in ((3, Rational(2, 3)), (4, 1), (3, Rational(3, 5)))
)

# Where b (lambda_i + lambda_j) is four or more, what the first steps leave is soon forgotten.
FALLING_IN_TWO_MODES = (
    point_with_falling_rates(
        4,
        rate_constant=Rational(3, 2),
        batch_size=4,
        curvature=(Rational(7, 5), Rational(9, 5)),
        noise=((2, Rational(6, 5)), (Rational(6, 5), Rational(3, 2))),
    ),
    point_with_falling_rates(
        5,
        rate_constant=Rational(7, 10),
        batch_size=3,
        curvature=(3, Rational(23, 5)),
        noise=((1, -Rational(3, 4)), (-Rational(3, 4), Rational(4, 5))),
    ),
)

FALLING_FAST = (  # too fast for a law of 1/t along the first mode
    point_with_falling_rates(
        3,
        rate_constant=Rational(2, 3),
        batch_size=2,
        curvature=(Rational(3, 5), 2),
        noise=((2, -Rational(1, 2)), (-Rational(1, 2), Rational(3, 2))),
    ),
)
