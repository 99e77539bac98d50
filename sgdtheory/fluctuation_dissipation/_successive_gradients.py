"""Expected product of a mini-batch gradient with the next one, at stationarity.

Reads as: negative. A run that still moves downhill has successive gradients that agree; once it has settled each step
overshoots what its own noise pointed to and the next gradient points back. That the running sum turns negative is a
test of convergence.

Fails when: the run is not stationary; far from the minimum the squared gradient itself is added, and the product is
positive.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.fluctuation_dissipation._points import GENERIC
from sgdtheory.processes import looks
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ii, eta, lambda_i, m, successive_gradients, words

successive_gradients = ClosedForm(
    name="fluctuation_dissipation.successive_gradients",
    title="product of successive mini-batch gradients, stationary, exact",
    kind=Kind.EXACT,
    symbol=successive_gradients,
    value=-eta * lambda_i * C_ii / (m * (2 - eta * lambda_i)),
    parameters=words(eta, m, lambda_i, C_ii),
    domain=(
        eta > 0,
        m > 0,
        lambda_i > 0,
        eta * lambda_i < 2,
    ),
    assumptions=("the Hessian is constant and the noise independent of the parameters",),
    process=additive_noise,
    observable=Moment(
        "product of a batch gradient with the next, stationary",
        looks.successive_gradients,
        lag=looks.four_in_a_row,
        law="learning_rate",
    ),
    points=GENERIC,
    sources=(Source("chee2018", "Pflug's statistic, the running sum of products of successive stochastic gradients"),),
)
