"""Second fluctuation-dissipation relation where samples differ in their curvature.

Reads as: E|grad L|^2 = (eta/2) E[g_B' H g_B] in every stationary run, from rates near zero to the edge of mean-square
stability: a gradient-noise interaction of 2/eta tells of stationarity and nothing of an edge.

Fails when: the run is not stationary; when batches come from shuffled epochs and depend on those before.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.fluctuation_dissipation._points import RANDOM_CURVATURE
from sgdtheory.processes.looks import batch_gradient_curvature, four_in_a_row, gradient_norm, over
from sgdtheory.processes.observables import Moment, Ratio
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.symbols import eta, second_ratio, words

second_relation_random_curvature = ClosedForm(
    name="fluctuation_dissipation.second_relation_random_curvature",
    title="second fluctuation-dissipation relation, random curvature",
    kind=Kind.EXACT,
    symbol=second_ratio,
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
            "curvature along the batch gradient over the squared gradient, stationary",
            over(batch_gradient_curvature, gradient_norm),
            lag=four_in_a_row,
            law="learning_rate",
        )
    ),
    points=RANDOM_CURVATURE,
    sources=(
        Source("yaida2019", "second fluctuation-dissipation relation, with the Hessian that a quadratic loss has"),
        Source("andreyev2024", "gradient-noise interaction", "GNI; there a marker of the edge of stability"),
    ),
)
