"""Covariance of the diffusion limit after t steps from a fixed start: a time-dependent Ornstein-Uhlenbeck law."""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic._transient_covariance import transient_covariance
from sgdtheory.symbols import C_ij, Sigma_t_ij, eta, lambda_i, lambda_j, m, t, words

transient_covariance_diffusion = ClosedForm(
    name="quadratic.transient_covariance_diffusion",
    title="covariance after t steps, diffusion limit",
    kind=Kind.ASYMPTOTIC,
    symbol=Sigma_t_ij,
    value=eta * C_ij * (1 - sp.exp(-eta * (lambda_i + lambda_j) * t)) / (m * (lambda_i + lambda_j)),
    parameters=words(eta, m, lambda_i, lambda_j, C_ij, t),
    domain=(eta > 0, m > 0, lambda_i > 0, t >= 0),
    assumptions=("the learning rate is small at a fixed time eta t",),
    process=additive_noise,
    observable=transient_covariance.observable,
    points=transient_covariance.points,
    sources=(Source("wangwu2020", "eqs. (4.24), (4.25)", "V = (m/eta)^(1/2) (theta - theta*); constant Hessian"),),
    limit=Limit(exact=transient_covariance, small=eta, scaling={"steps": -1}),
)
