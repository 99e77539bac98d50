"""Derivation of the temperature of a mode: its curvature times its exact stationary variance."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import stationary_covariance
from sgdtheory.symbols import C_ii, C_ij, c_iso, lambda_i, lambda_j


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    variance = d.add(
        "Variance of mode i: the covariance with j = i, a result of its own",
        "Var[x_i]",
        stationary_covariance.value.subs({lambda_j: lambda_i, C_ij: C_ii}),
    )
    isotropic = d.add("The noise is isotropic", "Var[x_i]", variance.subs(C_ii, c_iso))
    d.add("A density exp(-L/n) would have the variance n/lambda_i", "T_i", lambda_i * isotropic)
    return d
