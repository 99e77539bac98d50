"""Largest learning rate at which the mean square converges, random curvature, one dimension.

Reads as: 2/lambda, the limit of gradient descent, divided by 1 + p v/lambda^2: small batches of unequal samples are
unstable long before the mean is.

Fails when: asked for single runs: between this rate and the almost sure limit every run converges, although their mean
square diverges.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.observables import StabilityThreshold
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.quadratic_sums._points import WITHOUT_NOISE
from sgdtheory.symbols import eta_ms, lambda_, p, v, words

mean_square_stability_limit = ClosedForm(
    name="quadratic_sums.mean_square_stability_limit",
    title="largest rate stable in mean square",
    kind=Kind.EXACT,
    symbol=eta_ms,
    value=2 * lambda_ / (lambda_**2 + p * v),
    parameters=words(p, lambda_, v),
    domain=(p > 0,),
    assumptions=(
        "one parameter; sample k has the curvature h_k and at the minimum the gradient g_k, with means lambda and zero",
        "batches are drawn afresh at each step: p is 1/m with replacement and (D - m)/(m (D - 1)) for subsets",
    ),
    process=sampled_curvature,
    observable=StabilityThreshold("learning rate at which the mean square stops converging", order=2),
    points=WITHOUT_NOISE,
    sources=(Source("mulayoff2024", "Theorem 4, in one dimension", "n = D, B = m; H_i the samples' curvatures"),),
)
