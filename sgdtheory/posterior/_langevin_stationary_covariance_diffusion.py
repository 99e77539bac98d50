"""Stationary covariance of stochastic gradient Langevin dynamics in continuous time.

Reads as: the batch's noise adds to the temperature: along every direction tau E becomes tau E + (eta/2m) C.

Fails when: eta lambda is not small: the finite step adds to the spread even without noise of the batch.
"""

from sgdtheory.closed_form import ClosedForm, Erratum, Kind, Limit, Source
from sgdtheory.posterior._langevin_stationary_covariance import langevin_stationary_covariance
from sgdtheory.processes.langevin import langevin
from sgdtheory.processes.process import point
from sgdtheory.symbols import C_ij, E_ij, Sigma_ij, eta, lambda_i, lambda_j, m, tau, words

NEAR = point(
    learning_rate="1/50",
    batch_size=1,
    curvature=("1/2", "9/5"),
    noise=((2, "6/5"), ("6/5", "3/2")),
    temperature="1/50",
    injected_noise=((1, 0), (0, 1)),
)

langevin_stationary_covariance_diffusion = ClosedForm(
    name="posterior.langevin_stationary_covariance_diffusion",
    title="stationary covariance of stochastic gradient Langevin dynamics, diffusion limit",
    kind=Kind.ASYMPTOTIC,
    symbol=Sigma_ij,
    value=(eta * C_ij / m + 2 * tau * E_ij) / (lambda_i + lambda_j),
    parameters=words(eta, m, tau, lambda_i, lambda_j, C_ij, E_ij),
    domain=(eta > 0, m > 0, tau > 0, lambda_i > 0),
    assumptions=(
        "the Hessian is constant and the noise independent of the parameters",
        "the learning rate is small against every 1/lambda_i; the noise level eta/m is kept",
    ),
    process=langevin,
    observable=langevin_stationary_covariance.observable,
    points=langevin_stationary_covariance.points,
    sources=(Source("mandt2017", "Section 5.1", "as for the exact covariance; corrected, see the erratum"),),
    errata=(
        Erratum(
            Source(
                "mandt2017",
                "Section 5.1, (N/2) (A Sigma + Sigma A) = I + (epsilon N/(2 S)) C",
                "epsilon = 2 eta/N, tau = 1/N, S = m, A = H; V has covariance I, g is a mean of S gradients",
            ),
            printed=(2 * tau * eta * C_ij / m + 2 * tau * E_ij) / (lambda_i + lambda_j),
            says="the covariance of (epsilon/2) N g is epsilon^2 N^2 C/(4 S): the coefficient is epsilon N^2/(4 S), N/2"
            " times what is printed",
            points=(NEAR,),
            survives="the law becomes the posterior as epsilon tends to zero",
        ),
    ),
    limit=Limit(exact=langevin_stationary_covariance, small=eta, scaling={"batch_size": 1}),
)
