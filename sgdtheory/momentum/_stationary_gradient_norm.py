"""Stationary expected squared norm of the full gradient with momentum, exact.

Reads as: twice the curvature-weighted excess loss, mode by mode.

Fails when: eta lambda_max reaches 2 (1 + mu), where the mean already diverges.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.momentum._points import GENERIC
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.processes.forms import gradient_norm as gradient_norm_form
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ii, eta, gradient_norm, lambda_i, m, mu, words

stationary_gradient_norm = ClosedForm(
    name="momentum.stationary_gradient_norm",
    title="stationary squared gradient norm with momentum, exact",
    kind=Kind.EXACT,
    symbol=gradient_norm,
    value=eta * (1 + mu) * lambda_i * C_ii / (m * (1 - mu) * (2 * (1 + mu) - eta * lambda_i)),
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
    observable=Moment("squared norm of the full gradient, stationary", gradient_norm_form),
    points=GENERIC,
    sources=(),
)
