"""Stationary excess loss at a small learning rate: eta sigma_y^2 tr H/(4m).

Reads as: a quarter of the learning rate times the noise that the targets make in a batch's gradient.

Fails when: eta tr H is not small against 2m.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.gaussian_features._stationary_excess_loss import stationary_excess_loss
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.symbols import eta, excess_loss, lambda_i, m, sigma_y2, words

stationary_excess_loss_small_rate = ClosedForm(
    name="gaussian_features.stationary_excess_loss_small_rate",
    title="stationary excess loss at a small learning rate",
    kind=Kind.ASYMPTOTIC,
    symbol=excess_loss,
    value=eta * lambda_i * sigma_y2 / (4 * m),
    parameters=words(eta, m, lambda_i, sigma_y2),
    domain=(
        eta > 0,
        m > 0,
        lambda_i > 0,
    ),
    assumptions=(
        "batches are drawn afresh from a stream of samples; features are Gaussian with mean zero and covariance H",
        "the targets are linear in the features, plus Gaussian noise of variance sigma_y^2 that is independent of them",
        "the learning rate is small",
        "the loop gain falls with the learning rate",
    ),
    process=gaussian_features,
    observable=stationary_excess_loss.observable,
    points=stationary_excess_loss.points,
    sources=(),
    limit=Limit(exact=stationary_excess_loss, small=eta, scaling={"loop_gain": 1}),
)
