"""Stationary covariance of the velocity v' = (1 - gamma) v + g in terms of the damping gamma, one minus the momentum.

Reads as: (lambda_i + lambda_j)/(eta (2 - gamma)) times the covariance of the parameters. Papers whose velocity is
-eta v have eta^2 times this.

Fails when: eta lambda_max reaches 2 (2 - gamma), where the mean already diverges.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.momentum._points import GENERIC
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.processes.forms import velocity_products
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ij, V_ij, eta, gamma, lambda_i, lambda_j, m, words

damped_velocity_covariance = ClosedForm(
    name="momentum.damped_velocity_covariance",
    title="stationary covariance of the velocity in terms of the damping, exact",
    kind=Kind.EXACT,
    symbol=V_ij,
    value=(lambda_i + lambda_j)
    * C_ij
    / (
        m
        * (2 - gamma)
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
    observable=Moment("covariance of the velocity, stationary", velocity_products, velocity=True),
    points=GENERIC,
    sources=(),
)
