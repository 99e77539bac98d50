"""Stationary variance with momentum and random curvature at small learning rates: the effective rate eta/(1 - mu).

Reads as: exact over limit is 1/(1 - eta lambda/(2 (1 + mu)) - eta p v/(2 lambda (1 - mu))): what the finite step adds
is that of the rate eta/(1 + mu), which momentum makes smaller, and what the spread of the curvatures adds is that of
the effective rate.

Fails when: the effective rate is not small against 2 lambda/(p v), or the rate itself not small against 1/lambda.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_momentum
from sgdtheory.quadratic_sums._stationary_variance_momentum import stationary_variance_momentum
from sgdtheory.symbols import c, eta, lambda_, mu, p, variance, words

stationary_variance_momentum_diffusion = ClosedForm(
    name="quadratic_sums.stationary_variance_momentum_diffusion",
    title="stationary variance with momentum and random curvature, small learning rate",
    kind=Kind.ASYMPTOTIC,
    symbol=variance,
    value=eta * p * c / (2 * lambda_ * (1 - mu)),
    parameters=words(eta, mu, p, lambda_, c),
    domain=(mu < 1,),
    assumptions=(
        "one parameter; sample k has the curvature h_k and at the minimum the gradient g_k, with means lambda and zero",
        "batches are drawn afresh at each step: p is 1/m with replacement and (D - m)/(m (D - 1)) for subsets",
    ),
    process=sampled_curvature_with_momentum,
    observable=stationary_variance_momentum.observable,
    points=stationary_variance_momentum.points,
    sources=(),
    limit=Limit(exact=stationary_variance_momentum, small=eta),
)
