"""Largest learning rate at which the mean square converges with momentum, for Gaussian features of one variance.

Reads as: as long as m (1 - mu) is far below (1 + mu) (d + 1), momentum lowers the limit to 2m (1 - mu)/(lambda
(d + 1)): the effective learning rate eta/(1 - mu) is what counts. Large batches gain up to 2 (1 + mu)/lambda instead.

Fails when: curvatures differ: the loop gain then has to be solved for the rate at which it is one.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.gaussian_features._points import EQUAL, without_noise
from sgdtheory.processes.gaussian_features import gaussian_features_with_momentum
from sgdtheory.processes.observables import StabilityThreshold
from sgdtheory.symbols import d, eta_ms, lambda_max, m, mu, words

isotropic_stability_limit_momentum = ClosedForm(
    name="gaussian_features.isotropic_stability_limit_momentum",
    title="largest rate stable in mean square with momentum, equal curvatures",
    kind=Kind.EXACT,
    symbol=eta_ms,
    value=2 * m * (1 - mu**2) / (lambda_max * ((1 + mu) * (d + 1) + m * (1 - mu))),
    parameters=words(m, mu, lambda_max, d),
    domain=(
        m > 0,
        mu < 1,
        lambda_max > 0,
    ),
    assumptions=(
        "batches are drawn afresh from a stream of samples; features are Gaussian with mean zero and covariance H",
        "the targets are linear in the features, plus Gaussian noise of variance sigma_y^2 that is independent of them",
        "all curvatures are equal, to lambda_max",
    ),
    process=gaussian_features_with_momentum,
    observable=StabilityThreshold("learning rate at which the mean square stops converging", order=2),
    points=without_noise(EQUAL),
    sources=(),
)
