"""Derivation of the variance at a small learning rate, for features of one variance."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.series import leading_term
from sgdtheory.gaussian_features import isotropic_variance
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.symbols import eta, m, sigma_y2


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(gaussian_features)
    value = d.add(
        "The exact value, a result of its own", "Var[theta]", isotropic_variance.value, isotropic_variance.value
    )
    order, coefficient = leading_term(value, eta)
    d.add(
        "Its expansion in the learning rate begins with",
        "Var[theta]",
        coefficient * eta**order,
        eta * sigma_y2 / (2 * m),
    )
    return d
