"""Antisymmetric part of the lag-one covariance with momentum at small learning rates.

Reads as: that of plain SGD with the rate eta/(1 - mu): the same orbits, gone round faster by 1/(1 - mu) per step.

Fails when: eta lambda is not small against 1 - mu.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.diffusion._lag_one_antisymmetry_diffusion import lag_one_antisymmetry_diffusion
from sgdtheory.diffusion._lag_one_antisymmetry_with_momentum import lag_one_antisymmetry_with_momentum
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import A_ij, C_ij, eta, lambda_i, lambda_j, m, mu, words

lag_one_antisymmetry_with_momentum_diffusion = ClosedForm(
    name="diffusion.lag_one_antisymmetry_with_momentum_diffusion",
    title="antisymmetric part of the lag-one covariance with momentum, small learning rates",
    kind=Kind.ASYMPTOTIC,
    symbol=A_ij,
    value=lag_one_antisymmetry_diffusion.value / (1 - mu) ** 2,
    parameters=words(eta, mu, m, lambda_i, lambda_j, C_ij),
    domain=(eta > 0, mu < 1, m > 0, lambda_i > 0),
    assumptions=(
        "the Hessian is constant and the noise independent of the parameters",
        "the learning rate is small against every (1 - mu)/lambda_i",
    ),
    process=additive_noise_with_momentum,
    observable=lag_one_antisymmetry_with_momentum.observable,
    points=lag_one_antisymmetry_with_momentum.points,
    sources=(),
    limit=Limit(exact=lag_one_antisymmetry_with_momentum, small=eta),
)
