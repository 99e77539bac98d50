"""Stationary excess loss of SGD with momentum, exact: the noise floor of a training curve.

Reads as: that of plain SGD with the rate eta/(1 - mu) in front and eta/(1 + mu) in the correction, so momentum lowers
the floor a little at the same effective rate.

Fails when: eta lambda_max reaches 2 (1 + mu), where the mean already diverges.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.momentum._points import GENERIC
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.processes.forms import loss
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ii, eta, excess_loss, lambda_i, m, mu, words

stationary_excess_loss = ClosedForm(
    name="momentum.stationary_excess_loss",
    title="stationary excess loss with momentum, exact",
    kind=Kind.EXACT,
    symbol=excess_loss,
    value=eta * (1 + mu) * C_ii / (2 * m * (1 - mu) * (2 * (1 + mu) - eta * lambda_i)),
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
    observable=Moment("training loss above its minimum, stationary", loss),
    points=GENERIC,
    sources=(),
)
