"""Learning rate that minimises the expected loss after one step on Gaussian features.

Reads as: g'g/g'Hg of steepest descent, lowered by the noise of the batch; the noise grows with the loss itself, so that
without target noise the best rate does not go to zero.

Fails when: more than the next step counts: this rate is greedy.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.gaussian_features._points import GENERIC
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.processes.next_step import BestNextRate
from sgdtheory.symbols import L_0, eta_star, g2, gHg, m, sigma_y2, trH2, words

optimal_learning_rate = ClosedForm(
    name="gaussian_features.optimal_learning_rate",
    title="learning rate with the lowest expected loss after one step",
    kind=Kind.EXACT,
    symbol=eta_star,
    value=m * g2 / ((m + 1) * gHg + (2 * L_0 + sigma_y2) * trH2),
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
    observable=BestNextRate(),
    points=GENERIC,
    sources=(),
)
