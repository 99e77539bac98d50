"""Loop gain at a small learning rate: the trace of the Hessian decides.

Reads as: q = eta tr H/(2m); stability to leading order needs eta below 2m/tr H, whatever the spectrum.

Fails when: eta lambda_max is not small against one: a spectrum with one large curvature is stable to smaller rates.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.gaussian_features._loop_gain import loop_gain
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.symbols import eta, lambda_i, m, q, words

loop_gain_small_rate = ClosedForm(
    name="gaussian_features.loop_gain_small_rate",
    title="loop gain at a small learning rate",
    kind=Kind.ASYMPTOTIC,
    symbol=q,
    value=eta * lambda_i / (2 * m),
    parameters=words(eta, m, lambda_i),
    domain=(
        eta > 0,
        m > 0,
        lambda_i > 0,
    ),
    assumptions=(
        "batches are drawn afresh from a stream of samples; features are Gaussian with mean zero and covariance H",
        "the targets are linear in the features, plus Gaussian noise of variance sigma_y^2 that is independent of them",
        "the learning rate is small",
    ),
    process=gaussian_features,
    observable=loop_gain.observable,
    points=loop_gain.points,
    sources=(),
    limit=Limit(exact=loop_gain, small=eta),
)
