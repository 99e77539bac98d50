"""Largest learning rate at which the mean square converges, for Gaussian features of one variance.

Reads as: up to m = d + 1 a larger batch allows a learning rate in proportion; beyond, the limit 2/lambda of gradient
descent is near.

Fails when: curvatures differ: the loop gain then has to be solved for the rate at which it is one.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.gaussian_features._points import EQUAL, without_noise
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.processes.observables import StabilityThreshold
from sgdtheory.symbols import d, eta_ms, lambda_max, m, words

isotropic_stability_limit = ClosedForm(
    name="gaussian_features.isotropic_stability_limit",
    title="largest rate stable in mean square, equal curvatures",
    kind=Kind.EXACT,
    symbol=eta_ms,
    value=2 * m / (lambda_max * (d + m + 1)),
    parameters=words(m, lambda_max, d),
    domain=(
        m > 0,
        lambda_max > 0,
    ),
    assumptions=(
        "batches are drawn afresh from a stream of samples; features are Gaussian with mean zero and covariance H",
        "the targets are linear in the features, plus Gaussian noise of variance sigma_y^2 that is independent of them",
        "all curvatures are equal, to lambda_max",
    ),
    process=gaussian_features,
    observable=StabilityThreshold("learning rate at which the mean square stops converging", order=2),
    points=without_noise(EQUAL),
    sources=(),
)
