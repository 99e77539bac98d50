"""Stationary covariance of the parameters with the velocity that led to them.

Reads as: symmetrised it is -eta/2 times the covariance of the velocity, because a step leads as far away from the
minimum as it leads back. The antisymmetric part is a circulation; it is there if and only if H and C do not commute.

Fails when: eta lambda_max reaches 2 (1 + mu), where the mean already diverges.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.momentum._points import GENERIC
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.processes.forms import cross_products
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ij, K_ij, eta, lambda_i, lambda_j, m, mu, words

position_velocity_covariance = ClosedForm(
    name="momentum.position_velocity_covariance",
    title="stationary covariance of parameters and velocity, exact",
    kind=Kind.EXACT,
    symbol=K_ij,
    value=eta
    * (mu * lambda_j - lambda_i)
    * C_ij
    / (
        m
        * (1 - mu) ** 2
        * (1 + mu)
        * (
            lambda_i
            + lambda_j
            - eta * lambda_i * lambda_j / (1 + mu)
            + eta * mu * (lambda_i - lambda_j) ** 2 / ((1 - mu) ** 2 * (1 + mu))
        )
    ),
    parameters=words(eta, mu, m, lambda_i, lambda_j, C_ij),
    domain=(
        eta > 0,
        mu < 1,
        m > 0,
        lambda_i > 0,
        eta * lambda_i < 2 * (1 + mu),
    ),
    assumptions=(
        "the Hessian is constant",
        "the gradient noise is independent of the parameters and from step to step",
        "the entry is taken in the eigenbasis of the Hessian",
        "the first index belongs to the parameters, the second to the velocity after the same step",
    ),
    process=additive_noise_with_momentum,
    observable=Moment("covariance of the parameters with the velocity, stationary", cross_products, velocity=True),
    points=GENERIC,
    sources=(),
)
