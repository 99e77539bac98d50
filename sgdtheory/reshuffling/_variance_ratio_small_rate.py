"""Variance at the end of a shuffled epoch over that with fresh batches, at a small learning rate.

Reads as: the run forgets in 1/(eta lambda) steps; the square of the epoch's length over this time is what is left.

Fails when: eta lambda M is not small.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling._variance_ratio import variance_ratio
from sgdtheory.symbols import M, eta, lambda_i, rho_i, words

variance_ratio_small_rate = ClosedForm(
    name="reshuffling.variance_ratio_small_rate",
    title="variance at the end of an epoch over that with fresh batches, small learning rate",
    kind=Kind.ASYMPTOTIC,
    symbol=rho_i,
    value=(eta * lambda_i) ** 2 * M * (M + 1) / 12,
    parameters=words(eta, M, lambda_i),
    domain=(M > 1,),
    assumptions=(
        "all samples share one Hessian; their gradients at its minimum have the covariance C, with the divisor D",
        "each epoch is a fresh permutation of the data, cut into M batches of the same size",
        "the learning rate is small: eta lambda M is far below one",
    ),
    process=sampled_quadratics,
    observable=variance_ratio.observable,
    points=variance_ratio.points,
    sources=(),
    limit=Limit(exact=variance_ratio, small=eta),
)
