"""Share of the start that is left of the mean after t steps of accelerated SGD, exact: a sum of t/2 terms.

Reads as: a Legendre polynomial in disguise: (1 - eta lambda)^((t+1)/2) times 2 P_t'(sqrt(1 - eta lambda))/(t (t + 1)).
The mean swings, and its swings shrink by momentum that grows: as t^(-3/2) at first, by the factor
(1 - eta lambda)^(1/2) a step once t is longer than 1/(eta lambda).

Fails when: eta lambda_max reaches 1 (the sum is then written otherwise), or the Hessian is not constant.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.diffusion._accelerated_points import ACCELERATED
from sgdtheory.processes.accelerated import accelerated
from sgdtheory.processes.forms import modes
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import h, lambda_i, phi_i, t, words

accelerated_trajectory = ClosedForm(
    name="diffusion.accelerated_trajectory",
    title="mean of accelerated SGD after t steps, exact",
    kind=Kind.EXACT,
    symbol=phi_i,
    value=(1 - h**2 * lambda_i) ** t * sp.hyper([(1 - t) / 2, 1 - t / 2], [2], h**2 * lambda_i / (h**2 * lambda_i - 1)),
    parameters=words(h, lambda_i, t),
    domain=(h > 0, lambda_i > 0, h**2 * lambda_i < 1, t >= 1),
    assumptions=(
        "the Hessian is constant and the gradient noise has mean zero",
        "the learning rate is h^2 and the momentum (t - 1)/(t + 2) after t steps",
    ),
    process=accelerated,
    observable=Moment("mean along each mode over its start", modes, time="steps", displaced=True),
    points=ACCELERATED,
    sources=(
        Source("wangwu2020", "eq. (2.4), the recursion; its solution is not given", "delta = h^2, k = t, x_k = theta"),
    ),
)
