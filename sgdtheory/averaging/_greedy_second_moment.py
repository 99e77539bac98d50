"""Mean squared distance from the minimum under the schedule that is best for each next step, one dimension, exact.

Reads as: its inverse grows by m lambda^2/c a step, the information that a batch holds about the minimum. For long it is
c/(m lambda^2 t), the variance that averages of the iterates reach too; with Gaussian noise no unbiased estimate does
better.

Fails when: noise, curvature or the first distance are not what the schedule takes them for.
"""

from sgdtheory.averaging._points import GREEDY
from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.scheduled import scheduled
from sgdtheory.symbols import c, delta, lambda_, m, second_moment, t, words

greedy_second_moment = ClosedForm(
    name="averaging.greedy_second_moment",
    title="mean square under greedy learning rates, one dimension, exact",
    kind=Kind.EXACT,
    symbol=second_moment,
    value=1 / (1 / delta**2 + t * m * lambda_**2 / c),
    parameters=words(m, lambda_, c, delta, t),
    domain=(m > 0, lambda_ > 0, c > 0),
    assumptions=(
        "one parameter; the gradient noise has variance c/m and is independent of the parameters and from step to step",
        "each step has the rate that minimises the expected loss after it, given the noise and the first displacement",
    ),
    process=scheduled,
    observable=Moment("squared distance from the minimum after the schedule", products, time=1, displaced=True),
    points=GREEDY,
    sources=(),
)
