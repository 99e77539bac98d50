"""Second fluctuation-dissipation relation with momentum, between the squared gradient and the curvature along steps.

Reads as: E|grad L|^2 = ((1 + mu)/(2 eta)) E[(theta' - theta)' H (theta' - theta)], whatever Hessian, noise and batch
size.

Fails when: the run is not stationary, or the loss not quadratic where it runs.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.fluctuation_dissipation._points import GENERIC
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.processes.looks import four_in_a_row, gradient_norm, over, step_curvature
from sgdtheory.processes.observables import Moment, Ratio
from sgdtheory.symbols import eta, mu, second_step_ratio, words

second_relation_with_momentum = ClosedForm(
    name="fluctuation_dissipation.second_relation_with_momentum",
    title="second fluctuation-dissipation relation with momentum, exact",
    kind=Kind.EXACT,
    symbol=second_step_ratio,
    value=2 * eta / (1 + mu),
    parameters=words(eta, mu),
    domain=(
        eta > 0,
        mu < 1,
    ),
    assumptions=(
        "the Hessian is constant",
        "the run is stationary, with finite second moments",
    ),
    process=additive_noise_with_momentum,
    observable=Ratio(
        Moment(
            "curvature along the step over the squared gradient, stationary",
            over(step_curvature, gradient_norm),
            lag=four_in_a_row,
        )
    ),
    points=GENERIC,
    sources=(),
)
