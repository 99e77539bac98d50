"""Where results on saddle points are checked: modes of both signs, correlated noise, starts off the saddle point."""

from sympy import Rational

from sgdtheory.processes.process import point

# Two modes, one unstable.
GENERIC = (
    point(
        learning_rate=Rational(3, 10),
        batch_size=4,
        curvature=(Rational(-1, 2), Rational(9, 5)),
        noise=((2, Rational(6, 5)), (Rational(6, 5), Rational(3, 2))),
        displacement=(1, -2),
        steps=5,
    ),
    point(
        learning_rate=Rational(2, 5),
        batch_size=3,
        curvature=(2, Rational(-3, 4)),
        noise=((1, Rational(-3, 4)), (Rational(-3, 4), Rational(4, 5))),
        displacement=(-3, Rational(1, 2)),
        steps=4,
    ),
)

# The unstable direction alone.
UNSTABLE = (
    point(
        learning_rate=Rational(3, 10),
        batch_size=4,
        instability=Rational(3, 5),
        noise=Rational(7, 5),
        displacement=Rational(2, 5),
        radius=3,
        steps=5,
    ),
    point(
        learning_rate=Rational(1, 8),
        batch_size=3,
        instability=2,
        noise=Rational(9, 10),
        displacement=Rational(-1, 10),
        radius=Rational(5, 2),
        steps=4,
    ),
)

# Exactly at the saddle point.
AT_REST = (
    point(
        learning_rate=Rational(1, 5),
        batch_size=5,
        instability=Rational(4, 3),
        noise=Rational(3, 2),
        displacement=0,
        radius=2,
        steps=6,
    ),
)

# Gradient descent from a random start; at the last the radius is small against the starts.
RANDOM_STARTS = (
    point(learning_rate=Rational(1, 4), instability=Rational(6, 5), radius=1, start_deviation=Rational(3, 4), steps=5),
    point(learning_rate=Rational(1, 10), instability=3, radius=Rational(1, 20), start_deviation=2, steps=3),
)

# A coordinate that contracts at first and grows later.
TWO_PHASES = (
    point(
        learning_rate=Rational(1, 10),
        batch_size=4,
        stable_curvature=2,
        instability=1,
        curvature=(2, -1),
        noise=((Rational(1, 100), Rational(1, 200)), (Rational(1, 200), Rational(1, 50))),
        steps=7,
    ),
    point(
        learning_rate=Rational(1, 4),
        batch_size=3,
        stable_curvature=Rational(6, 5),
        instability=Rational(5, 2),
        curvature=(Rational(6, 5), Rational(-5, 2)),
        noise=((Rational(1, 50), Rational(-1, 200)), (Rational(-1, 200), Rational(1, 100))),
        steps=4,
    ),
)

# Noise alike in all directions, and steps enough to find the way down; the first just enough, with eta lambda_max = 1.
FALLING = (
    point(
        learning_rate=Rational(1, 4),
        batch_size=3,
        curvature=(4, Rational(-2299, 1000)),
        largest_curvature=4,
        instability=Rational(2299, 1000),
        isotropic_noise=Rational(6, 5),
        displacement=(0, 0),
        dimension=2,
        steps=2,
    ),
    point(
        learning_rate=Rational(2, 5),
        batch_size=2,
        curvature=(Rational(3, 2), Rational(-4, 5)),
        largest_curvature=Rational(3, 2),
        instability=Rational(4, 5),
        isotropic_noise=1,
        displacement=(Rational(1, 2), Rational(-1, 5)),
        dimension=2,
        steps=5,
    ),
)
