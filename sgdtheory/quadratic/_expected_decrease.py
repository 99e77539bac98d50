"""Expected decrease of the loss in one step at the best learning rate, in any dimension.

Reads as: half of g'g times the best rate; the noise of the batch lowers both alike.

Fails when: the curvature changes along the step, or the rate is another than the best one. The best single step is
not the best beginning of many.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.next_step import BestNextDecrease
from sgdtheory.quadratic._optimal_learning_rate import optimal_learning_rate
from sgdtheory.symbols import decrease, g2, gHg, m, trHC, words

expected_decrease = ClosedForm(
    name="quadratic.expected_decrease",
    title="expected decrease of the loss in the best next step",
    kind=Kind.EXACT,
    symbol=decrease,
    value=g2**2 / (2 * (gHg + trHC / m)),
    parameters=words(g2, gHg, trHC, m),
    domain=optimal_learning_rate.domain,
    assumptions=optimal_learning_rate.assumptions,
    process=additive_noise,
    observable=BestNextDecrease(),
    points=optimal_learning_rate.points,
    sources=(
        Source(
            "mccandlish2018", "the best improvement at batch size B", "Delta L_opt = Delta L_max / (1 + B_noise / B)"
        ),
    ),
)
