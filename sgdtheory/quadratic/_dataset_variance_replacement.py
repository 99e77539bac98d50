"""Stationary variance about the mean of its data, batches with replacement.

Reads as: the data's own spread, divisor D, over m; a batch of D draws with replacement still carries noise.

Fails when: batches come from shuffled epochs, whose noise is anti-correlated and the variance far smaller.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.quadratic._points import data_points
from sgdtheory.symbols import D, eta, lambda_, m, s2, variance, words

dataset_variance_replacement = ClosedForm(
    name="quadratic.dataset_variance_replacement",
    title="variance about the data mean, batches with replacement",
    kind=Kind.EXACT,
    symbol=variance,
    value=eta * lambda_ * s2 * (1 - 1 / D) / m / (2 - eta * lambda_),
    parameters=words(eta, m, D, lambda_, s2),
    domain=(eta > 0, lambda_ > 0, eta * lambda_ < 2, D > 1, m >= 1),
    assumptions=(
        "all samples have the same curvature, one dimension",
        "s^2 has the divisor D - 1; the stationary mean is the mean of the data",
        "batches are independent draws from the data",
        "the variance holds for any data; the law is Gaussian only where the batch mean is",
    ),
    process=sampled_quadratics,
    observable=Moment("variance about the mean of the data, stationary", products),
    points=data_points("replacement"),
    sources=(
        Source(
            "sgdgeometry2012",
            "Section 3, stationary Gaussian",
            "sigma^2 is the variance of the data; the formula itself is lost in the surviving text",
        ),
    ),
)
