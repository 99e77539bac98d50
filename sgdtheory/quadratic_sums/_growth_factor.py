"""Factor by which the mean square is multiplied at each step, random curvature, one dimension.

Reads as: (1 - eta lambda)^2, the factor of gradient descent, plus what the spread of the curvatures adds; the mean
square converges where it is below one.

Fails when: asked for the typical run: its logarithm is at most that of this factor, and usually less.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.observables import GrowthFactor
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.quadratic_sums._points import WITHOUT_NOISE
from sgdtheory.symbols import eta, lambda_, p, rho, v, words

growth_factor = ClosedForm(
    name="quadratic_sums.growth_factor",
    title="growth factor of the mean square",
    kind=Kind.EXACT,
    symbol=rho,
    value=(1 - eta * lambda_) ** 2 + eta**2 * p * v,
    parameters=words(eta, p, lambda_, v),
    domain=(p > 0,),
    assumptions=(
        "one parameter; sample k has the curvature h_k and at the minimum the gradient g_k, with means lambda and zero",
        "batches are drawn afresh at each step: p is 1/m with replacement and (D - m)/(m (D - 1)) for subsets",
    ),
    process=sampled_curvature,
    observable=GrowthFactor("factor of the mean square at each step"),
    points=WITHOUT_NOISE,
    sources=(Source("mulayoff2024", "Theorem 4, in one dimension", "n = D, B = m; H_i the samples' curvatures"),),
)
