"""Covariance of the average of T successive iterates, exact for any window and any learning rate.

Reads as: H^-1 C H^-1/(m T), less what the ends of the window leave out. That part falls as 1/T^2 and counts as long
as T eta lambda is not large.

Fails when: the run is not stationary where the window begins; what is left of the start then adds a bias of (1 - (1 -
eta lambda)^T)/(T eta lambda) times the displacement.
"""

from sgdtheory.averaging._points import GENERIC
from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.looks import window_products
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ij, Sigma_avg_ij, T, eta, lambda_i, lambda_j, m, words

window_average_covariance = ClosedForm(
    name="averaging.window_average_covariance",
    title="covariance of the average over a window, exact",
    kind=Kind.EXACT,
    symbol=Sigma_avg_ij,
    value=C_ij / (m * T * lambda_i * lambda_j)
    - eta
    * C_ij
    * (
        (1 - eta * lambda_i) * (1 - (1 - eta * lambda_i) ** T) / (eta * lambda_i) ** 2
        + (1 - eta * lambda_j) * (1 - (1 - eta * lambda_j) ** T) / (eta * lambda_j) ** 2
    )
    / (m * T**2 * (lambda_i + lambda_j - eta * lambda_i * lambda_j)),
    parameters=words(eta, m, T, lambda_i, lambda_j, C_ij),
    domain=(
        eta > 0,
        m > 0,
        lambda_i > 0,
        eta * lambda_i < 2,
    ),
    assumptions=(
        "the Hessian is constant",
        "the gradient noise is independent of the parameters and from step to step",
        "the entry is taken in the eigenbasis of the Hessian",
        "the run is stationary where the window of T iterates begins",
    ),
    process=additive_noise,
    observable=Moment(
        "covariance of the average of a window of parameters",
        window_products,
        lag=lambda point: range(1, int(point["window"])),
        law="window",
    ),
    points=GENERIC,
    sources=(),
)
