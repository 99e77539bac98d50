"""Stationary covariance of the iterates of Nesterov's method, between the look-ahead points.

Reads as: y' = theta - eta g(theta), theta' = y' + mu (y' - y). PyTorch holds theta and v, and y is theta + eta mu v.

Fails when: eta lambda_max reaches (2 + 2 mu)/(1 + 2 mu), where the mean already diverges.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.momentum._points import GENERIC
from sgdtheory.processes.additive_noise import additive_noise_with_nesterov
from sgdtheory.processes.looks import iterate_products
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ij, Sigma_x_ij, eta, lambda_i, lambda_j, m, mu, words

nesterov_iterate_covariance = ClosedForm(
    name="momentum.nesterov_iterate_covariance",
    title="stationary covariance of the iterates of Nesterov momentum, exact",
    kind=Kind.EXACT,
    symbol=Sigma_x_ij,
    value=eta**2
    * C_ij
    * (1 - mu**2 * (1 - eta * lambda_i) * (1 - eta * lambda_j))
    / (
        m
        * (
            1
            - (1 + 2 * mu + 3 * mu**2) * (1 - eta * lambda_i) * (1 - eta * lambda_j)
            - mu**2 * (1 + 2 * mu) * (1 - eta * lambda_i) ** 2 * (1 - eta * lambda_j) ** 2
            + mu * (1 + mu) ** 2 * (1 - eta * lambda_i) * (1 - eta * lambda_j) * (2 - eta * (lambda_i + lambda_j))
        )
    ),
    parameters=words(eta, mu, m, lambda_i, lambda_j, C_ij),
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
        "the entry is taken in the eigenbasis of the Hessian",
    ),
    process=additive_noise_with_nesterov,
    observable=Moment(
        "covariance of theta + eta mu v, stationary", iterate_products, velocity=True, law=("learning_rate", "momentum")
    ),
    points=GENERIC,
    sources=(),
)
