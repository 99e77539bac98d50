"""Gradient flow at a flat minimum, of no curvature: it gets there as a power of the time, whatever the start.

Reads as: by dX/ds = -kappa X^3, 1/X^2 grows by 2 kappa a unit of the time s = eta t: in the end X is
1/sqrt(2 kappa eta t), and the start is forgotten.

Fails when: the minimum has a curvature after all: from s = 1/lambda on that takes over.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.diffusion._curved_flow import curved_flow
from sgdtheory.diffusion._curved_points import FLAT
from sgdtheory.processes.curved_flow import curved_bowl
from sgdtheory.symbols import X_t, delta, eta, kappa_4, t, words

growth = 1 + 2 * delta**2 * eta * kappa_4 * t  # of 1/X^2

curved_flow_flat = ClosedForm(
    name="diffusion.curved_flow_flat",
    title="gradient flow at a flat minimum",
    kind=Kind.EXACT,
    symbol=X_t,
    value=delta / sp.sqrt(growth),
    parameters=words(eta, kappa_4, delta, t),
    domain=(eta > 0, t >= 0),
    assumptions=(
        curved_flow.assumptions[0],
        "the loss at the distance r from its minimum is kappa_4 r^4/4",
    ),
    process=curved_bowl,
    observable=curved_flow.observable,
    points=FLAT,
    sources=(),
)
