"""Where results about special noise are checked: equal to the Hessian, and the same in all directions."""

from sympy import Rational

from sgdtheory.processes.process import point

FIRST = {"learning_rate": Rational(3, 10), "batch_size": 4, "curvature": (Rational(1, 2), Rational(9, 5))}
SECOND = {"learning_rate": Rational(4, 5), "batch_size": 3, "curvature": (Rational(2, 5), 2)}

NOISE_IS_HESSIAN = tuple(
    point(**place, noise=((place["curvature"][0], 0), (0, place["curvature"][1]))) for place in (FIRST, SECOND)
)

ISOTROPIC = tuple(
    point(**place, isotropic_noise=level, noise=((level, 0), (0, level)))
    for place, level in ((FIRST, 2), (SECOND, Rational(3, 4)))
)

TWO_WELLS = (
    point(
        learning_rate=Rational(1, 5),
        batch_size=4,
        first_noise_deviation=6,
        second_noise_deviation=5,
        first_barrier=Rational(9, 8),
        second_barrier=Rational(18, 25),
        first_flare=Rational(1, 3),
        second_flare=Rational(575, 576),
        first_well_curvature=Rational(1, 4),
        second_well_curvature=4,
        first_loss=Rational(1, 3),
    ),
    point(
        learning_rate=Rational(1, 2),
        batch_size=3,
        first_noise_deviation=3,
        second_noise_deviation=3,
        first_barrier=Rational(9, 8),
        second_barrier=Rational(18, 25),
        first_flare=Rational(1, 3),
        second_flare=Rational(575, 576),
        first_well_curvature=Rational(9, 4),
        second_well_curvature=9,
        first_loss=-2,
    ),
)

EQUAL_WELLS = (  # the loss alone prefers neither, and they flare so that Laplace's method is good at once
    point(
        learning_rate=Rational(1, 40),
        batch_size=2,
        first_noise_deviation=3,
        second_noise_deviation=4,
        first_barrier=Rational(3, 20),
        second_barrier=Rational(3, 20),
        first_flare=3,
        second_flare=3,
        first_well_curvature=1,
        second_well_curvature=1,
        first_loss=0,
    ),
)

ACROSS = (  # wells along two parameters, with one noise
    point(
        learning_rate=Rational(1, 2),
        batch_size=3,
        noise_deviation=3,
        first_barrier=Rational(9, 8),
        second_barrier=Rational(18, 25),
        first_flare=Rational(1, 3),
        second_flare=Rational(575, 576),
        first_well_curvature=Rational(9, 4),
        second_well_curvature=9,
        first_barrier_across=Rational(1, 2),
        second_barrier_across=Rational(8, 25),
        first_flare_across=1,
        second_flare_across=Rational(175, 64),
        first_well_curvature_across=Rational(9, 25),
        second_well_curvature_across=Rational(36, 25),
    ),
    point(
        learning_rate=Rational(1, 5),
        batch_size=4,
        noise_deviation=5,
        first_barrier=Rational(8, 25),
        second_barrier=Rational(1, 2),
        first_flare=Rational(175, 64),
        second_flare=1,
        first_well_curvature=Rational(1, 4),
        second_well_curvature=Rational(9, 4),
        first_barrier_across=Rational(9, 8),
        second_barrier_across=Rational(18, 25),
        first_flare_across=Rational(1, 3),
        second_flare_across=Rational(575, 576),
        first_well_curvature_across=Rational(1, 4),
        second_well_curvature_across=1,
    ),
)
