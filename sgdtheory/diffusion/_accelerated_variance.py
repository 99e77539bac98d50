"""Variance of the stochastic differential equation of accelerated SGD at the time s = h t.

Reads as: X'' + (3/s) X' + lambda X = noise of strength h C/m, from rest. It starts as 2 C h s^3/(105 m), before the
curvature acts, and never settles: the friction 3/s dies away while the noise goes on.

Fails when: t reaches 1/(eta lambda), where the discrete method, unlike the equation, settles; h is not small.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.diffusion._accelerated_points import ACCELERATED
from sgdtheory.processes.accelerated import accelerated
from sgdtheory.processes.accelerated_limits import LimitOfVariance
from sgdtheory.symbols import C_ii, V_t_i, h, lambda_i, m, t, words

accelerated_variance = ClosedForm(
    name="diffusion.accelerated_variance",
    title="variance of accelerated SGD, stochastic differential equation",
    kind=Kind.EXACT,
    symbol=V_t_i,
    value=2
    * C_ii
    * h**4
    * t**3
    / (105 * m)
    * sp.hyper([1, 3], [sp.Rational(5, 2), sp.Rational(7, 2), sp.Rational(9, 2)], -(h**2) * lambda_i * t**2),
    parameters=words(h, m, lambda_i, C_ii, t),
    domain=(h > 0, m > 0, lambda_i > 0, t >= 0),
    assumptions=(
        "the variance is that of the differential equation, the limit of the discrete one as h tends to zero at fixed"
        " h t, over h",
        "the Hessian is constant and the gradient noise independent of the parameters and from step to step",
        "the learning rate is h^2 and the momentum (t - 1)/(t + 2) after t steps",
    ),
    process=accelerated,
    observable=LimitOfVariance("variance along each mode from a fixed start, its limit for small h at fixed h t", 8),
    points=ACCELERATED,
    sources=(
        Source(
            "wangwu2020",
            "eqs. (4.35), (4.36) and Example 2",
            "X = X_ode + (delta/m^2)^(1/4) V, delta = h^2, sigma^2 = C; V there as stochastic integrals of J_1 and Y_1,"
            " whose variance is not worked out",
        ),
    ),
)
