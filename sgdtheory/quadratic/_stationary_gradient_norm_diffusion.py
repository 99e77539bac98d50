"""Stationary expected squared gradient norm of the diffusion limit: (eta/2m) tr(HC)."""

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic._stationary_gradient_norm import stationary_gradient_norm
from sgdtheory.symbols import C_ii, eta, gradient_norm, lambda_i, m, words

stationary_gradient_norm_diffusion = ClosedForm(
    name="quadratic.stationary_gradient_norm_diffusion",
    title="stationary squared gradient norm, diffusion limit: (eta/2m) tr(HC)",
    kind=Kind.ASYMPTOTIC,
    symbol=gradient_norm,
    value=eta * lambda_i * C_ii / (2 * m),
    parameters=words(eta, m, lambda_i, C_ii),
    domain=(eta > 0, m > 0, lambda_i > 0),
    assumptions=("the learning rate is small against every 1/lambda_i",),
    process=additive_noise,
    observable=stationary_gradient_norm.observable,
    points=stationary_gradient_norm.points,
    sources=(Source("wangwu2020", "eq. (4.47)", "sigma^2 = C, delta = eta"),),
    limit=Limit(exact=stationary_gradient_norm, small=eta),
)
