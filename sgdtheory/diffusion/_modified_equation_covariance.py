"""Stationary covariance of the second-order stochastic modified equation: it moves the wrong way.

Reads as: the steeper drift narrows the law, where the finite step of SGD widens it. Along a mode the equation gives
eta c/(2 m lambda (1 + eta lambda/2)), SGD eta c/(2 m lambda (1 - eta lambda/2)), and the first-order equation the
value between them: the second-order one is wrong by twice as much, to leading order eta^2 c/(2 m) against eta^2 c/(4
m). With m = lambda = c = 1 and eta = 1/2 SGD has 1/3, the first order 1/4, the second 1/5. Weak order two speaks
of errors of order eta^2 at fixed times, and all of the correction is of that order.

Fails when: it is taken for the law of SGD. Of the equation it holds at every learning rate.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.diffusion._modified_points import OF_EQUATION
from sgdtheory.processes.forms import products
from sgdtheory.processes.modified_equation import modified_equation
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ij, Sigma_ij, eta, lambda_i, lambda_j, m, words

modified_equation_covariance = ClosedForm(
    name="diffusion.modified_equation_covariance",
    title="stationary covariance of the second-order modified equation (not that of SGD)",
    kind=Kind.EXACT,
    symbol=Sigma_ij,
    value=eta * C_ij / (m * (lambda_i + lambda_j + eta * (lambda_i**2 + lambda_j**2) / 2)),
    parameters=words(eta, m, lambda_i, lambda_j, C_ij),
    domain=(eta > 0, m > 0, lambda_i > 0),
    assumptions=(
        "it is the law of the stochastic differential equation, not of SGD",
        "the Hessian is constant and the noise independent of the parameters",
        "the entry is taken in the eigenbasis of the Hessian",
    ),
    process=modified_equation,
    observable=Moment("covariance of the equation's solution, stationary", products),
    points=OF_EQUATION,
    sources=(
        Source(
            "li2019",
            "Theorem 9, eq. (4.4)",
            "f = L, Sigma = C/m, a quadratic loss; they claim nothing for stationary laws",
        ),
    ),
)
