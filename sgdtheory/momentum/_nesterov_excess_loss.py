"""Stationary excess loss with Nesterov momentum, at the points where gradients are taken.

Reads as: per mode it is below that of momentum with the same rate if and only if mu is above 1/2 and eta lambda below
(1 + mu)^2 (2 mu - 1)/(mu (1 + 2 mu)): there the gradient looks ahead and damps. Elsewhere it is above, and near its own
stability limit far above.

Fails when: eta lambda_max reaches (2 + 2 mu)/(1 + 2 mu), where the mean already diverges.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.momentum._points import GENERIC
from sgdtheory.processes.additive_noise import additive_noise_with_nesterov
from sgdtheory.processes.forms import loss
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ii, eta, excess_loss, lambda_i, m, mu, words

nesterov_excess_loss = ClosedForm(
    name="momentum.nesterov_excess_loss",
    title="stationary excess loss with Nesterov momentum, exact",
    kind=Kind.EXACT,
    symbol=excess_loss,
    value=eta
    * C_ii
    * (1 + mu + mu * (1 + 2 * mu) * eta * lambda_i)
    / (2 * m * (1 - mu + mu * eta * lambda_i) * (2 * (1 + mu) - (1 + 2 * mu) * eta * lambda_i)),
    parameters=words(eta, mu, m, lambda_i, C_ii),
    domain=(
        eta > 0,
        mu < 1,
        m > 0,
        lambda_i > 0,
        eta * lambda_i * (1 + 2 * mu) < 2 * (1 + mu),
    ),
    assumptions=(
        "the Hessian is constant",
        "the gradient noise is independent of the parameters and from step to step",
        "the parameters are the look-ahead points at which gradients are taken, as torch.optim.SGD holds them",
    ),
    process=additive_noise_with_nesterov,
    observable=Moment("training loss above its minimum, stationary", loss),
    points=GENERIC,
    sources=(),
)
