"""Excess loss at the end of a shuffled epoch at a small learning rate: third order.

Reads as: halving the learning rate brings an eighth of the noise floor, where fresh batches bring a half.

Fails when: eta lambda M is not small.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling._stationary_excess_loss import stationary_excess_loss
from sgdtheory.symbols import C_ii, D, M, eta, excess_loss, lambda_i, words

stationary_excess_loss_small_rate = ClosedForm(
    name="reshuffling.stationary_excess_loss_small_rate",
    title="excess loss at the end of an epoch, third order in the learning rate",
    kind=Kind.ASYMPTOTIC,
    symbol=excess_loss,
    value=eta**3 * lambda_i**2 * C_ii * M * (M**2 - 1) / (48 * (D - 1)),
    parameters=words(eta, D, M, lambda_i, C_ii),
    domain=(
        D > 1,
        M >= 1,
        M <= D,
    ),
    assumptions=(
        "all samples share one Hessian; their gradients at its minimum have the covariance C, with the divisor D",
        "each epoch is a fresh permutation of the data, cut into M batches of the same size",
        "the learning rate is small: eta lambda M is far below one",
    ),
    process=sampled_quadratics,
    observable=stationary_excess_loss.observable,
    points=stationary_excess_loss.points,
    sources=(),
    limit=Limit(exact=stationary_excess_loss, small=eta),
)
