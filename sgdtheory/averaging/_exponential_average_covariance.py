"""Stationary covariance of an exponential average of the iterates, as model averaging keeps it.

Reads as: alpha/(2 - alpha) is what averaging independent iterates would leave; successive iterates are alike, and the
rest of the formula is that they are. The weight alpha is one minus the decay of the average.

Fails when: eta lambda_max reaches 2, where the mean already diverges, or before the average has forgotten its start,
which takes 1/alpha steps.
"""

from sgdtheory.averaging._points import GENERIC
from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.forms import average_products
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ij, Sigma_avg_ij, alpha, eta, lambda_i, lambda_j, m, words

exponential_average_covariance = ClosedForm(
    name="averaging.exponential_average_covariance",
    title="stationary covariance of an exponential average, exact",
    kind=Kind.EXACT,
    symbol=Sigma_avg_ij,
    value=eta
    * alpha
    * C_ij
    * (1 - (1 - alpha) ** 2 * (1 - eta * lambda_i) * (1 - eta * lambda_j))
    / (
        m
        * (2 - alpha)
        * (lambda_i + lambda_j - eta * lambda_i * lambda_j)
        * (alpha + (1 - alpha) * eta * lambda_i)
        * (alpha + (1 - alpha) * eta * lambda_j)
    ),
    parameters=words(eta, m, alpha, lambda_i, lambda_j, C_ij),
    domain=(
        eta > 0,
        m > 0,
        lambda_i > 0,
        eta * lambda_i < 2,
        alpha <= 1,
    ),
    assumptions=(
        "the Hessian is constant",
        "the gradient noise is independent of the parameters and from step to step",
        "the entry is taken in the eigenbasis of the Hessian",
        "the average takes in each new iterate with the weight alpha, and has settled",
    ),
    process=additive_noise,
    observable=Moment(
        "covariance of an exponential average of the parameters", average_products, averaging="averaging_decay"
    ),
    points=GENERIC,
    sources=(
        Source(
            "zhang2019nqm",
            "transition matrix of exponential moving averages, eq. (38), taken from the authors' public code",
            "one mode; C proportional to H; decay 1 - alpha",
        ),
    ),
)
