"""Expected decrease of the loss in one step at the best learning rate, on Gaussian features.

Reads as: half of the squared gradient times the best rate.

Fails when: the learning rate is not the best one for this place.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.gaussian_features._points import GENERIC
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.processes.next_step import BestNextDecrease
from sgdtheory.symbols import L_0, decrease, g2, gHg, m, sigma_y2, trH2, words

expected_decrease = ClosedForm(
    name="gaussian_features.expected_decrease",
    title="expected decrease in one step at the best rate",
    kind=Kind.EXACT,
    symbol=decrease,
    value=m * g2**2 / (2 * ((m + 1) * gHg + (2 * L_0 + sigma_y2) * trH2)),
    parameters=words(m, g2, gHg, L_0, sigma_y2, trH2),
    domain=(
        m > 0,
        g2 > 0,
        gHg > 0,
        trH2 > 0,
    ),
    assumptions=(
        "batches are drawn afresh from a stream of samples; features are Gaussian with mean zero and covariance H",
        "the targets are linear in the features, plus Gaussian noise of variance sigma_y^2 that is independent of them",
        "the excess loss L_0, g'g and g'Hg are those of the place that the step starts from",
    ),
    process=gaussian_features,
    observable=BestNextDecrease(),
    points=GENERIC,
    sources=(),
)
