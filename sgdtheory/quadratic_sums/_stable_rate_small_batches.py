"""A learning rate that is stable in mean square for small batches, from bounds on curvature and variability.

Reads as: the flattest direction sets it: there the pull is weakest against the noise that the samples' curvatures make.

Fails when: batches are large, p t_Q < lambda_max lambda_min: then the sharpest direction sets the bound. It may lie far
below the exact limit.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.observables import StabilityThreshold
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.quadratic_sums._points import SMALL_BATCHES
from sgdtheory.symbols import eta_ms, lambda_max, lambda_min, p, t_Q, words

stable_rate_small_batches = ClosedForm(
    name="quadratic_sums.stable_rate_small_batches",
    title="stable learning rate for small batches (Patel)",
    kind=Kind.BOUND,
    symbol=eta_ms,
    value=2 * lambda_min / (lambda_min**2 + p * t_Q),
    parameters=words(p, lambda_max, lambda_min, t_Q),
    domain=(p * t_Q >= lambda_max * lambda_min,),
    assumptions=(
        "samples have any curvatures H_k, with mean H; batches are drawn afresh, p is 1/m with replacement",
        "t_Q and s_Q are the extreme eigenvalues of the mean of (H_k - H)^2 over the samples",
        "the largest stable rate is no smaller than this",
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
    bound="lower",
)
