"""Variance of accelerated SGD over long runs with a small learning rate: it grows with the steps, and then it settles.

Reads as: with T = eta lambda t it is C/(2 m lambda^2) times 1 - 3/T + 6/T^2 - 6 (1 - exp(-T))/T^3: times T/4 at first,
as the differential equation says, and times one at last. Where it ends does not depend on the learning rate: half the
variance of the minimum of a batch. The equation lacks the damping by eta lambda a step, which comes of taking the
gradient at the look-ahead point.

Fails when: the learning rate is not small. As t grows the momentum tends to one, and the run to what
momentum.nesterov_iterate_covariance says at mu = 1.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.diffusion._accelerated_points import LONG
from sgdtheory.diffusion._accelerated_variance_growth import accelerated_variance_growth
from sgdtheory.processes.accelerated import accelerated
from sgdtheory.processes.accelerated_limits import LimitOfVariance
from sgdtheory.symbols import C_ii, V_t_i, h, lambda_i, m, t, words

accelerated_variance_settling = ClosedForm(
    name="diffusion.accelerated_variance_settling",
    title="variance of accelerated SGD over long runs, limit of small learning rates",
    kind=Kind.EXACT,
    symbol=V_t_i,
    value=accelerated_variance_growth.value * sp.hyper([1], [5], -(h**2) * lambda_i * t),
    parameters=words(h, m, lambda_i, C_ii, t),
    domain=(h > 0, m > 0, lambda_i > 0, t >= 0),
    assumptions=(
        "the variance is the limit of the discrete one as h tends to zero at fixed h^2 t",
        "the Hessian is constant and the gradient noise independent of the parameters and from step to step",
        "the learning rate is h^2 and the momentum (t - 1)/(t + 2) after t steps",
    ),
    process=accelerated,
    observable=LimitOfVariance(
        "variance along each mode from a fixed start, its limit for small h at fixed h^2 t", 7, slow=True
    ),
    points=LONG,
    sources=(),
)
