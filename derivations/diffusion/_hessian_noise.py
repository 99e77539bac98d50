"""Steps that results on noise equal to the Hessian share: a law for any noise, with C = H put in."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import C_ii, C_ij, lambda_i, lambda_j


def with_variance(covariance: sp.Expr) -> Derivation:
    """Derive the variance of a mode from the covariance of two for any noise."""
    d = Derivation(additive_noise)
    variance = d.add(
        "Variance of mode i for any noise: the covariance with j = i, a result of its own",
        "Var[x_i]",
        covariance.subs({lambda_j: lambda_i, C_ij: C_ii}),
    )
    d.add("In the eigenbasis of H = C the noise of mode i is lambda_i", "Var[x_i]", variance.subs(C_ii, lambda_i))
    return d


def with_loss(excess_loss: sp.Expr) -> Derivation:
    """Derive the loss from that for any noise."""
    d = Derivation(additive_noise)
    loss = d.add(
        "The excess loss for any noise, a result of its own; mode i contributes", "E[L] - L*, mode i", excess_loss
    )
    d.add("In the eigenbasis of H = C the noise of mode i is lambda_i", "E[L] - L*, mode i", loss.subs(C_ii, lambda_i))
    return d
