"""Antisymmetric part of the lag-one covariance as the learning rate goes to zero: -(2 eta/beta) Q.

Reads as: the current vanishes as eta^2/m does, faster than the covariance, of which it is the share eta lambda: slow
circulation hides in fast noise.

Fails when: eta lambda is not small.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.diffusion._circulation_diffusion import circulation_diffusion
from sgdtheory.diffusion._lag_one_antisymmetry import lag_one_antisymmetry
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import A_ij, C_ij, eta, lambda_i, lambda_j, m, words

lag_one_antisymmetry_diffusion = ClosedForm(
    name="diffusion.lag_one_antisymmetry_diffusion",
    title="antisymmetric part of the lag-one covariance, diffusion limit",
    kind=Kind.ASYMPTOTIC,
    symbol=A_ij,
    value=-(eta**2) / m * circulation_diffusion.value,
    parameters=words(eta, m, lambda_i, lambda_j, C_ij),
    domain=(eta > 0, m > 0, lambda_i > 0),
    assumptions=(
        "the Hessian is constant and the noise independent of the parameters",
        "the learning rate is small against every 1/lambda_i",
    ),
    process=additive_noise,
    observable=lag_one_antisymmetry.observable,
    points=lag_one_antisymmetry.points,
    sources=(Source("chaudhari2018", "Lemma 20, eq. (16)", "beta^-1 = eta/(2 b), b = m; what Q does to a run of SGD"),),
    limit=Limit(exact=lag_one_antisymmetry, small=eta),
)
