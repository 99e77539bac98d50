"""Stationary variance of the additive-noise law, the limit of equal curvatures.

Reads as: to leave out the spread of the curvatures is to be too low, by eta p v over lambda (2 - eta lambda) of it.

Fails when: the curvatures of the samples differ: the error is of first order in their variance.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.quadratic_sums._stationary_variance import stationary_variance
from sgdtheory.symbols import c, eta, lambda_, p, v, variance, words

stationary_variance_small_spread = ClosedForm(
    name="quadratic_sums.stationary_variance_small_spread",
    title="stationary variance, samples of nearly equal curvature",
    kind=Kind.ASYMPTOTIC,
    symbol=variance,
    value=eta * p * c / (lambda_ * (2 - eta * lambda_)),
    parameters=words(eta, p, lambda_, v, c),
    domain=(eta * lambda_ < 2,),
    assumptions=(
        "one parameter; sample k has the curvature h_k and at the minimum the gradient g_k, with means lambda and zero",
        "batches are drawn afresh at each step: p is 1/m with replacement and (D - m)/(m (D - 1)) for subsets",
    ),
    process=sampled_curvature,
    observable=stationary_variance.observable,
    points=stationary_variance.points,
    sources=(),
    limit=Limit(exact=stationary_variance, small=v),
)
