"""Where the family's results are checked: unequal curvatures, correlated noise.

At the first point both modes oscillate, at the second the sharp one overshoots. Both lie inside the stability limits
of heavy ball and of Nesterov's method.
"""

from sympy import Rational

from sgdtheory.processes.process import point

GENERIC = (
    point(
        learning_rate=Rational(3, 10),
        momentum=Rational(4, 5),
        damping=Rational(1, 5),
        batch_size=4,
        curvature=(Rational(1, 2), Rational(9, 5)),
        noise=((2, Rational(6, 5)), (Rational(6, 5), Rational(3, 2))),
    ),
    point(
        learning_rate=Rational(3, 5),
        momentum=Rational(2, 5),
        damping=Rational(3, 5),
        batch_size=3,
        curvature=(Rational(2, 5), 2),
        noise=((1, -Rational(3, 4)), (-Rational(3, 4), Rational(4, 5))),
    ),
)

# Curvatures far apart, strong correlation, light damping: here momentum changes the shape of the covariance most.
UNEQUAL = point(
    learning_rate=Rational(1, 10),
    momentum=Rational(9, 10),
    damping=Rational(1, 10),
    batch_size=2,
    curvature=(Rational(1, 2), 4),
    noise=((1, Rational(9, 10)), (Rational(9, 10), 1)),
)

ONE_DIMENSION = (
    point(
        learning_rate=Rational(3, 10),
        momentum=Rational(4, 5),
        batch_size=3,
        curvature=Rational(4, 5),
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

# In the robust region, at the fastest rate for its momentum: eta lambda = (1 - sqrt(mu))^2.
ROBUST = point(
    learning_rate=Rational(1, 8), momentum=Rational(1, 4), batch_size=3, curvature=2, data_variance=Rational(5, 3)
)

# The counterexample to a covariance that momentum only rescales: the correlation is five to six times smaller.
LIGHT = point(
    learning_rate=Rational(1, 100),
    momentum=Rational(9, 10),
    damping=Rational(1, 10),
    batch_size=1,
    curvature=(Rational(1, 10), 10),
    noise=((1, Rational(9, 10)), (Rational(9, 10), 1)),
)

STABLE = (
    point(
        momentum=Rational(4, 5),
        largest_curvature=4,
        curvature=(1, 4),
        noise=((2, Rational(1, 2)), (Rational(1, 2), 1)),
        batch_size=3,
    ),
    point(
        momentum=Rational(1, 3),
        largest_curvature=Rational(9, 5),
        curvature=(Rational(9, 5), Rational(1, 2)),
        noise=((1, Rational(1, 2)), (Rational(1, 2), 1)),
        batch_size=5,
    ),
)

# Matrix learning rates P that share no eigenvector with the Hessian; given is the root of P.
MATRIX_RATE = (
    point(**GENERIC[0], rate_root=((2, Rational(1, 2)), (Rational(1, 2), 1))),
    point(**GENERIC[1], rate_root=((1, Rational(-1, 3)), (Rational(-1, 3), Rational(3, 2)))),
)
