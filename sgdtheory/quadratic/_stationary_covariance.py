"""Stationary covariance of SGD on a quadratic loss, exact at any learning rate.

Reads as: noise enters with eta^2 C/m per step and is forgotten at the rate eta (lambda_i + lambda_j); the
correction eta lambda_i lambda_j is what the diffusion limit leaves out.

Fails when: eta lambda_max reaches 2, where the mean already diverges.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.quadratic._points import GENERIC
from sgdtheory.symbols import C_ij, Sigma_ij, eta, lambda_i, lambda_j, m, words

stationary_covariance = ClosedForm(
    name="quadratic.stationary_covariance",
    title="stationary covariance, exact",
    kind=Kind.EXACT,
    symbol=Sigma_ij,
    value=eta * C_ij / (m * (lambda_i + lambda_j - eta * lambda_i * lambda_j)),
    parameters=words(eta, m, lambda_i, lambda_j, C_ij),
    domain=(eta > 0, m > 0, lambda_i > 0, eta * lambda_i < 2),
    assumptions=(
        "the Hessian is constant",
        "the gradient noise is independent of the parameters and from step to step",
        "the entry is taken in the eigenbasis of the Hessian; the matrix solves H S + S H - eta H S H = (eta/m) C",
    ),
    process=additive_noise,
    observable=Moment("covariance of the parameters, stationary", products),
    points=GENERIC,
    sources=(
        Source(
            "liu2021",
            "Theorem 1 with momentum 0, quoted as eq. (3) of arXiv 2102.05375",
            "matrix learning rate Lambda = eta I; C_eff = C/m",
        ),
        Source(
            "wangwu2020",
            "remark on the VAR(1) process, Section 4.5",
            "A = H, S = C, delta = eta; one dimension, for (m/eta)^(1/2) (theta - theta*)",
        ),
    ),
)
