"""Largest learning rate at which the mean square converges, with momentum and random curvature, one dimension.

Reads as: equal samples allow 2 (1 + mu)/lambda, so momentum helps; unequal samples at small batches allow less than 2
(1 - mu) lambda/(p v), so momentum hurts.

Fails when: asked for single runs, which may converge although their mean square diverges.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.observables import StabilityThreshold
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_momentum
from sgdtheory.quadratic_sums._points import WITHOUT_NOISE
from sgdtheory.symbols import eta_ms, lambda_, mu, p, v, words

mean_square_stability_limit_momentum = ClosedForm(
    name="quadratic_sums.mean_square_stability_limit_momentum",
    title="largest rate stable in mean square, with momentum",
    kind=Kind.EXACT,
    symbol=eta_ms,
    value=2 * lambda_ * (1 - mu**2) / (lambda_**2 * (1 - mu) + (1 + mu) * p * v),
    parameters=words(mu, p, lambda_, v),
    domain=(mu < 1,),
    assumptions=(
        "one parameter; sample k has the curvature h_k and at the minimum the gradient g_k, with means lambda and zero",
        "batches are drawn afresh at each step: p is 1/m with replacement and (D - m)/(m (D - 1)) for subsets",
    ),
    process=sampled_curvature_with_momentum,
    observable=StabilityThreshold("learning rate at which the mean square stops converging", order=2),
    points=WITHOUT_NOISE,
    sources=(),
)
