"""Loop gain of any linear optimizer, for Gaussian features of one variance, from its gain on additive noise.

Reads as: all that counts of an optimizer is by how much it amplifies noise: a is the squared H2 norm of its transfer
from noise to the points where gradients are taken, 1/(x (2 - x)) for plain SGD with x = eta lambda.

Fails when: curvatures differ: each mode then has a gain of its own, and the shares x_i^2 a_i/(m - x_i^2 a_i) add up.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.gaussian_features._points import with_noise_gain
from sgdtheory.momentum import stationary_covariance
from sgdtheory.processes.gaussian_features import gaussian_features_with_momentum
from sgdtheory.processes.observables import Moment, Ratio
from sgdtheory.processes.spread import returned_noise
from sgdtheory.symbols import a, d, eta, lambda_max, m, q, words

isotropic_loop_gain = ClosedForm(
    name="gaussian_features.isotropic_loop_gain",
    title="loop gain of any linear optimizer, equal curvatures, exact",
    kind=Kind.EXACT,
    symbol=q,
    value=d * (eta * lambda_max) ** 2 * a / (m - (eta * lambda_max) ** 2 * a),
    parameters=words(eta, m, lambda_max, d, a),
    domain=(
        eta > 0,
        m > 0,
        lambda_max > 0,
        (eta * lambda_max) ** 2 * a < m,
    ),
    assumptions=(
        "batches are drawn afresh from a stream of samples; features are Gaussian with mean zero and covariance H",
        "the targets are linear in the features, plus Gaussian noise of variance sigma_y^2 that is independent of them",
        "all curvatures are equal, to lambda_max",
        "the gain a is that on additive noise; the checks take it from heavy-ball momentum",
    ),
    process=gaussian_features_with_momentum,
    observable=Ratio(Moment("share of the parameters' spread in the squared error on fresh samples", returned_noise)),
    points=with_noise_gain(stationary_covariance),
    sources=(),
)
