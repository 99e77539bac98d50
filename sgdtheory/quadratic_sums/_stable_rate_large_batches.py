"""A learning rate that is stable in mean square for large batches, from bounds on curvature and variability.

Reads as: 2/lambda_max, lowered by the largest variability of the samples' curvatures; whatever their directions are.

Fails when: batches are small, p t_Q > lambda_max lambda_min: then the flattest direction sets the bound. It may lie far
below the exact limit.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.observables import StabilityThreshold
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.quadratic_sums._points import LARGE_BATCHES
from sgdtheory.symbols import eta_ms, lambda_max, lambda_min, p, t_Q, words

stable_rate_large_batches = ClosedForm(
    name="quadratic_sums.stable_rate_large_batches",
    title="stable learning rate for large batches (Patel)",
    kind=Kind.BOUND,
    symbol=eta_ms,
    value=2 * lambda_max / (lambda_max**2 + p * t_Q),
    parameters=words(p, lambda_max, lambda_min, t_Q),
    domain=(p * t_Q <= lambda_max * lambda_min,),
    assumptions=(
        "samples have any curvatures H_k, with mean H; batches are drawn afresh, p is 1/m with replacement",
        "t_Q and s_Q are the extreme eigenvalues of the mean of (H_k - H)^2 over the samples",
        "the largest stable rate is no smaller than this",
    ),
    process=sampled_curvature,
    observable=StabilityThreshold("learning rate at which the mean square stops converging", order=2),
    points=LARGE_BATCHES,
    sources=(
        Source(
            "patel2017",
            "the theorem on homogeneous minimisers",
            "recalled, its text was not at hand, and derived anew; lambda_1, lambda_p: extreme curvatures; k = m",
        ),
    ),
    bound="lower",
)
