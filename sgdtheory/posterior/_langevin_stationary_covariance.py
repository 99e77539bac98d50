"""Stationary covariance of stochastic gradient Langevin dynamics, exact at any learning rate.

Reads as: the noise of the batch enters with eta C/m, the injected noise with 2 tau E; both are forgotten at the rate
lambda_i + lambda_j, less what the finite step adds. With E the identity and eta to zero it is tau H^-1, the covariance
of the density exp(-L/tau), which for tau = 1/D is a posterior.

Fails when: eta lambda_max reaches 2, where the mean already diverges, or the gradient noise varies with theta.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.posterior._points import LANGEVIN
from sgdtheory.processes.forms import products
from sgdtheory.processes.langevin import langevin
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ij, E_ij, Sigma_ij, eta, lambda_i, lambda_j, m, tau, words

langevin_stationary_covariance = ClosedForm(
    name="posterior.langevin_stationary_covariance",
    title="stationary covariance of stochastic gradient Langevin dynamics, exact",
    kind=Kind.EXACT,
    symbol=Sigma_ij,
    value=(eta * C_ij / m + 2 * tau * E_ij) / (lambda_i + lambda_j - eta * lambda_i * lambda_j),
    parameters=words(eta, m, tau, lambda_i, lambda_j, C_ij, E_ij),
    domain=(eta > 0, m > 0, tau > 0, lambda_i > 0, eta * lambda_i < 2),
    assumptions=(
        "the Hessian is constant",
        "gradient noise and injected noise are independent of the parameters, of each other and from step to step",
        "the injected noise sqrt(2 eta tau) xi has Cov[xi] = E, the identity for plain Langevin dynamics",
        "the entry is taken in the eigenbasis of the Hessian",
    ),
    process=langevin,
    observable=Moment("covariance of the parameters, stationary", products),
    points=LANGEVIN,
    sources=(
        Source(
            "mandt2017",
            "Section 5.1, the step theta' = theta - (epsilon/2) N g + sqrt(epsilon) V",
            "epsilon = 2 eta/N, N = 1/tau, S = m, A = H; their law is that of continuous time",
        ),
    ),
)
