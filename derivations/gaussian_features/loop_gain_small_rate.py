"""Derivation of the loop gain at a small learning rate."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.series import leading_term
from sgdtheory.gaussian_features import loop_gain
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.symbols import eta, lambda_i, m


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(gaussian_features)
    value = d.add("The exact value, a result of its own", "share of mode i", loop_gain.value, loop_gain.value)
    order, coefficient = leading_term(value, eta)
    d.add(
        "Its expansion in the learning rate begins with",
        "share of mode i",
        coefficient * eta**order,
        eta * lambda_i / (2 * m),
    )
    return d
