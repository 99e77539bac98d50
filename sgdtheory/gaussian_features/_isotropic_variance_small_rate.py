"""Stationary variance at a small learning rate, for features of one variance: the Ornstein-Uhlenbeck value.

Reads as: it knows neither the curvature nor the dimension.

Fails when: the learning rate is not far below its stable limit 2m/(lambda (d + m + 1)), which in high dimension is
itself far below 2/lambda.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.gaussian_features._isotropic_variance import isotropic_variance
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.symbols import eta, m, sigma_y2, variance, words

isotropic_variance_small_rate = ClosedForm(
    name="gaussian_features.isotropic_variance_small_rate",
    title="stationary variance at a small learning rate, equal curvatures",
    kind=Kind.ASYMPTOTIC,
    symbol=variance,
    value=eta * sigma_y2 / (2 * m),
    parameters=words(eta, m, sigma_y2),
    domain=(
        eta > 0,
        m > 0,
    ),
    assumptions=(
        "batches are drawn afresh from a stream of samples; features are Gaussian with mean zero and covariance H",
        "the targets are linear in the features, plus Gaussian noise of variance sigma_y^2 that is independent of them",
        "the learning rate is small",
    ),
    process=gaussian_features,
    observable=isotropic_variance.observable,
    points=isotropic_variance.points,
    sources=(),
    limit=Limit(exact=isotropic_variance, small=eta),
)
