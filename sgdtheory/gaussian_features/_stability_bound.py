"""A learning rate that is stable in mean square for any Gaussian features of a trace and a largest variance.

Reads as: the largest stable rate is at least this; it is this where all curvatures are equal. Batches that are
small against tr H/lambda_max allow a learning rate nearly in proportion to their size; larger ones hardly more.

Fails when: features have heavier tails than a Gaussian; the exact limit is where the loop gain is one.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.gaussian_features._points import BOUNDED
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.processes.observables import StabilityThreshold
from sgdtheory.symbols import eta_ms, lambda_max, m, trH, words

stability_bound = ClosedForm(
    name="gaussian_features.stability_bound",
    title="learning rate that is stable in mean square, from trace and largest curvature",
    kind=Kind.BOUND,
    symbol=eta_ms,
    value=2 * m / (trH + (m + 1) * lambda_max),
    parameters=words(m, trH, lambda_max),
    domain=(
        m > 0,
        trH > 0,
        lambda_max > 0,
    ),
    assumptions=(
        "batches are drawn afresh from a stream of samples; features are Gaussian with mean zero and covariance H",
        "the targets are linear in the features, plus Gaussian noise of variance sigma_y^2 that is independent of them",
        "the largest stable rate is no smaller than this",
    ),
    process=gaussian_features,
    observable=StabilityThreshold("learning rate at which the mean square stops converging", order=2),
    points=BOUNDED,
    sources=(
        Source(
            "jain2018",
            "eqs. (3) and (5), with R^2 = tr H + 2 lambda_max, that of Gaussian features, and rho_m = 1",
            "gamma = eta, b = m; well specified",
        ),
    ),
    bound="lower",
)
