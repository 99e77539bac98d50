"""Derivation of the stability limit with a delay: where a root of the mean's equation meets the unit circle."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.asynchrony._premises import modes, y_i
from sgdtheory.derivations.quadratic._premises import n_i, x_i
from sgdtheory.processes.old_parameters import delayed_gradient
from sgdtheory.symbols import eta, lambda_i, lambda_max, tau_d

z, phi = sp.Symbol("z"), sp.Symbol("phi", positive=True)


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(delayed_gradient)
    (after,) = modes(d, (x_i, y_i, n_i, lambda_i))
    polynomial = d.add(
        "A mean that is multiplied by z at each step has x = z^tau_d y; the noise has mean zero, so z is a root of",
        "x_i'/y_i - z^(tau_d + 1)",
        after.subs({x_i: z**tau_d, y_i: 1, n_i: 0}) - z ** (tau_d + 1),
        z**tau_d - eta * lambda_i - z ** (tau_d + 1),
    )
    (rate,) = sp.solve(polynomial, eta)
    on_circle = d.add(
        "Without a learning rate the roots are 1 and 0, and 1 moves inwards. A root meets the unit circle, at"
        " z = exp(i phi), where",
        "eta lambda_i",
        (rate * lambda_i).subs(z, sp.exp(sp.I * phi)),
        2 * sp.sin(phi / 2) * sp.exp(sp.I * ((2 * tau_d + 1) * phi - sp.pi) / 2),
        numerically=True,
    )
    d.add(
        "This is positive where (2 tau_d + 1) phi - pi is a multiple of 4 pi, the first time at phi = pi/(2 tau_d + 1);"
        " no root meets it at a smaller rate, and the largest curvature comes first",
        "eta_max",
        (on_circle / lambda_i).subs({phi: sp.pi / (2 * tau_d + 1), lambda_i: lambda_max}),
        2 * sp.sin(sp.pi / (2 * (2 * tau_d + 1))) / lambda_max,
        numerically=True,
    )
    return d
