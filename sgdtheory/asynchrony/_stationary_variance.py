"""Stationary variance of one parameter that W workers move asynchronously, exact.

Reads as: to leading order that of plain SGD at the same learning rate; at any rate it is larger, and it is not that of
the heavy ball whose mean the workers share: which worker comes next is noise too, and it grows with the parameters.

Fails when: eta lambda reaches (1 + sqrt(1 + 8 W))/(2 W), or where curvature varies from sample to sample.
"""

from sgdtheory.asynchrony._points import WORKERS
from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.old_parameters import asynchronous
from sgdtheory.symbols import W, eta, lambda_, m, sigma2, variance, words

stationary_variance = ClosedForm(
    name="asynchrony.stationary_variance",
    title="stationary variance of one parameter with asynchronous workers, exact",
    kind=Kind.EXACT,
    symbol=variance,
    value=eta * lambda_ * sigma2 * (1 + W * eta * lambda_) / (m * (2 + eta * lambda_ - W * eta**2 * lambda_**2)),
    parameters=words(eta, m, W, lambda_, sigma2),
    domain=(eta > 0, m > 0, lambda_ > 0, W * eta**2 * lambda_**2 < 2 + eta * lambda_),
    assumptions=(
        "the loss of one sample is lambda (theta - y)^2/2, with samples y of variance sigma^2",
        "batches are drawn with replacement, or from a large data set",
        "each step is that of one of the W workers, each as likely as the others, whatever happened before",
    ),
    process=asynchronous,
    observable=Moment("variance of the parameter, stationary", products),
    points=WORKERS,
    sources=(),
)
