"""Course of the excess loss for Gaussian features of one variance, exact.

Reads as: a straight line in log scale down to the noise floor; both its slope and the floor know d and m.

Fails when: curvatures differ; when (d + m + 1) eta lambda = 2m the floor is infinite and the loss grows linearly.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.gaussian_features._points import EQUAL
from sgdtheory.processes.forms import loss
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import L_0, d, eta, excess_loss, lambda_max, m, sigma_y2, t, words

stable = 2 * m - (d + m + 1) * eta * lambda_max
floor = d * eta * lambda_max * sigma_y2 / (2 * stable)

isotropic_transient_loss = ClosedForm(
    name="gaussian_features.isotropic_transient_loss",
    title="excess loss after t steps, equal curvatures, exact",
    kind=Kind.EXACT,
    symbol=excess_loss,
    value=floor + (1 - eta * lambda_max * stable / m) ** t * (L_0 - floor),
    parameters=words(eta, m, lambda_max, d, sigma_y2, L_0, t),
    domain=(
        eta > 0,
        m > 0,
        lambda_max > 0,
        (d + m + 1) * eta * lambda_max < 2 * m,
        t >= 0,
    ),
    assumptions=(
        "batches are drawn afresh from a stream of samples; features are Gaussian with mean zero and covariance H",
        "the targets are linear in the features, plus Gaussian noise of variance sigma_y^2 that is independent of them",
        "all curvatures are equal, to lambda_max",
        "L_0 is the loss of the start above its minimum",
    ),
    process=gaussian_features,
    observable=Moment("loss above its minimum after t steps", loss, time="steps", displaced=True),
    points=EQUAL,
    sources=(),
)
