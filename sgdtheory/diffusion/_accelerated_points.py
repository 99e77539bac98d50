"""Where accelerated SGD is checked: unequal curvatures, correlated noise, after even and odd numbers of steps."""

from sympy import Rational

from sgdtheory.processes.accelerated import accelerated_point

ACCELERATED = (
    accelerated_point(
        time_step=Rational(1, 3),
        batch_size=4,
        curvature=(Rational(1, 2), Rational(9, 5)),
        noise=((2, Rational(6, 5)), (Rational(6, 5), Rational(3, 2))),
        displacement=(1, 1),
        steps=5,
    ),
    accelerated_point(
        time_step=Rational(1, 2),
        batch_size=3,
        curvature=(Rational(2, 5), Rational(7, 3)),
        noise=((1, -Rational(3, 4)), (-Rational(3, 4), Rational(4, 5))),
        displacement=(1, 1),
        steps=4,
    ),
)
# A run whose noise is not lost beside its mean, however small the learning rate.
NOISY = accelerated_point(
    time_step=Rational(1, 3), batch_size=1, curvature=(Rational(1, 2),), noise=((200,),), displacement=(1,), steps=5
)

# Long runs: what still oscillates after so many steps is too small to disturb an extrapolation.
LONG = (
    accelerated_point(
        time_step=Rational(1, 4),
        batch_size=4,
        curvature=(Rational(12, 5), 5),
        noise=((2, Rational(6, 5)), (Rational(6, 5), Rational(3, 2))),
        steps=60,
    ),
    accelerated_point(
        time_step=Rational(1, 5),
        batch_size=3,
        curvature=(3,),
        noise=((Rational(7, 5),),),
        steps=80,
    ),
)
