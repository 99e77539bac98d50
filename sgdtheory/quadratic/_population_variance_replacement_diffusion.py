"""Stationary variance about the true optimum, averaged over data sets, batches with replacement; diffusion limit.

Reads as: the spread of the data's mean, which is exact, plus the Ornstein-Uhlenbeck limit about it.

Fails when: batches come from shuffled epochs, whose noise is anti-correlated and the variance far smaller.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.quadratic._population_variance_replacement import population_variance_replacement
from sgdtheory.symbols import D, eta, lambda_, m, sigma2, variance, words

population_variance_replacement_diffusion = ClosedForm(
    name="quadratic.population_variance_replacement_diffusion",
    title="variance about the truth, batches with replacement, diffusion limit",
    kind=Kind.ASYMPTOTIC,
    symbol=variance,
    value=sigma2 / D + eta * lambda_ * sigma2 * (1 - 1 / D) / m / 2,
    parameters=words(eta, m, D, lambda_, sigma2),
    domain=(eta > 0, lambda_ > 0, D >= 1, m >= 1),
    assumptions=(
        "all samples have the same curvature, one dimension",
        "the data are independent draws with variance sigma^2, and the run is averaged over data sets",
        "batches are independent draws from the data",
        "the learning rate is small against 1/lambda",
    ),
    process=sampled_quadratics,
    observable=population_variance_replacement.observable,
    points=population_variance_replacement.points,
    sources=(
        Source(
            "sgdgeometry2012",
            "Section 3, stationary Gaussian",
            "sigma^2 is the variance of the data; the formula itself is lost in the surviving text",
        ),
    ),
    limit=Limit(exact=population_variance_replacement, small=eta),
)
