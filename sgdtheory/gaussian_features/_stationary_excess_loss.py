"""Stationary excess loss on Gaussian features, exact, as a sum over modes.

Reads as: at a small learning rate each mode holds a part in proportion to its curvature. Sharp modes hold more than
that, and 1/(1 - q) multiplies all.

Fails when: q reaches one.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.gaussian_features._loop_gain import loop_gain
from sgdtheory.gaussian_features._points import with_gain
from sgdtheory.processes.forms import loss
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import eta, excess_loss, lambda_i, m, q, sigma_y2, words

stationary_excess_loss = ClosedForm(
    name="gaussian_features.stationary_excess_loss",
    title="stationary excess loss, exact",
    kind=Kind.EXACT,
    symbol=excess_loss,
    value=eta * lambda_i * sigma_y2 / (2 * (1 - q) * (2 * m - (m + 1) * eta * lambda_i)),
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
    observable=Moment("loss above its minimum, stationary", loss),
    points=with_gain(loop_gain),
    sources=(),
)
