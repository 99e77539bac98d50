"""Stationary variance about the mean of its data, batches with replacement; diffusion limit.

Reads as: the Ornstein-Uhlenbeck limit, half of eta lambda times the variance of a batch's mean.

Fails when: batches come from shuffled epochs, whose noise is anti-correlated and the variance far smaller.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.quadratic._dataset_variance_replacement import dataset_variance_replacement
from sgdtheory.symbols import D, eta, lambda_, m, s2, variance, words

dataset_variance_replacement_diffusion = ClosedForm(
    name="quadratic.dataset_variance_replacement_diffusion",
    title="variance about the data mean, batches with replacement, diffusion limit",
    kind=Kind.ASYMPTOTIC,
    symbol=variance,
    value=eta * lambda_ * s2 * (1 - 1 / D) / m / 2,
    parameters=words(eta, m, D, lambda_, s2),
    domain=(eta > 0, lambda_ > 0, D > 1, m >= 1),
    assumptions=(
        "all samples have the same curvature, one dimension",
        "s^2 has the divisor D - 1; the stationary mean is the mean of the data",
        "batches are independent draws from the data",
        "the learning rate is small against 1/lambda",
    ),
    process=sampled_quadratics,
    observable=dataset_variance_replacement.observable,
    points=dataset_variance_replacement.points,
    sources=(
        Source(
            "sgdgeometry2012",
            "Section 3, stationary Gaussian",
            "sigma^2 is the variance of the data; the formula itself is lost in the surviving text",
        ),
    ),
    limit=Limit(exact=dataset_variance_replacement, small=eta),
)
