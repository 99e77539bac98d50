"""Curvature along batch gradients over the squared full gradient with momentum and random curvature, one dimension.

Reads as: about (1 - mu) times 2/eta, and the same for every law of curvatures and noise. At the edge of mean-square
stability it is neither 2/eta nor anything else of note.

Fails when: there is more than one dimension: the ratio then depends on the noise.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.fluctuation_dissipation._points import RANDOM_CURVATURE_IN_ONE_DIMENSION
from sgdtheory.processes.looks import batch_gradient_curvature, four_in_a_row, gradient_norm, over
from sgdtheory.processes.observables import Moment, Ratio
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_momentum
from sgdtheory.symbols import eta, lambda_, mu, second_ratio, words

gradient_noise_interaction_random_curvature = ClosedForm(
    name="fluctuation_dissipation.gradient_noise_interaction_random_curvature",
    title="gradient-noise interaction with momentum in one dimension, random curvature",
    kind=Kind.EXACT,
    symbol=second_ratio,
    value=2 * (1 - mu) / eta + 2 * mu * lambda_ / (1 + mu),
    parameters=words(eta, mu, lambda_),
    domain=(mu < 1, eta * lambda_ < 2 * (1 + mu)),
    assumptions=(
        "the run is stationary, with finite second moments",
        "each sample's loss is quadratic, with a curvature of its own",
        "a batch is independent of the parameters at which its gradient is taken",
    ),
    process=sampled_curvature_with_momentum,
    observable=Ratio(
        Moment(
            "curvature along the batch gradient over the squared gradient, stationary",
            over(batch_gradient_curvature, gradient_norm),
            lag=four_in_a_row,
            law=("learning_rate", "momentum"),
        )
    ),
    points=RANDOM_CURVATURE_IN_ONE_DIMENSION,
    sources=(Source("andreyev2024", "gradient-noise interaction", "GNI; momentum is not in its definition"),),
)
