"""Stationary variance along a mode on Gaussian features with Nesterov's momentum, exact.

Reads as: what the targets' noise alone would leave, times 1/(1 - q): the parameters' own spread feeds the noise.

Fails when: q reaches one: the variance is then infinite. Covariances of different modes are zero.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.gaussian_features._loop_gain_nesterov import loop_gain_nesterov
from sgdtheory.gaussian_features._points import with_gain
from sgdtheory.processes.gaussian_features import gaussian_features_with_nesterov
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.spread import mode_squares
from sgdtheory.symbols import Sigma_ii, eta, lambda_i, m, mu, q, sigma_y2, words

pushed = eta * lambda_i * (1 + mu + mu * (1 + 2 * mu) * eta * lambda_i)
left = m * (1 - mu + mu * eta * lambda_i) * (2 * (1 + mu) - (1 + 2 * mu) * eta * lambda_i) - pushed

stationary_variance_nesterov = ClosedForm(
    name="gaussian_features.stationary_variance_nesterov",
    title="stationary variance of a mode with Nesterov's momentum, exact",
    kind=Kind.EXACT,
    symbol=Sigma_ii,
    value=pushed * sigma_y2 / (lambda_i * (1 - q) * left),
    parameters=words(eta, m, mu, lambda_i, sigma_y2, q),
    domain=(
        eta > 0,
        m > 0,
        lambda_i > 0,
        mu < 1,
        (1 + 2 * mu) * eta * lambda_i < 2 * (1 + mu),
        left > 0,
        q < 1,
    ),
    assumptions=(
        "batches are drawn afresh from a stream of samples; features are Gaussian with mean zero and covariance H",
        "the targets are linear in the features, plus Gaussian noise of variance sigma_y^2 that is independent of them",
        "q is the loop gain, summed over all modes",
    ),
    process=gaussian_features_with_nesterov,
    observable=Moment("variance of the parameters along each mode, stationary", mode_squares),
    points=with_gain(loop_gain_nesterov),
    sources=(),
)
