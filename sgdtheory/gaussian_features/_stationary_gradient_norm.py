"""Stationary expected squared norm of the full gradient on Gaussian features, exact.

Reads as: sharp modes decide it: each counts with the square of its curvature.

Fails when: q reaches one.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.gaussian_features._loop_gain import loop_gain
from sgdtheory.gaussian_features._points import with_gain
from sgdtheory.processes.forms import gradient_norm as gradient_norm_form
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import eta, gradient_norm, lambda_i, m, q, sigma_y2, words

stationary_gradient_norm = ClosedForm(
    name="gaussian_features.stationary_gradient_norm",
    title="stationary squared gradient norm, exact",
    kind=Kind.EXACT,
    symbol=gradient_norm,
    value=eta * lambda_i**2 * sigma_y2 / ((1 - q) * (2 * m - (m + 1) * eta * lambda_i)),
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
    observable=Moment("squared norm of the full gradient, stationary", gradient_norm_form),
    points=with_gain(loop_gain),
    sources=(),
)
