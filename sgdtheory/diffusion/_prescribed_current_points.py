"""Where results about a stirred diffusion are checked: temperatures 4/5 and 13/10."""

from sympy import Rational

from sgdtheory.processes.process import point

STIRRED = (
    point(learning_rate=Rational(1, 10), batch_size=3, isotropic_noise=48, flow_strength=Rational(3, 2)),
    point(learning_rate=Rational(1, 5), batch_size=4, isotropic_noise=52, flow_strength=Rational(-7, 10)),
)
