"""Mean of the diffusion limit: gradient flow at the time eta t."""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic._mean_trajectory import mean_trajectory
from sgdtheory.symbols import delta_i, eta, lambda_i, mean_i, t, words

mean_trajectory_diffusion = ClosedForm(
    name="quadratic.mean_trajectory_diffusion",
    title="mean after t steps, diffusion limit (gradient flow)",
    kind=Kind.ASYMPTOTIC,
    symbol=mean_i,
    value=sp.exp(-eta * lambda_i * t) * delta_i,
    parameters=words(eta, lambda_i, delta_i, t),
    domain=(eta > 0, t >= 0),
    assumptions=("the learning rate is small at a fixed time eta t",),
    process=additive_noise,
    observable=mean_trajectory.observable,
    points=mean_trajectory.points,
    sources=(Source("wangwu2020", "eq. (2.3)", "time eta t; gradient flow of a quadratic"),),
    limit=Limit(exact=mean_trajectory, small=eta, scaling={"steps": -1}),
)
