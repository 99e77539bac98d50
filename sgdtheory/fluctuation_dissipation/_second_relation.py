"""Second fluctuation-dissipation relation: the curvature along batch gradients over the squared full gradient.

Reads as: E|grad L|^2 = (eta/2) E[g_B' H g_B]. The ratio, known as gradient-noise interaction, is 2/eta for every
stationary run with a constant Hessian and additive noise, far from the edge of stability too: that it is near 2/eta is
no sign of instability.

Fails when: the run is not stationary, or the loss not quadratic where it runs.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.fluctuation_dissipation._points import GENERIC
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.looks import batch_gradient_curvature, four_in_a_row, gradient_norm, over
from sgdtheory.processes.observables import Moment, Ratio
from sgdtheory.symbols import eta, second_ratio, words

second_relation = ClosedForm(
    name="fluctuation_dissipation.second_relation",
    title="second fluctuation-dissipation relation, exact",
    kind=Kind.EXACT,
    symbol=second_ratio,
    value=2 / eta,
    parameters=words(eta),
    domain=(eta > 0,),
    assumptions=(
        "the Hessian is constant",
        "the run is stationary, with finite second moments",
    ),
    process=additive_noise,
    observable=Ratio(
        Moment(
            "curvature along the batch gradient over the squared gradient, stationary",
            over(batch_gradient_curvature, gradient_norm),
            lag=four_in_a_row,
            law="learning_rate",
        )
    ),
    points=GENERIC,
    sources=(
        Source("yaida2019", "second fluctuation-dissipation relation, with the Hessian that a quadratic loss has"),
        Source("andreyev2024", "gradient-noise interaction", "GNI; there a marker of the edge of stability"),
    ),
)
