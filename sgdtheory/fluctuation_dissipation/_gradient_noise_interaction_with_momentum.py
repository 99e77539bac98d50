"""Curvature along batch gradients over the squared full gradient with momentum, in one dimension.

Reads as: without momentum it is 2/eta; with it about (1 - mu) times that, because the run swings further on the same
batches. A threshold of 2/eta means nothing here; the relation that holds with momentum is the one between the
gradient and the steps.

Fails when: there is more than one dimension: the ratio then depends on the noise.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.fluctuation_dissipation._points import ONE_DIMENSION
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.processes.looks import batch_gradient_curvature, four_in_a_row, gradient_norm, over
from sgdtheory.processes.observables import Moment, Ratio
from sgdtheory.symbols import eta, lambda_, mu, second_ratio, words

gradient_noise_interaction_with_momentum = ClosedForm(
    name="fluctuation_dissipation.gradient_noise_interaction_with_momentum",
    title="gradient-noise interaction with momentum in one dimension, exact",
    kind=Kind.EXACT,
    symbol=second_ratio,
    value=2 * (1 - mu) / eta + 2 * mu * lambda_ / (1 + mu),
    parameters=words(eta, mu, lambda_),
    domain=(
        eta > 0,
        mu < 1,
        lambda_ > 0,
        eta * lambda_ < 2 * (1 + mu),
    ),
    assumptions=(
        "the Hessian is constant and the noise independent of the parameters",
        "the run is stationary",
    ),
    process=additive_noise_with_momentum,
    observable=Ratio(
        Moment(
            "curvature along the batch gradient over the squared gradient, stationary",
            over(batch_gradient_curvature, gradient_norm),
            lag=four_in_a_row,
            law=("learning_rate", "momentum"),
        )
    ),
    points=ONE_DIMENSION,
    sources=(),
)
