"""Where currents of two modes are checked: strongly correlated noise, curvatures far apart; and noise of rank one."""

from sympy import Rational

from sgdtheory.processes.process import point


def of_two_modes(*, curvature, noise, **words):
    """Return a point with the invariants of its two modes."""
    (first, cross), (_, second) = noise
    return point(
        curvature=curvature,
        noise=noise,
        first_curvature=curvature[0],
        second_curvature=curvature[1],
        first_noise=first,
        second_noise=second,
        squared_noise_correlation=Rational(cross) ** 2 / (Rational(first) * Rational(second)),
        **words,
    )


CORRELATED = (
    of_two_modes(
        learning_rate=Rational(1, 2),
        batch_size=4,
        curvature=(Rational(9, 5), Rational(3, 10)),
        noise=((2, Rational(8, 5)), (Rational(8, 5), Rational(3, 2))),
    ),
    of_two_modes(
        learning_rate=Rational(4, 5),
        batch_size=3,
        curvature=(2, Rational(2, 5)),
        noise=((1, -Rational(4, 5)), (-Rational(4, 5), Rational(5, 4))),
    ),
)

RANK_ONE = (
    of_two_modes(
        learning_rate=Rational(3, 10),
        batch_size=4,
        curvature=(Rational(9, 5), Rational(1, 2)),
        noise=((4, 3), (3, Rational(9, 4))),
    ),
    of_two_modes(
        learning_rate=Rational(4, 5),
        batch_size=3,
        curvature=(2, Rational(2, 5)),
        noise=((1, -Rational(5, 4)), (-Rational(5, 4), Rational(25, 16))),
    ),
)
