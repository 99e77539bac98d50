"""Stationary variance along a mode on Gaussian features, exact.

Reads as: what the targets' noise alone would leave, times 1/(1 - q): the parameters' own spread feeds the noise.

Fails when: q reaches one: the variance is then infinite. Covariances of different modes are zero.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.gaussian_features._loop_gain import loop_gain
from sgdtheory.gaussian_features._points import with_gain
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.spread import mode_squares
from sgdtheory.symbols import Sigma_ii, eta, lambda_i, m, q, sigma_y2, words

stationary_variance = ClosedForm(
    name="gaussian_features.stationary_variance",
    title="stationary variance of a mode, exact",
    kind=Kind.EXACT,
    symbol=Sigma_ii,
    value=eta * sigma_y2 / ((1 - q) * (2 * m - (m + 1) * eta * lambda_i)),
    parameters=words(eta, m, lambda_i, sigma_y2, q),
    domain=(
        eta > 0,
        m > 0,
        lambda_i > 0,
        (m + 1) * eta * lambda_i < 2 * m,
        q < 1,
    ),
    assumptions=(
        "batches are drawn afresh from a stream of samples; features are Gaussian with mean zero and covariance H",
        "the targets are linear in the features, plus Gaussian noise of variance sigma_y^2 that is independent of them",
        "q is the loop gain, summed over all modes",
    ),
    process=gaussian_features,
    observable=Moment("variance of the parameters along each mode, stationary", mode_squares),
    points=with_gain(loop_gain),
    sources=(
        Source(
            "ziyin2022",
            "Theorem 2, eq. (6), without momentum",
            "sigma^2 is the targets' noise, S = m, Lambda = eta I, A = H; 1 + kappa_mu/S = 1/(1 - q)",
        ),
    ),
)
