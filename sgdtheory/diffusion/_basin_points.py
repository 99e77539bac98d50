"""Where the noise at which two wells are equally likely is checked: the first is wide and shallow, and the noise one.

At the second point the barriers are six and seven times the temperature.
"""

from sympy import Rational

from sgdtheory.processes.process import point

WIDE_AND_SHALLOW = (
    point(
        batch_size=2,
        noise_deviation=3,
        first_barrier=Rational(9, 8),
        second_barrier=Rational(25, 18),
        first_flare=Rational(8, 27),
        second_flare=Rational(54, 125),
        first_well_curvature=Rational(4, 9),
        second_well_curvature=Rational(16, 9),
    ),
    point(
        batch_size=3,
        noise_deviation=4,
        first_barrier=Rational(361, 200),
        second_barrier=2,
        first_flare=Rational(50, 641),
        second_flare=Rational(50, 641),
        first_well_curvature=1,
        second_well_curvature=4,
    ),
)
