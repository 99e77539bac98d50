"""Stationary covariance of SGD with momentum, exact at any learning rate.

Reads as: the effective learning rate eta/(1 - mu) stands in front, and two corrections follow. The first is that of
plain SGD with the rate eta/(1 + mu). The second damps the correlation of modes with different curvatures: momentum
changes the shape of the covariance, not only its scale. With a matrix for a learning rate the same law holds in other
coordinates: momentum.matrix_rate_covariance.

Fails when: eta lambda_max reaches 2 (1 + mu), where the mean already diverges.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.momentum._points import GENERIC
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ij, Sigma_ij, eta, lambda_i, lambda_j, m, mu, words

stationary_covariance = ClosedForm(
    name="momentum.stationary_covariance",
    title="stationary covariance with momentum, exact",
    kind=Kind.EXACT,
    symbol=Sigma_ij,
    value=eta
    * C_ij
    / (
        m
        * (1 - mu)
        * (
            lambda_i
            + lambda_j
            - eta * lambda_i * lambda_j / (1 + mu)
            + eta * mu * (lambda_i - lambda_j) ** 2 / ((1 - mu) ** 2 * (1 + mu))
        )
    ),
    parameters=words(eta, mu, m, lambda_i, lambda_j, C_ij),
    domain=(eta > 0, mu < 1, m > 0, lambda_i > 0, eta * lambda_i < 2 * (1 + mu)),
    assumptions=(
        "the Hessian is constant",
        "the gradient noise is independent of the parameters and from step to step",
        "the velocity is v' = mu v + g, without dampening",
        "the entry is taken in the eigenbasis of the Hessian",
    ),
    process=additive_noise_with_momentum,
    observable=Moment("covariance of the parameters, stationary", products),
    points=GENERIC,
    sources=(
        Source(
            "liu2021",
            "theorem on momentum, quoted as Theorem 1, eq. (3), of arXiv 2102.05375",
            "matrix learning rate Lambda = eta I; C_eff = C/m; written with (1 + mu^2) H S H and mu (H H S + S H H)",
        ),
    ),
)
