"""Stationary covariance of SGD with Nesterov momentum, at the points where gradients are taken.

Reads as: PyTorch holds the look-ahead points theta = y + mu (y - y_before) of iterates y, and this is their
covariance. For small eta lambda it is that of momentum, with the effective rate eta/(1 - mu).

Fails when: eta lambda_max reaches (2 + 2 mu)/(1 + 2 mu), less than for plain SGD, where the mean already diverges.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.momentum._points import GENERIC
from sgdtheory.processes.additive_noise import additive_noise_with_nesterov
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ij, Sigma_ij, eta, lambda_i, lambda_j, m, mu, words

nesterov_covariance = ClosedForm(
    name="momentum.nesterov_covariance",
    title="stationary covariance with Nesterov momentum, exact",
    kind=Kind.EXACT,
    symbol=Sigma_ij,
    value=eta**2
    * C_ij
    * (
        1
        + 2 * mu
        + 2 * mu**2
        + mu**2 * (1 + 2 * mu) * (1 - eta * lambda_i) * (1 - eta * lambda_j)
        - mu * (1 + mu) ** 2 * (2 - eta * (lambda_i + lambda_j))
    )
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
        "the parameters are the look-ahead points at which gradients are taken, as torch.optim.SGD holds them",
        "the entry is taken in the eigenbasis of the Hessian",
    ),
    process=additive_noise_with_nesterov,
    observable=Moment("covariance of the parameters, stationary", products),
    points=GENERIC,
    sources=(
        Source(
            "nesterov2004",
            "constant step scheme of Section 2.2, with a noisy gradient",
            "their y_k are our parameters, their x_k the iterates between them",
        ),
    ),
)
