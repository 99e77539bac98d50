"""Stationary expected squared length of a step with momentum.

Reads as: eta^2 times the trace of the covariance of the velocity, about eta^2 tr(C)/(m (1 - mu^2)) for small rates.

Fails when: eta lambda_max reaches 2 (1 + mu), where the mean already diverges.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.fluctuation_dissipation._points import GENERIC
from sgdtheory.processes import looks
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ii, eta, lambda_i, m, mu, squared_step, words

squared_step_with_momentum = ClosedForm(
    name="fluctuation_dissipation.squared_step_with_momentum",
    title="stationary squared length of a step with momentum, exact",
    kind=Kind.EXACT,
    symbol=squared_step,
    value=2 * eta**2 * C_ii / (m * (1 - mu) * (2 * (1 + mu) - eta * lambda_i)),
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
    observable=Moment("squared length of a step, stationary", looks.squared_step, lag=looks.four_in_a_row),
    points=GENERIC,
    sources=(),
)
