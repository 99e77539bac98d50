"""Stationary covariance with a matrix learning rate eta P and momentum, exact.

Reads as: P^(-1/2) theta is a run with the rate eta, so that the covariance of theta is P^(1/2) times this times
P^(1/2), and solves the equation of Liu, Ziyin and Ueda for Lambda = eta P whether or not P, H and C commute. With P =
H^-1 all modes are alike: the covariance of theta is then eta P C P/(m (1 - mu) (2 - eta/(1 + mu))).

Fails when: eta times the largest eigenvalue of P H reaches 2 (1 + mu), where the mean already diverges; when P changes
with the gradients, as in Adam.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.momentum._points import MATRIX_RATE
from sgdtheory.processes.forms import products
from sgdtheory.processes.matrix_rate import matrix_rate_with_momentum
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ij, Sigma_y_ij, eta, lambda_i, lambda_j, m, mu, words

matrix_rate_covariance = ClosedForm(
    name="momentum.matrix_rate_covariance",
    title="stationary covariance with a matrix learning rate and momentum, exact",
    kind=Kind.EXACT,
    symbol=Sigma_y_ij,
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
    domain=(mu < 1, eta * lambda_i < 2 * (1 + mu)),
    assumptions=(
        "the learning rate is eta P with a symmetric positive P that does not change",
        "lambda_i are the eigenvalues of P^(1/2) H P^(1/2), and C_ij is P^(1/2) C P^(1/2) in its eigenbasis",
        "the Hessian is constant, and the gradient noise independent of the parameters and from step to step",
        "the velocity is v' = mu v + g, without dampening",
    ),
    process=matrix_rate_with_momentum,
    observable=Moment("covariance of P^(-1/2) theta, stationary", products),
    points=MATRIX_RATE,
    sources=(
        Source(
            "liu2021",
            "theorem on momentum, quoted as Theorem 1, eq. (3), of arXiv 2102.05375",
            "Lambda = eta P, C_eff = C/m; an equation for Sigma = P^(1/2) Cov[P^(-1/2) theta] P^(1/2)",
        ),
    ),
)
