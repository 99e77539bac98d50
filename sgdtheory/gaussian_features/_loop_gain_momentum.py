"""Loop gain of SGD with heavy-ball momentum on Gaussian features.

Reads as: to leading order it is that of the effective learning rate eta/(1 - mu); the mean square stops converging
where it reaches one.

Fails when: a mode's denominator reaches zero, where it is unstable on its own; when features are not Gaussian.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.gaussian_features._points import GENERIC
from sgdtheory.processes.gaussian_features import gaussian_features_with_momentum
from sgdtheory.processes.observables import Moment, Ratio
from sgdtheory.processes.spread import returned_noise
from sgdtheory.symbols import eta, lambda_i, m, mu, q, words

left = m * (1 - mu) * (2 * (1 + mu) - eta * lambda_i) - eta * lambda_i * (1 + mu)

loop_gain_momentum = ClosedForm(
    name="gaussian_features.loop_gain_momentum",
    title="loop gain with momentum, exact; stable in mean square below one",
    kind=Kind.EXACT,
    symbol=q,
    value=eta * lambda_i * (1 + mu) / left,
    parameters=words(eta, m, mu, lambda_i),
    domain=(
        eta > 0,
        m > 0,
        lambda_i > 0,
        mu < 1,
        left > 0,
    ),
    assumptions=(
        "batches are drawn afresh from a stream of samples; features are Gaussian with mean zero and covariance H",
        "the targets are linear in the features, plus Gaussian noise of variance sigma_y^2 that is independent of them",
        "q, summed over all modes, is below one",
    ),
    process=gaussian_features_with_momentum,
    observable=Ratio(Moment("share of the parameters' spread in the squared error on fresh samples", returned_noise)),
    points=GENERIC,
    sources=(
        Source(
            "ziyin2022",
            "Theorem 2, eq. (6): q = Tr[Lambda A G_mu^-1]/S",
            "sigma^2 is the targets' noise, S = m, Lambda = eta I, A = H; 1 + kappa_mu/S = 1/(1 - q)",
        ),
    ),
)
