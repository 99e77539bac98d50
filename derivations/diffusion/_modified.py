"""The drift of the second-order modified equation, found from a step of SGD."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.recursion import coefficients
from sgdtheory.derivations.quadratic._expected_forms import slope
from sgdtheory.derivations.quadratic._premises import mean_of_the_step, x_i
from sgdtheory.symbols import eta, lambda_i


def modified_rate(d: Derivation) -> sp.Expr:
    """Derive the rate k_i at which the drift -k_i x must pull so that a time eta agrees with a step to second order."""
    factor, _ = coefficients(mean_of_the_step(d), x_i)
    b = sp.Symbol("b", real=True)
    first = -sp.diff(factor, eta).subs(eta, 0)
    taylor = sp.series(sp.exp(-eta * (first + eta * b)), eta, 0, 3).removeO()
    gap = d.add(
        "In the time eta the drift -(lambda_i + eta b) x leaves a share of x; less that of a step, up to eta^2",
        "exp(-eta (lambda_i + eta b)) - (1 - eta lambda_i) + O(eta^3)",
        sp.expand(taylor - factor),
        eta**2 * (lambda_i**2 / 2 - b),
    )
    return d.add(
        "It vanishes for one b: the rate of the second-order drift",
        "k_i",
        first + eta * sp.solve(gap, b)[0],
        lambda_i * (1 + eta * lambda_i / 2),
    )


def modified_loss(d: Derivation, rate: sp.Expr) -> None:
    """Show that this drift goes down the gradient of the modified loss."""
    loss = sp.integrate(slope(x_i), (x_i, 0, x_i))
    d.add(
        "It goes down the gradient of the loss L + (eta/4) |grad L|^2",
        "grad (L + (eta/4) |grad L|^2), mode i",
        sp.diff(loss + eta / 4 * sp.diff(loss, x_i) ** 2, x_i),
        rate * x_i,
    )
