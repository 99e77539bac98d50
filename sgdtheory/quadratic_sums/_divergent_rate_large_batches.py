"""A learning rate above which the mean square diverges from every start, for large batches.

Reads as: the flattest direction, with the smallest variability of the samples' curvatures, allows the most; beyond it
nothing converges.

Fails when: batches are small, p s_Q > lambda_min^2: then a direction between, or the sharpest, may allow more. It may
lie far above the exact limit.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.observables import StabilityThreshold
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.quadratic_sums._points import LARGE_BATCHES
from sgdtheory.symbols import eta_ms, lambda_min, p, s_Q, words

divergent_rate_large_batches = ClosedForm(
    name="quadratic_sums.divergent_rate_large_batches",
    title="divergent learning rate for large batches (Patel)",
    kind=Kind.BOUND,
    symbol=eta_ms,
    value=2 * lambda_min / (lambda_min**2 + p * s_Q),
    parameters=words(p, lambda_min, s_Q),
    domain=(p * s_Q <= lambda_min**2,),
    assumptions=(
        "samples have any curvatures H_k, with mean H; batches are drawn afresh, p is 1/m with replacement",
        "t_Q and s_Q are the extreme eigenvalues of the mean of (H_k - H)^2 over the samples",
        "the largest stable rate is no larger than this",
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
    bound="upper",
)
