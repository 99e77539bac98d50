"""Loop gain of SGD with Nesterov's momentum on Gaussian features.

Reads as: a mode returns less than with the heavy ball if and only if mu is above 1/2 and eta lambda below (1 + mu)^2 (2
mu - 1)/(mu (1 + 2 mu)). Where that holds of every mode, larger learning rates keep the gain below one.

Fails when: a mode's denominator reaches zero, where it is unstable on its own; when features are not Gaussian.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.gaussian_features._points import GENERIC
from sgdtheory.processes.gaussian_features import gaussian_features_with_nesterov
from sgdtheory.processes.observables import Moment, Ratio
from sgdtheory.processes.spread import returned_noise
from sgdtheory.symbols import eta, lambda_i, m, mu, q, words

pushed = eta * lambda_i * (1 + mu + mu * (1 + 2 * mu) * eta * lambda_i)
left = m * (1 - mu + mu * eta * lambda_i) * (2 * (1 + mu) - (1 + 2 * mu) * eta * lambda_i) - pushed

loop_gain_nesterov = ClosedForm(
    name="gaussian_features.loop_gain_nesterov",
    title="loop gain with Nesterov's momentum, exact; stable in mean square below one",
    kind=Kind.EXACT,
    symbol=q,
    value=pushed / left,
    parameters=words(eta, m, mu, lambda_i),
    domain=(
        eta > 0,
        m > 0,
        lambda_i > 0,
        mu < 1,
        (1 + 2 * mu) * eta * lambda_i < 2 * (1 + mu),
        left > 0,
    ),
    assumptions=(
        "batches are drawn afresh from a stream of samples; features are Gaussian with mean zero and covariance H",
        "the targets are linear in the features, plus Gaussian noise of variance sigma_y^2 that is independent of them",
        "q, summed over all modes, is below one",
    ),
    process=gaussian_features_with_nesterov,
    observable=Ratio(Moment("share of the parameters' spread in the squared error on fresh samples", returned_noise)),
    points=GENERIC,
    sources=(),
)
