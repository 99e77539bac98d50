"""First fluctuation-dissipation relation where samples differ in their curvature.

Reads as: E[(theta - theta*)' grad L] = (eta/2) E|g_B|^2 once more: of a batch only its mean gradient enters, so that no
law of curvatures or noise, and no batch size, can change it.

Fails when: the run is not stationary; when batches come from shuffled epochs and depend on those before.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.fluctuation_dissipation._points import RANDOM_CURVATURE
from sgdtheory.processes.looks import batch_gradient_norm, four_in_a_row, over, pull
from sgdtheory.processes.observables import Moment, Ratio
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.symbols import eta, first_ratio, words

first_relation_random_curvature = ClosedForm(
    name="fluctuation_dissipation.first_relation_random_curvature",
    title="first fluctuation-dissipation relation, random curvature",
    kind=Kind.EXACT,
    symbol=first_ratio,
    value=2 / eta,
    parameters=words(eta),
    domain=(),
    assumptions=(
        "the run is stationary, with finite second moments",
        "each sample's loss is quadratic, with a curvature of its own",
        "a batch is independent of the parameters at which its gradient is taken",
    ),
    process=sampled_curvature,
    observable=Ratio(
        Moment(
            "squared batch gradient over the gradient's pull, stationary",
            over(batch_gradient_norm, pull),
            lag=four_in_a_row,
            law="learning_rate",
        )
    ),
    points=RANDOM_CURVATURE,
    sources=(
        Source("yaida2019", "first fluctuation-dissipation relation", "his origin is arbitrary, as E[grad L] = 0"),
    ),
)
