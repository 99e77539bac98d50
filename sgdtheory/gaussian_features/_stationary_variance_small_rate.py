"""Stationary variance of a mode at a small learning rate: the Ornstein-Uhlenbeck value, the same for all modes.

Reads as: noise in proportion to the Hessian spreads the parameters alike in all directions.

Fails when: eta tr H is not small against 2m: the loop then adds 1/(1 - q), and sharp modes spread further.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.gaussian_features._stationary_variance import stationary_variance
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.symbols import Sigma_ii, eta, m, sigma_y2, words

stationary_variance_small_rate = ClosedForm(
    name="gaussian_features.stationary_variance_small_rate",
    title="stationary variance of a mode at a small learning rate",
    kind=Kind.ASYMPTOTIC,
    symbol=Sigma_ii,
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
        "the loop gain falls with the learning rate",
    ),
    process=gaussian_features,
    observable=stationary_variance.observable,
    points=stationary_variance.points,
    sources=(),
    limit=Limit(exact=stationary_variance, small=eta, scaling={"loop_gain": 1}),
)
