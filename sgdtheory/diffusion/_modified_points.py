"""Where what lies between SGD and its stochastic differential equation is checked.

At the second point SGD itself would diverge along the sharp mode (learning rate times curvature 2.4).
"""

from sympy import Rational

from sgdtheory.processes.process import point

AMPLIFIED = (
    point(
        learning_rate=Rational(3, 5),
        amplification=5,
        batch_size=4,
        curvature=(Rational(1, 2), Rational(9, 5)),
        noise=((2, Rational(6, 5)), (Rational(6, 5), Rational(3, 2))),
        steps=6,
    ),
    point(
        learning_rate=Rational(6, 5),
        amplification=Rational(5, 2),
        batch_size=3,
        curvature=(Rational(2, 5), 2),
        noise=((1, -Rational(3, 4)), (-Rational(3, 4), Rational(4, 5))),
        steps=4,
    ),
)

OF_EQUATION = tuple(
    point(**{word: value for word, value in place.items() if word != "amplification"}) for place in AMPLIFIED
)
