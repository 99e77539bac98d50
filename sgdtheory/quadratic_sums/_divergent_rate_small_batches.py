"""A learning rate above which the mean square diverges from every start, for small batches.

Reads as: the sharpest direction, with the smallest variability of the samples' curvatures, allows the most; beyond it
nothing converges.

Fails when: batches are large, p s_Q < lambda_max^2: then a flatter direction may allow more. It may lie far above the
exact limit.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.observables import StabilityThreshold
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.quadratic_sums._points import SMALL_BATCHES
from sgdtheory.symbols import eta_ms, lambda_max, p, s_Q, words

divergent_rate_small_batches = ClosedForm(
    name="quadratic_sums.divergent_rate_small_batches",
    title="divergent learning rate for small batches (Patel)",
    kind=Kind.BOUND,
    symbol=eta_ms,
    value=2 * lambda_max / (lambda_max**2 + p * s_Q),
    parameters=words(p, lambda_max, s_Q),
    domain=(p * s_Q >= lambda_max**2,),
    assumptions=(
        "samples have any curvatures H_k, with mean H; batches are drawn afresh, p is 1/m with replacement",
        "t_Q and s_Q are the extreme eigenvalues of the mean of (H_k - H)^2 over the samples",
        "the largest stable rate is no larger than this",
    ),
    process=sampled_curvature,
    observable=StabilityThreshold("learning rate at which the mean square stops converging", order=2),
    points=SMALL_BATCHES,
    sources=(
        Source(
            "patel2017",
            "the theorem on homogeneous minimisers",
            "recalled, its text was not at hand, and derived anew; lambda_1, lambda_p: extreme curvatures; k = m",
        ),
    ),
    bound="upper",
)
