"""Variance of the samples' curvatures up to which the mean square converges, with Nesterov's momentum.

Reads as: the edge in the plane of sharpness lambda and non-uniformity, the square root of v. For flat minima it is that
of the heavy ball; sharp ones are let in up to 2 (1 + mu)/((1 + 2 mu) eta) only.

Fails when: the parameters are many and the samples share no eigenvectors; then the second-moment operator decides.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.curvature_spread import LargestSpread
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_nesterov
from sgdtheory.quadratic_sums._points import WITHOUT_NOISE
from sgdtheory.symbols import eta, lambda_, mu, p, v_max, words

largest_curvature_spread_nesterov = ClosedForm(
    name="quadratic_sums.largest_curvature_spread_nesterov",
    title="largest stable spread of the curvatures with Nesterov's momentum",
    kind=Kind.EXACT,
    symbol=v_max,
    value=lambda_
    * (1 - mu + mu * eta * lambda_)
    * (2 * (1 + mu) - (1 + 2 * mu) * eta * lambda_)
    / (eta * p * (1 + mu + mu * (1 + 2 * mu) * eta * lambda_)),
    parameters=words(eta, mu, p, lambda_),
    domain=(mu < 1, (1 + 2 * mu) * eta * lambda_ < 2 * (1 + mu)),
    assumptions=(
        "one parameter; sample k has the curvature h_k and at the minimum the gradient g_k, with means lambda and zero",
        "batches are drawn afresh at each step: p is 1/m with replacement and (D - m)/(m (D - 1)) for subsets",
    ),
    process=sampled_curvature_with_nesterov,
    observable=LargestSpread(),
    points=WITHOUT_NOISE,
    sources=(),
)
