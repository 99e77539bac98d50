"""Variance of the samples' curvatures up to which the mean square converges, with momentum.

Reads as: the edge in the plane of sharpness lambda and non-uniformity, the square root of v. Momentum moves it inward
for flat minima, by about 1 - mu, and lets sharp ones up to 2 (1 + mu)/eta in, which must be nearly uniform.

Fails when: the parameters are many and the samples share no eigenvectors; then the second-moment operator decides.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.curvature_spread import LargestSpread
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_momentum
from sgdtheory.quadratic_sums._points import WITHOUT_NOISE
from sgdtheory.symbols import eta, lambda_, mu, p, v_max, words

largest_curvature_spread_momentum = ClosedForm(
    name="quadratic_sums.largest_curvature_spread_momentum",
    title="largest stable spread of the curvatures with momentum",
    kind=Kind.EXACT,
    symbol=v_max,
    value=lambda_ * (1 - mu) * (2 * (1 + mu) - eta * lambda_) / (eta * p * (1 + mu)),
    parameters=words(eta, mu, p, lambda_),
    domain=(mu < 1, eta * lambda_ < 2 * (1 + mu)),
    assumptions=(
        "one parameter; sample k has the curvature h_k and at the minimum the gradient g_k, with means lambda and zero",
        "batches are drawn afresh at each step: p is 1/m with replacement and (D - m)/(m (D - 1)) for subsets",
    ),
    process=sampled_curvature_with_momentum,
    observable=LargestSpread(),
    points=WITHOUT_NOISE,
    sources=(),
)
