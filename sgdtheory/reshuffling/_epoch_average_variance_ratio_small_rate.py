"""Variance averaged over a shuffled epoch over that with fresh batches, at a small learning rate.

Reads as: two thirds of the epoch's length over 2/(eta lambda), the time over which the iterates of a run with fresh
batches are correlated.

Fails when: eta lambda M is not small.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling._epoch_average_variance_ratio import epoch_average_variance_ratio
from sgdtheory.symbols import M, eta, lambda_i, rho_i, words

epoch_average_variance_ratio_small_rate = ClosedForm(
    name="reshuffling.epoch_average_variance_ratio_small_rate",
    title="variance averaged over an epoch over that with fresh batches, small learning rate",
    kind=Kind.ASYMPTOTIC,
    symbol=rho_i,
    value=eta * lambda_i * (M + 1) / 3,
    parameters=words(eta, M, lambda_i),
    domain=(M > 1,),
    assumptions=(
        "all samples share one Hessian; their gradients at its minimum have the covariance C, with the divisor D",
        "each epoch is a fresh permutation of the data, cut into M batches of the same size",
        "the learning rate is small: eta lambda M is far below one",
    ),
    process=sampled_quadratics,
    observable=epoch_average_variance_ratio.observable,
    points=epoch_average_variance_ratio.points,
    sources=(),
    limit=Limit(exact=epoch_average_variance_ratio, small=eta),
)
