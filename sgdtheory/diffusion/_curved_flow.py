"""Gradient flow of a loss that is not quadratic: where SGD is in the limit of small rates and large batches.

Reads as: far out the steep quartic part brings every start to 1/sqrt(2 kappa s) within the time s = eta t; later on the
curvature at the bottom takes over, and what is left shrinks by exp(-lambda s).

Fails when: eta times the curvature lambda + 3 kappa delta^2 at the start is not small. There gradient
descent gets ahead of the flow, by an error of first order in eta, and it diverges where eta (lambda + kappa delta^2) is
above two.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.diffusion._curved_points import BOWLS
from sgdtheory.processes.curved_flow import POSITION, AboutTheFlow, curved_bowl
from sgdtheory.symbols import X_t, delta, eta, kappa_4, lambda_, t, words

decayed = sp.exp(-2 * eta * lambda_ * t)
excess = delta**2 * kappa_4  # at the start, of the curvature across the flow over that at the bottom

curved_flow = ClosedForm(
    name="diffusion.curved_flow",
    title="gradient flow of a loss that is not quadratic",
    kind=Kind.EXACT,
    symbol=X_t,
    value=delta * sp.exp(-eta * lambda_ * t) / sp.sqrt(1 + excess * (1 - decayed) / lambda_),
    parameters=words(eta, lambda_, kappa_4, delta, t),
    domain=(eta > 0, lambda_ > 0, t >= 0),
    assumptions=(
        "it is the limit of SGD as learning rate and noise tend to zero at a fixed learning rate times steps",
        "the loss at the distance r from its minimum is lambda r^2/2 + kappa_4 r^4/4",
    ),
    process=curved_bowl,
    observable=AboutTheFlow(
        "displacement of gradient flow from the minimum, the limit for small eta at fixed eta t", POSITION
    ),
    points=BOWLS,
    sources=(
        Source(
            "wangwu2020", "eqs. (2.2), (2.3), the flow; no loss like this one is worked out", "delta = eta, t = eta t"
        ),
    ),
)
