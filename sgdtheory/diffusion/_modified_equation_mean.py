"""Mean of the second-order stochastic modified equation: gradient flow of L + (eta/4) |grad L|^2.

Reads as: a step of SGD falls short of the exponential by (eta lambda)^2/2; steeper slopes make up for it. The mean's
error at a fixed time eta t is of second order, where gradient flow's is of first.

Fails when: eta lambda is not small: it decays at every learning rate, also where eta lambda > 2 and SGD diverges.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic._mean_trajectory import mean_trajectory
from sgdtheory.symbols import delta_i, eta, lambda_i, mean_i, t, words

modified_equation_mean = ClosedForm(
    name="diffusion.modified_equation_mean",
    title="mean after t steps, second-order modified equation",
    kind=Kind.ASYMPTOTIC,
    symbol=mean_i,
    value=sp.exp(-eta * lambda_i * t * (1 + eta * lambda_i / 2)) * delta_i,
    parameters=words(eta, lambda_i, delta_i, t),
    domain=(eta > 0, t >= 0),
    assumptions=("the learning rate is small at a fixed time eta t",),
    process=additive_noise,
    observable=mean_trajectory.observable,
    points=mean_trajectory.points,
    sources=(Source("li2019", "Theorem 9, eq. (4.4)", "f = L, time eta t; a quadratic loss"),),
    limit=Limit(exact=mean_trajectory, small=eta, scaling={"steps": -1}),
)
