"""Variance of the stochastic differential equation of accelerated SGD after a long time: it grows with the steps.

Reads as: V(s) is C s/(8 lambda) in the long run, so this equation has no stationary law, and the excess loss grows by
eta tr C/(16 m) a step.

Fails when: t is not between 1/sqrt(eta lambda) and 1/(eta lambda); beyond, the discrete method settles.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.diffusion._accelerated_variance import accelerated_variance
from sgdtheory.processes.accelerated import accelerated
from sgdtheory.symbols import C_ii, V_t_i, h, lambda_i, m, t, words

accelerated_variance_growth = ClosedForm(
    name="diffusion.accelerated_variance_growth",
    title="variance of accelerated SGD, growth in the long run of its differential equation",
    kind=Kind.ASYMPTOTIC,
    symbol=V_t_i,
    value=h**2 * t * C_ii / (8 * m * lambda_i),
    parameters=words(h, m, lambda_i, C_ii, t),
    domain=(h > 0, m > 0, lambda_i > 0, t >= 0),
    assumptions=(*accelerated_variance.assumptions, "the time h t is long; the error is found along h^2 t = constant"),
    process=accelerated,
    observable=accelerated_variance.observable,
    points=accelerated_variance.points,
    sources=(),
    limit=Limit(exact=accelerated_variance, small=h, scaling={"steps": -2, "learning_rate": 2}),
)
