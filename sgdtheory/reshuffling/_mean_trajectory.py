"""Mean of the parameters after t steps of shuffled epochs: no trace of the order is left in it.

Reads as: with one Hessian for all samples the mean moves as that of gradient descent, whichever way batches are drawn.

Fails when: samples differ in curvature: the mean then settles beside the minimum.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.forms import deviations
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling._points import GENERIC
from sgdtheory.symbols import delta_i, eta, lambda_i, mean_i, t, words

mean_trajectory = ClosedForm(
    name="reshuffling.mean_trajectory",
    title="mean after t steps of shuffled epochs, exact",
    kind=Kind.EXACT,
    symbol=mean_i,
    value=(1 - eta * lambda_i) ** t * delta_i,
    parameters=words(eta, lambda_i, delta_i, t),
    domain=(
        eta > 0,
        t >= 0,
    ),
    assumptions=(
        "all samples share one Hessian; their gradients at its minimum have the covariance C, with the divisor D",
        "each epoch is a fresh permutation of the data, cut into M batches of the same size",
    ),
    process=sampled_quadratics,
    observable=Moment("mean of the parameters after t steps", deviations, time="steps", displaced=True),
    points=GENERIC,
    sources=(),
)
