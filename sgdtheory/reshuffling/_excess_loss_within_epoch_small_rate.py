"""Excess loss within a shuffled epoch at a small learning rate: a Brownian bridge, periodic in the epoch.

Reads as: r batches have added r steps of noise, of which the rest of the epoch takes all back: a training curve drawn
at each step swells in the middle of each epoch and sinks towards its ends.

Fails when: eta lambda M is not small; at the ends of the epoch, where the third order takes over.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling._excess_loss_within_epoch import excess_loss_within_epoch
from sgdtheory.symbols import C_ii, D, M, eta, excess_loss, lambda_i, r, words

excess_loss_within_epoch_small_rate = ClosedForm(
    name="reshuffling.excess_loss_within_epoch_small_rate",
    title="excess loss within an epoch at a small learning rate: the bridge",
    kind=Kind.ASYMPTOTIC,
    symbol=excess_loss,
    value=eta**2 * lambda_i * C_ii * r * (M - r) / (2 * (D - 1)),
    parameters=words(eta, D, M, lambda_i, C_ii, r),
    domain=(
        D > 1,
        M >= 1,
        M <= D,
        r > 0,
        r < M,
    ),
    assumptions=(
        "all samples share one Hessian; their gradients at its minimum have the covariance C, with the divisor D",
        "each epoch is a fresh permutation of the data, cut into M batches of the same size",
        "the learning rate is small: eta lambda M is far below one",
    ),
    process=sampled_quadratics,
    observable=excess_loss_within_epoch.observable,
    points=excess_loss_within_epoch.points,
    sources=(),
    limit=Limit(exact=excess_loss_within_epoch, small=eta),
)
