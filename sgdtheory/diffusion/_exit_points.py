"""Where results on exit times are checked: diffusions that start at a saddle point or at a minimum."""

from sympy import Rational

from sgdtheory.processes.process import point

# A diffusion that starts at the saddle point.
EXITS = (
    point(
        learning_rate=Rational(1, 10),
        batch_size=4,
        instability=Rational(3, 5),
        noise=Rational(7, 5),
        radius=Rational(3, 4),
    ),
    point(learning_rate=Rational(1, 4), batch_size=3, instability=2, noise=Rational(9, 2), radius=Rational(2, 5)),
)

# A diffusion that starts at a minimum, and has a barrier of one to two times the noise's temperature to climb.
WELLS = (
    point(
        learning_rate=Rational(1, 10),
        batch_size=4,
        curvature=Rational(3, 5),
        noise=Rational(7, 5),
        radius=Rational(1, 3),
    ),
    point(learning_rate=Rational(1, 4), batch_size=3, curvature=2, noise=Rational(9, 2), radius=Rational(7, 10)),
)

# Batches so large for the rate that a power of their ratio would be seen.
LARGE_BATCHES = (point(learning_rate=Rational(1, 100), batch_size=16, curvature=1, noise=1, radius=Rational(1, 20)),)
