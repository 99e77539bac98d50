"""Stationary expected squared norm of the mini-batch gradient with momentum.

Reads as: tr(C)/m plus the squared full gradient.

Fails when: eta lambda_max reaches 2 (1 + mu), where the mean already diverges.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.fluctuation_dissipation._points import GENERIC
from sgdtheory.processes import looks
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ii, batch_gradient_norm, eta, lambda_i, m, mu, words

batch_gradient_norm_with_momentum = ClosedForm(
    name="fluctuation_dissipation.batch_gradient_norm_with_momentum",
    title="stationary squared norm of the mini-batch gradient with momentum, exact",
    kind=Kind.EXACT,
    symbol=batch_gradient_norm,
    value=2 * C_ii * (1 - mu**2 + mu * eta * lambda_i) / (m * (1 - mu) * (2 * (1 + mu) - eta * lambda_i)),
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
        "squared norm of the batch gradient, stationary",
        looks.batch_gradient_norm,
        lag=looks.four_in_a_row,
        law=("learning_rate", "momentum"),
    ),
    points=GENERIC,
    sources=(),
)
