"""Excess loss averaged over a shuffled epoch at a small learning rate: second order.

Reads as: tr(HC) and the length of the epoch decide; halving the learning rate brings a quarter of the noise floor.

Fails when: eta lambda M is not small.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling._epoch_average_excess_loss import epoch_average_excess_loss
from sgdtheory.symbols import C_ii, D, M, eta, excess_loss, lambda_i, words

epoch_average_excess_loss_small_rate = ClosedForm(
    name="reshuffling.epoch_average_excess_loss_small_rate",
    title="excess loss averaged over an epoch, second order in the learning rate",
    kind=Kind.ASYMPTOTIC,
    symbol=excess_loss,
    value=eta**2 * lambda_i * C_ii * (M**2 - 1) / (12 * (D - 1)),
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
    observable=epoch_average_excess_loss.observable,
    points=epoch_average_excess_loss.points,
    sources=(),
    limit=Limit(exact=epoch_average_excess_loss, small=eta),
)
