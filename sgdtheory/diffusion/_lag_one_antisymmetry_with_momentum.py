"""Antisymmetric part of the lag-one covariance with momentum, exact.

Reads as: E[theta_(t+1) theta_t'] less its transpose is -(eta/(1 - mu)) (H Sigma - Sigma H): the velocity carries the
current on as it carries the mean, but its covariance Sigma, whose modes momentum unties, holds less for it to turn.

Fails when: eta lambda_max reaches 2 (1 + mu), where there is no stationary law, or the noise varies with theta.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.diffusion._lag_one_antisymmetry import lag_one_antisymmetry
from sgdtheory.momentum import stationary_covariance
from sgdtheory.momentum._points import GENERIC
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import A_ij, C_ij, eta, lambda_i, lambda_j, m, mu, words

lag_one_antisymmetry_with_momentum = ClosedForm(
    name="diffusion.lag_one_antisymmetry_with_momentum",
    title="antisymmetric part of the lag-one covariance with momentum, stationary, exact",
    kind=Kind.EXACT,
    symbol=A_ij,
    value=-eta * (lambda_i - lambda_j) / (1 - mu) * stationary_covariance.value,
    parameters=words(eta, mu, m, lambda_i, lambda_j, C_ij),
    domain=(eta > 0, mu < 1, m > 0, lambda_i > 0, eta * lambda_i < 2 * (1 + mu)),
    assumptions=(
        "the Hessian is constant and the noise independent of the parameters and from step to step",
        "the first index belongs to the later time; the entry is taken in the eigenbasis of the Hessian",
    ),
    process=additive_noise_with_momentum,
    observable=lag_one_antisymmetry.observable,
    points=GENERIC,
    sources=(),
)
