"""Loop gain of SGD on Gaussian features: what the parameters' spread returns to the noise that makes it.

Reads as: each mode returns its share, and at q = 1 the noise keeps itself up: the mean square stops converging there,
in any dimension. Below, q is the share of the error on fresh samples that is due to the spread of the parameters.

Fails when: (m + 1) eta lambda_max reaches 2m, where a mode is unstable on its own; when features are not Gaussian.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.gaussian_features._points import GENERIC
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.processes.observables import Moment, Ratio
from sgdtheory.processes.spread import returned_noise
from sgdtheory.symbols import eta, lambda_i, m, q, words

loop_gain = ClosedForm(
    name="gaussian_features.loop_gain",
    title="loop gain, exact; stable in mean square below one",
    kind=Kind.EXACT,
    symbol=q,
    value=eta * lambda_i / (2 * m - (m + 1) * eta * lambda_i),
    parameters=words(eta, m, lambda_i),
    domain=(
        eta > 0,
        m > 0,
        lambda_i > 0,
        (m + 1) * eta * lambda_i < 2 * m,
    ),
    assumptions=(
        "batches are drawn afresh from a stream of samples; features are Gaussian with mean zero and covariance H",
        "the targets are linear in the features, plus Gaussian noise of variance sigma_y^2 that is independent of them",
        "q, summed over all modes, is below one",
    ),
    process=gaussian_features,
    observable=Ratio(Moment("share of the parameters' spread in the squared error on fresh samples", returned_noise)),
    points=GENERIC,
    sources=(
        Source(
            "ziyin2022",
            "Theorem 2, eq. (6), without momentum: q = Tr[Lambda A G^-1]/S",
            "sigma^2 is the targets' noise, S = m, Lambda = eta I, A = H; 1 + kappa_mu/S = 1/(1 - q)",
        ),
        Source(
            "jain2018",
            "eq. (2), the largest stable rate as a supremum over matrices; for Gaussian features it is q = 1",
            "gamma = eta, b = m",
        ),
    ),
)
