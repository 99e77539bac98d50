"""Stationary variance along each mode where the gradient noise is the Hessian, exact.

Reads as: where C = H sharp modes are noisy just so much that all spread alike, eta/(2m), but for the finite step, which
widens the sharp ones by 1/(1 - eta lambda_i/2).

Fails when: C is not H. Near a minimum that fits every sample a likelihood gives C close to H; for other losses, and
away from such a fit, the two need not even commute. The law for any C is quadratic.stationary_covariance.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.diffusion._gibbs_points import NOISE_IS_HESSIAN
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.spread import mode_squares
from sgdtheory.quadratic._stationary_covariance import stationary_covariance
from sgdtheory.symbols import C_ij, Sigma_ii, eta, lambda_i, lambda_j, m, words

hessian_noise_variance = ClosedForm(
    name="diffusion.hessian_noise_variance",
    title="stationary variance along each mode where the noise is the Hessian, exact",
    kind=Kind.EXACT,
    symbol=Sigma_ii,
    value=(stationary_covariance.value.subs({lambda_j: lambda_i, C_ij: lambda_i})).cancel(),
    parameters=words(eta, m, lambda_i),
    domain=(eta > 0, m > 0, lambda_i > 0, eta * lambda_i < 2),
    assumptions=(
        "the covariance of one sample's gradient is the Hessian, C = H, and does not depend on the parameters",
        "the Hessian is constant",
        "between modes there is no covariance",
    ),
    process=additive_noise,
    observable=Moment("variance along each eigenvector, stationary", mode_squares),
    points=NOISE_IS_HESSIAN,
    sources=(),
)
