"""Stationary variance with random curvature in the diffusion limit.

Reads as: for small learning rates the spread of the curvatures does not matter: it enters with the next order in eta.

Fails when: the learning rate is not small against the mean-square stability limit.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.quadratic_sums._stationary_variance import stationary_variance
from sgdtheory.symbols import c, eta, lambda_, p, variance, words

stationary_variance_diffusion = ClosedForm(
    name="quadratic_sums.stationary_variance_diffusion",
    title="stationary variance with random curvature, small learning rate",
    kind=Kind.ASYMPTOTIC,
    symbol=variance,
    value=eta * p * c / (2 * lambda_),
    parameters=words(eta, p, lambda_, c),
    domain=(lambda_ > 0,),
    assumptions=(
        "one parameter; sample k has the curvature h_k and at the minimum the gradient g_k, with means lambda and zero",
        "batches are drawn afresh at each step: p is 1/m with replacement and (D - m)/(m (D - 1)) for subsets",
    ),
    process=sampled_curvature,
    observable=stationary_variance.observable,
    points=stationary_variance.points,
    sources=(),
    limit=Limit(exact=stationary_variance, small=eta),
)
