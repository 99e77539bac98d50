"""Mean of the parameters after t steps on Gaussian features.

Reads as: the mean moves as that of gradient descent on the population's loss, however large the noise: it converges
up to eta lambda_max = 2, long after the mean square has ceased to.

Fails when: batches are used more than once: the parameters then depend on what is drawn again.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.gaussian_features._points import GENERIC
from sgdtheory.processes.forms import deviations
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import delta_i, eta, lambda_i, mean_i, t, words

mean_trajectory = ClosedForm(
    name="gaussian_features.mean_trajectory",
    title="mean after t steps, exact",
    kind=Kind.EXACT,
    symbol=mean_i,
    value=(1 - eta * lambda_i) ** t * delta_i,
    parameters=words(eta, lambda_i, delta_i, t),
    domain=(
        eta > 0,
        t >= 0,
    ),
    assumptions=(
        "batches are drawn afresh from a stream of samples; features are Gaussian with mean zero and covariance H",
        "the targets are linear in the features, plus Gaussian noise of variance sigma_y^2 that is independent of them",
    ),
    process=gaussian_features,
    observable=Moment("mean of the parameters after t steps", deviations, time="steps", displaced=True),
    points=GENERIC,
    sources=(),
)
