"""Stationary covariance of the velocity v' = mu v + g, which is as torch.optim.SGD holds it.

Reads as: (lambda_i + lambda_j)/(eta (1 + mu)) times the covariance of the parameters; one step is -eta v.

Fails when: eta lambda_max reaches 2 (1 + mu), where the mean already diverges.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.momentum._points import GENERIC
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.processes.forms import velocity_products
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ij, V_ij, eta, lambda_i, lambda_j, m, mu, words

velocity_covariance = ClosedForm(
    name="momentum.velocity_covariance",
    title="stationary covariance of the velocity, exact",
    kind=Kind.EXACT,
    symbol=V_ij,
    value=(lambda_i + lambda_j)
    * C_ij
    / (
        m
        * (1 - mu**2)
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
        "the velocity is v' = mu v + g, without dampening and without the learning rate",
    ),
    process=additive_noise_with_momentum,
    observable=Moment("covariance of the velocity, stationary", velocity_products, velocity=True),
    points=GENERIC,
    sources=(),
)
