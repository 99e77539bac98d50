"""Determinant of the stationary covariance of two modes under noise of rank one, in the diffusion limit.

Reads as: a Cauchy matrix's: in any dimension (eta/m)^d prod_i c_i^2 prod_(i<j) (lambda_i - lambda_j)^2 over
prod_(i,j) (lambda_i + lambda_j).

Fails when: eta lambda is not small.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.diffusion._rank_one_determinant import rank_one_determinant
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import C_11, C_22, det_Sigma, eta, lambda_1, lambda_2, m, words

rank_one_determinant_diffusion = ClosedForm(
    name="diffusion.rank_one_determinant_diffusion",
    title="determinant of the covariance under noise of rank one, two modes, diffusion limit",
    kind=Kind.ASYMPTOTIC,
    symbol=det_Sigma,
    value=(eta / m) ** 2
    * C_11
    * C_22
    * (lambda_1 - lambda_2) ** 2
    / (4 * lambda_1 * lambda_2 * (lambda_1 + lambda_2) ** 2),
    parameters=words(eta, m, lambda_1, lambda_2, C_11, C_22),
    domain=(),
    assumptions=(
        "two modes and one direction of noise: C = c c', so that C_12^2 = C_11 C_22",
        "the learning rate is small against both 1/lambda",
    ),
    process=additive_noise,
    observable=rank_one_determinant.observable,
    points=rank_one_determinant.points,
    sources=(),
    limit=Limit(exact=rank_one_determinant, small=eta),
)
