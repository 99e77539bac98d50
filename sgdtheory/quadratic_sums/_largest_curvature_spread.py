"""Variance of the samples' curvatures up to which the mean square converges, at a given learning rate.

Reads as: the edge in the plane of sharpness lambda and non-uniformity, the square root of v: a minimum that gradient
descent can reach is left by SGD if its samples disagree by more than this.

Fails when: the parameters are many and the samples share no eigenvectors; then the second-moment operator decides.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.curvature_spread import LargestSpread
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.quadratic_sums._points import WITHOUT_NOISE
from sgdtheory.symbols import eta, lambda_, p, v_max, words

largest_curvature_spread = ClosedForm(
    name="quadratic_sums.largest_curvature_spread",
    title="largest stable spread of the curvatures",
    kind=Kind.EXACT,
    symbol=v_max,
    value=lambda_ * (2 - eta * lambda_) / (eta * p),
    parameters=words(eta, p, lambda_),
    domain=(eta * lambda_ < 2,),
    assumptions=(
        "one parameter; sample k has the curvature h_k and at the minimum the gradient g_k, with means lambda and zero",
        "batches are drawn afresh at each step: p is 1/m with replacement and (D - m)/(m (D - 1)) for subsets",
    ),
    process=sampled_curvature,
    observable=LargestSpread(),
    points=WITHOUT_NOISE,
    sources=(
        Source("wu2018", "section 3.1", "a = lambda, s = sqrt(v); the condition (1 - eta a)^2 + eta^2 p s^2 <= 1"),
    ),
)
