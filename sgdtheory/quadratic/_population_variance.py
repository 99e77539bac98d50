"""Stationary variance about the true optimum, averaged over data sets, batches without replacement.

Reads as: the data's own error sigma^2/D plus what SGD adds; averaging in SGD's noise never removes the first.

Fails when: batches come from shuffled epochs, whose noise is anti-correlated and the variance far smaller.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.forms import products_about_truth
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.quadratic._points import law_points
from sgdtheory.symbols import D, eta, lambda_, m, sigma2, variance, words

population_variance = ClosedForm(
    name="quadratic.population_variance",
    title="variance about the truth, batches without replacement",
    kind=Kind.EXACT,
    symbol=variance,
    value=sigma2 / D + eta * lambda_ * sigma2 * (1 / m - 1 / D) / (2 - eta * lambda_),
    parameters=words(eta, m, D, lambda_, sigma2),
    domain=(eta > 0, lambda_ > 0, eta * lambda_ < 2, D >= 1, m >= 1, m <= D),
    assumptions=(
        "all samples have the same curvature, one dimension",
        "the data are independent draws with variance sigma^2, and the run is averaged over data sets",
        "batches are fresh uniform subsets of the data",
        "the variance holds for any data; the law is Gaussian only where the batch mean is",
    ),
    process=sampled_quadratics,
    observable=Moment("variance about the true optimum, stationary", products_about_truth),
    points=law_points("without_replacement"),
    sources=(
        Source(
            "sgdgeometry2012",
            "Section 3, stationary Gaussian",
            "sigma^2 is the variance of the data; the formula itself is lost in the surviving text",
        ),
    ),
)
