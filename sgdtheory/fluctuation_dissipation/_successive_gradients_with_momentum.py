"""Expected product of a mini-batch gradient with the next one with momentum, at stationarity.

Reads as: for small rates it has the sign of 2 mu - 1. With a momentum above one half successive gradients of a
settled run agree, because it swings, and the test of convergence by a negative sum never stops.

Fails when: the run is not stationary.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.fluctuation_dissipation._points import SWINGING
from sgdtheory.processes import looks
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ii, eta, lambda_i, m, mu, successive_gradients, words

successive_gradients_with_momentum = ClosedForm(
    name="fluctuation_dissipation.successive_gradients_with_momentum",
    title="product of successive mini-batch gradients with momentum, stationary, exact",
    kind=Kind.EXACT,
    symbol=successive_gradients,
    value=eta
    * lambda_i
    * C_ii
    * ((1 + mu) * (2 * mu - 1) - mu * eta * lambda_i)
    / (m * (1 - mu) * (2 * (1 + mu) - eta * lambda_i)),
    parameters=words(eta, mu, m, lambda_i, C_ii),
    domain=(
        eta > 0,
        mu < 1,
        m > 0,
        lambda_i > 0,
        eta * lambda_i < 2 * (1 + mu),
    ),
    assumptions=("the Hessian is constant and the noise independent of the parameters",),
    process=additive_noise_with_momentum,
    observable=Moment(
        "product of a batch gradient with the next, stationary",
        looks.successive_gradients,
        lag=looks.four_in_a_row,
        law=("learning_rate", "momentum"),
    ),
    points=SWINGING,
    sources=(),
)
