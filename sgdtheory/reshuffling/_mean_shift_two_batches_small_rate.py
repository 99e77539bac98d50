"""Shift of the mean of SGD on shuffled epochs at a small learning rate: the minimum of a modified loss.

Reads as: the run sits at the minimum of L + (eta/4) E_B|grad L_B|^2, E_B being the mean over the epoch's batches: it
prefers places where the gradients of batches agree.

Fails when: the learning rate is not small; with fresh batches, where there is no shift on a quadratic loss.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.reshuffling._mean_shift_two_batches import mean_shift_two_batches
from sgdtheory.symbols import D, eta, kappa, lambda_, mean_shift, words

mean_shift_two_batches_small_rate = ClosedForm(
    name="reshuffling.mean_shift_two_batches_small_rate",
    title="shift of the mean for two batches an epoch, small learning rate",
    kind=Kind.ASYMPTOTIC,
    symbol=mean_shift,
    value=-eta * kappa / (2 * lambda_ * (D - 1)),
    parameters=words(eta, D, lambda_, kappa),
    domain=(
        lambda_ > 0,
        D >= 2,
    ),
    assumptions=(
        "one dimension; each sample has a curvature and a gradient at the minimum of its own",
        "each epoch is a fresh permutation of the data, cut into two batches of the same size",
        "the look is at the end of an epoch",
        "the learning rate is small",
    ),
    process=sampled_curvature,
    observable=mean_shift_two_batches.observable,
    points=mean_shift_two_batches.points,
    sources=(
        Source(
            "smith2021",
            "abstract: the mean of shuffled SGD follows a modified loss, C + (epsilon/4) mean_k |grad C_k|^2",
            "epsilon = eta, C = L, C_k = L_B; its minimum to first order in epsilon",
        ),
    ),
    limit=Limit(exact=mean_shift_two_batches, small=eta),
)
