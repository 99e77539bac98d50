"""First fluctuation-dissipation relation with momentum, between the pull of the gradient and the steps.

Reads as: E[(theta - theta*)' grad L] = ((1 + mu)/(2 eta)) E|theta' - theta|^2 for every constant
Hessian, every covariance of an additive noise and every batch size.

Fails when: the run is not stationary.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.fluctuation_dissipation._points import GENERIC
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.processes.looks import four_in_a_row, over, pull, squared_step
from sgdtheory.processes.observables import Moment, Ratio
from sgdtheory.symbols import eta, first_step_ratio, mu, words

first_relation_with_momentum = ClosedForm(
    name="fluctuation_dissipation.first_relation_with_momentum",
    title="first fluctuation-dissipation relation with momentum, exact",
    kind=Kind.EXACT,
    symbol=first_step_ratio,
    value=2 * eta / (1 + mu),
    parameters=words(eta, mu),
    domain=(
        eta > 0,
        mu < 1,
    ),
    assumptions=(
        "the run is stationary, with finite second moments",
        "the Hessian is constant and the noise independent of the parameters",
    ),
    process=additive_noise_with_momentum,
    observable=Ratio(
        Moment("squared step over the gradient's pull, stationary", over(squared_step, pull), lag=four_in_a_row)
    ),
    points=GENERIC,
    sources=(
        Source("yaida2019", "first fluctuation-dissipation relation with momentum", "theta' - theta is his velocity"),
    ),
)
