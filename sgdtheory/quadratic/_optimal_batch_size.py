"""Batch size with the largest expected decrease per cost, when a step costs c0 + c1 m.

Reads as: the geometric mean of the noise scale tr(HC)/g'Hg and of the cost ratio c0/c1; without a cost per step,
the smallest batch is best.

Fails when: the learning rate is not chosen anew for each batch size, or a step's cost is not affine in m, as where
samples run in parallel; without replacement the noise falls faster than 1/m. A value below one means a batch of one.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.additive_noise import additive_noise, point_with_invariants
from sgdtheory.processes.next_step import BestNextBatch
from sgdtheory.symbols import c0, c1, gHg, m_star, trHC, words

optimal_batch_size = ClosedForm(
    name="quadratic.optimal_batch_size",
    title="best batch size for the next step",
    kind=Kind.EXACT,
    symbol=m_star,
    value=sp.sqrt(c0 * trHC / (c1 * gHg)),
    parameters=words(gHg, trHC, c0, c1),
    domain=(gHg > 0, trHC > 0, c0 > 0, c1 > 0),
    assumptions=(
        "the learning rate is the best one for each batch size",
        "a step costs c0 + c1 m and the batch size is taken as a real number",
        "batches are drawn with replacement or from an endless stream",
    ),
    process=additive_noise,
    observable=BestNextBatch(),
    points=(
        point_with_invariants(
            curvature=("1/2", "9/5"),
            noise=((20, 12), (12, 15)),
            displacement=(3, -2),
            cost_per_step=10,
            cost_per_sample="1/2",
        ),
        point_with_invariants(
            curvature=("2/5", 2),
            noise=((1, "-3/4"), ("-3/4", "4/5")),
            displacement=(-1, "3/4"),
            cost_per_step=6,
            cost_per_sample=1,
        ),
    ),
    sources=(),
)
