"""Second fluctuation-dissipation relation with momentum where samples differ in their curvature.

Reads as: E|grad L|^2 = ((1 + mu)/(2 eta)) E[(theta' - theta)' H (theta' - theta)]: with momentum it is the steps that
stand in a fixed ratio to the full gradient, and not the batch gradients.

Fails when: the run is not stationary; when batches come from shuffled epochs and depend on those before.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.fluctuation_dissipation._points import RANDOM_CURVATURE
from sgdtheory.processes.looks import four_in_a_row, gradient_norm, over, step_curvature
from sgdtheory.processes.observables import Moment, Ratio
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_momentum
from sgdtheory.symbols import eta, mu, second_step_ratio, words

second_relation_random_curvature_with_momentum = ClosedForm(
    name="fluctuation_dissipation.second_relation_random_curvature_with_momentum",
    title="second fluctuation-dissipation relation with momentum, random curvature",
    kind=Kind.EXACT,
    symbol=second_step_ratio,
    value=2 * eta / (1 + mu),
    parameters=words(eta, mu),
    domain=(mu < 1,),
    assumptions=(
        "the run is stationary, with finite second moments",
        "each sample's loss is quadratic, with a curvature of its own",
        "a batch is independent of the parameters at which its gradient is taken",
    ),
    process=sampled_curvature_with_momentum,
    observable=Ratio(
        Moment(
            "curvature along a step over the squared gradient, stationary",
            over(step_curvature, gradient_norm),
            lag=four_in_a_row,
        )
    ),
    points=RANDOM_CURVATURE,
    sources=(),
)
