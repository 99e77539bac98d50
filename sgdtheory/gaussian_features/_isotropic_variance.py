"""Stationary variance of each parameter, for Gaussian features of one variance, exact.

Reads as: it grows without bound as the learning rate nears its stable limit 2m/(lambda (d + m + 1)).

Fails when: curvatures differ.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.gaussian_features._points import EQUAL
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.spread import mean_square
from sgdtheory.symbols import d, eta, lambda_max, m, sigma_y2, variance, words

isotropic_variance = ClosedForm(
    name="gaussian_features.isotropic_variance",
    title="stationary variance, equal curvatures, exact",
    kind=Kind.EXACT,
    symbol=variance,
    value=eta * sigma_y2 / (2 * m - (d + m + 1) * eta * lambda_max),
    parameters=words(eta, m, lambda_max, d, sigma_y2),
    domain=(
        eta > 0,
        m > 0,
        lambda_max > 0,
        (d + m + 1) * eta * lambda_max < 2 * m,
    ),
    assumptions=(
        "batches are drawn afresh from a stream of samples; features are Gaussian with mean zero and covariance H",
        "the targets are linear in the features, plus Gaussian noise of variance sigma_y^2 that is independent of them",
        "all curvatures are equal, to lambda_max",
    ),
    process=gaussian_features,
    observable=Moment("variance of a parameter, stationary, averaged over the parameters", mean_square),
    points=EQUAL,
    sources=(),
)
