"""Stationary variance of the diffusion limit where the gradient noise is the Hessian: eta/(2m) along every mode.

Reads as: three factors: learning rate, batch size and, through the loss that this spread costs, curvature.

Fails when: C is not H: along mode i it is eta C_ii/(2 m lambda_i), more by the factor C_ii/lambda_i, and modes may be
correlated.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.diffusion._hessian_noise_variance import hessian_noise_variance
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic._stationary_covariance_diffusion import stationary_covariance_diffusion
from sgdtheory.symbols import C_ij, Sigma_ii, eta, lambda_i, lambda_j, m, words

hessian_noise_variance_diffusion = ClosedForm(
    name="diffusion.hessian_noise_variance_diffusion",
    title="stationary variance where the noise is the Hessian, diffusion limit: eta/(2m)",
    kind=Kind.ASYMPTOTIC,
    symbol=Sigma_ii,
    value=stationary_covariance_diffusion.value.subs({lambda_j: lambda_i, C_ij: lambda_i}).cancel(),
    parameters=words(eta, m, lambda_i),
    domain=(eta > 0, m > 0),
    assumptions=(
        "the covariance of one sample's gradient is the Hessian, C = H",
        "the learning rate is small against every 1/lambda_i",
    ),
    process=additive_noise,
    observable=hessian_noise_variance.observable,
    points=hessian_noise_variance.points,
    sources=(
        Source(
            "jastrzebski2018v3",
            "the Ornstein-Uhlenbeck process of Section 2, under Assumption 2",
            "z = V'(theta - theta*), S = m; the formula is lost in our copy and derived here",
        ),
    ),
    limit=Limit(exact=hessian_noise_variance, small=eta),
)
