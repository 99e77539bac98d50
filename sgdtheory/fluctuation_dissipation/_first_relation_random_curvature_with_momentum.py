"""First fluctuation-dissipation relation with momentum where samples differ in their curvature.

Reads as: E[(theta - theta*)' grad L] = ((1 + mu)/(2 eta)) E|theta' - theta|^2 whatever the law of curvatures and noise,
and whatever the batch size.

Fails when: the run is not stationary; when batches come from shuffled epochs and depend on those before.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.fluctuation_dissipation._points import RANDOM_CURVATURE
from sgdtheory.processes.looks import four_in_a_row, over, pull, squared_step
from sgdtheory.processes.observables import Moment, Ratio
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_momentum
from sgdtheory.symbols import eta, first_step_ratio, mu, words

first_relation_random_curvature_with_momentum = ClosedForm(
    name="fluctuation_dissipation.first_relation_random_curvature_with_momentum",
    title="first fluctuation-dissipation relation with momentum, random curvature",
    kind=Kind.EXACT,
    symbol=first_step_ratio,
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
            "squared step over the gradient's pull, stationary",
            over(squared_step, pull),
            lag=four_in_a_row,
        )
    ),
    points=RANDOM_CURVATURE,
    sources=(
        Source("yaida2019", "first fluctuation-dissipation relation with momentum", "theta' - theta is his velocity"),
    ),
)
