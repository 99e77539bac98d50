"""Variance at the end of a shuffled epoch in one dimension at a small learning rate: third order.

Reads as: shuffling cancels the first and the second order; what is left grows with the square of the epoch's length.

Fails when: eta lambda M is not small. At a fixed learning rate a longer epoch leaves this limit, and in the end comes
to the law of fresh batches.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling._dataset_variance import dataset_variance
from sgdtheory.symbols import D, M, eta, lambda_, s2, variance, words

dataset_variance_small_rate = ClosedForm(
    name="reshuffling.dataset_variance_small_rate",
    title="variance at the end of an epoch, third order in the learning rate",
    kind=Kind.ASYMPTOTIC,
    symbol=variance,
    value=(eta * lambda_) ** 3 * s2 * M * (M**2 - 1) / (24 * D),
    parameters=words(eta, D, M, lambda_, s2),
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
    observable=dataset_variance.observable,
    points=dataset_variance.points,
    sources=(
        Source(
            "ying2019",
            "abstract: random reshuffling comes within O(mu^2) of the minimum, uniform sampling within O(mu)",
            "mu = eta; mean square distance, any strongly convex loss; of third order where samples share a Hessian",
        ),
    ),
    limit=Limit(exact=dataset_variance, small=eta),
)
