"""Derivation of the noise floor: half the T that the loop keeps up."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.gaussian_features._expected_forms import loss
from sgdtheory.derivations.gaussian_features._modes import closed_loop, share_of, variance_of_a_mode
from sgdtheory.derivations.gaussian_features._premises import T, x_i
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.symbols import lambda_i, q, sigma_y2


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(gaussian_features)
    part = loss(d)
    variance = variance_of_a_mode(d)
    share_of(d, variance)
    d.add(
        "The loss above its minimum is half of T",
        "E[L] - L*",
        part.subs(x_i**2, T / lambda_i).subs(T, closed_loop(d, variance)),
        q * sigma_y2 / (2 * (1 - q)),
    )
    return d
