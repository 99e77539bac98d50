"""Stationary moments of one mode, its batch gradient and its step: what the relations of this family are between."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.momentum._premises import ONE_MODE, pair_of_modes, v_i, x_i
from sgdtheory.derivations.quadratic import _premises as plain
from sgdtheory.derivations.quadratic._premises import NOISE, n_i
from sgdtheory.momentum import position_velocity_covariance, stationary_covariance, velocity_covariance
from sgdtheory.processes.additive_noise import additive_noise, additive_noise_with_momentum
from sgdtheory.symbols import C_ii, eta, lambda_i, m

# E[x^2], E[x v], E[v^2] of one mode before a step.
S, Y, W = sp.symbols("S_i Y_i W_i", real=True)


@dataclass(frozen=True)
class Mode:
    """One mode of a stationary run.

    Attributes
    ----------
    derivation
        What has been derived so far.
    after
        Its displacement after a step.
    slope
        Its batch gradient, in the displacement and the noise.
    moments
        The stationary values of S, Y, W.
    """

    derivation: Derivation
    after: sp.Expr
    slope: sp.Expr
    moments: dict[sp.Symbol, sp.Expr]

    def mean(self, product: sp.Expr) -> sp.Expr:
        """Return the expectation of a product before a step, in S, Y, W; the noise is independent of the state."""
        covariances = {(n_i, n_i): NOISE[n_i, n_i], (x_i, x_i): S, (x_i, v_i): Y, (v_i, v_i): W}
        return expectation(product, {x_i: 0, v_i: 0, n_i: 0}, covariances)

    def settled(self, value: sp.Expr) -> sp.Expr:
        """Return a value with the stationary moments put in."""
        return value.subs(self.moments)


def plain_mode() -> Mode:
    """Derive the stationary variance of a mode of plain SGD."""
    d = Derivation(additive_noise)
    after, _ = plain.pair_of_modes(d)
    mode = Mode(d, after, _slope(d, additive_noise), {})
    square = d.add(
        "The mean square after a step, S being that before it",
        "E[x_i'^2]",
        mode.mean(after**2),
        (1 - eta * lambda_i) ** 2 * S + eta**2 * C_ii / m,
    )
    (variance,) = sp.solve(square - S, S)
    d.add(
        "Stationary: it is as it was; the solution, put into the step, comes back",
        "S_i",
        square.subs(S, variance),
        variance,
    )
    return Mode(d, after, mode.slope, {S: variance})


def mode_with_momentum() -> Mode:
    """State the step of a mode with momentum and its stationary second moments, which are results of their own."""
    d = Derivation(additive_noise_with_momentum)
    after = pair_of_modes(d)
    results = {
        S: ("E[x_i^2]", stationary_covariance),
        Y: ("E[x_i v_i]", position_velocity_covariance),
        W: ("E[v_i^2]", velocity_covariance),
    }
    moments = {
        moment: d.add(
            "The stationary second moments are results of their own; with j = i" if moment == S else "likewise",
            shown,
            form.value.subs(ONE_MODE),
        )
        for moment, (shown, form) in results.items()
    }
    return Mode(d, after[0], _slope(d, additive_noise_with_momentum), moments)


def _slope(d: Derivation, process: object) -> sp.Expr:
    along = {"curvature": sp.Matrix([[lambda_i]]), "minimum": sp.zeros(1, 1)}
    slope = process.gradient(sp.Matrix([x_i]), sp.Matrix([n_i]), **along)[0]
    return d.add("The batch gradient along mode i", "g_i", slope, lambda_i * x_i + n_i)
