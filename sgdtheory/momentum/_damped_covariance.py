"""Stationary covariance of SGD with momentum in terms of the damping, one minus the momentum.

Reads as: the same law in the notation v' = (1 - gamma) v - eta g, theta' = theta + v' of continuous-time papers.
Damping by gamma forgets; the term with (lambda_i - lambda_j)^2 grows as one over gamma and cannot be left out when
gamma is small.

Fails when: eta lambda_max reaches 2 (2 - gamma), where the mean already diverges.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.momentum._points import GENERIC
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ij, Sigma_ij, eta, gamma, lambda_i, lambda_j, m, words

damped_covariance = ClosedForm(
    name="momentum.damped_covariance",
    title="stationary covariance in terms of the damping, exact",
    kind=Kind.EXACT,
    symbol=Sigma_ij,
    value=eta
    * C_ij
    / (
        m
        * (
            gamma * (lambda_i + lambda_j)
            - eta * gamma * lambda_i * lambda_j / (2 - gamma)
            + eta * (1 - gamma) * (lambda_i - lambda_j) ** 2 / (gamma * (2 - gamma))
        )
    ),
    parameters=words(eta, gamma, m, lambda_i, lambda_j, C_ij),
    domain=(
        eta > 0,
        gamma <= 1,
        m > 0,
        lambda_i > 0,
        eta * lambda_i < 2 * (2 - gamma),
    ),
    assumptions=(
        "the Hessian is constant",
        "the gradient noise is independent of the parameters and from step to step",
        "the entry is taken in the eigenbasis of the Hessian",
        "the damping is gamma = 1 - mu",
    ),
    process=additive_noise_with_momentum,
    observable=Moment("covariance of the parameters, stationary", products),
    points=GENERIC,
    sources=(),
)
