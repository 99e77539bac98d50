"""Derivation of the stationary excess loss, from the variances of its modes."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.gaussian_features._expected_forms import loss
from sgdtheory.derivations.gaussian_features._premises import x_i
from sgdtheory.gaussian_features import stationary_variance
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.symbols import eta, lambda_i, m, q, sigma_y2


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(gaussian_features)
    d.add(
        "Its expectation takes the variance of the mode, a result of its own",
        "E[L] - L*, mode i",
        expectation(loss(d), {x_i: 0}, {(x_i, x_i): stationary_variance.value}),
        eta * lambda_i * sigma_y2 / (2 * (1 - q) * (2 * m - (m + 1) * eta * lambda_i)),
    )
    return d
