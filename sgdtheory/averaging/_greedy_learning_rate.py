"""Learning rate of the step after t steps that minimises the expected loss after it, one dimension, exact.

Reads as: 1/(lambda (t + 1 + c/(m lambda^2 delta^2))): decay as 1/t is no heuristic but the optimum, from a first rate
that the signal-to-noise ratio sets. With delta infinite it is 1/(lambda (t + 1)), which makes the running mean.

Fails when: there are several curvatures: one rate for all cannot be best for each.
"""

from sgdtheory.averaging._points import GREEDY
from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.scheduled import scheduled
from sgdtheory.processes.scheduled_observables import BestRateAfterSchedule
from sgdtheory.symbols import c, delta, eta_t, lambda_, m, t, words

greedy_learning_rate = ClosedForm(
    name="averaging.greedy_learning_rate",
    title="greedy schedule of learning rates, one dimension, exact",
    kind=Kind.EXACT,
    symbol=eta_t,
    value=1 / (lambda_ * (t + 1 + c / (m * lambda_**2 * delta**2))),
    parameters=words(m, lambda_, c, delta, t),
    domain=(m > 0, lambda_ > 0, c >= 0),
    assumptions=(
        "one parameter; the gradient noise has variance c/m and is independent of the parameters and from step to step",
        "the t steps before had such rates too, from the displacement delta",
    ),
    process=scheduled,
    observable=BestRateAfterSchedule(),
    points=GREEDY,
    sources=(),
)
