"""The Fokker-Planck equation: whether a density solves it, and the current of probability.

Convention. The diffusion dx = b(x, t) dt + G(x, t) dW, read after Ito, has the drift b and the diffusion matrix
B = G G', the covariance that it gains per unit of time. Its density p solves

    dp/dt = - sum_i d_i (b_i p) + 1/2 sum_ij d_i d_j (B_ij p) = - sum_i d_i J_i,

with the current J_i = b_i p - 1/2 sum_j d_j (B_ij p). Many texts write D = B/2.

Everything is divided by p and written with the derivatives of log p, so that it is rational wherever drift, diffusion
and those derivatives are, and a zero is recognised.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.functions.elementary.hyperbolic import HyperbolicFunction
from sympy.functions.elementary.trigonometric import TrigonometricFunction

from sgdtheory.algebra.expressions import checked_expression, listed
from sgdtheory.algebra.lowest_terms import in_lowest_terms
from sgdtheory.errors import DomainError, ShapeError


def residual(density: sp.Expr, drift: Any, diffusion: Any, variables: Any, time: sp.Symbol | None = None) -> sp.Expr:
    """Return (dp/dt + div J) / p in lowest terms: zero where p solves the Fokker-Planck equation.

    If it is zero, p solves the equation. If it is not, then p does not, provided that density, drift and diffusion are
    made of rational functions, exponentials, roots, logarithms, and trigonometric and hyperbolic functions. Identities
    of other functions, of nested roots, and between roots or logarithms of different expressions may be missed.

    Parameters
    ----------
    density
        p, an expression in the variables; its normalisation does not matter.
    drift
        (d,) b, expressions in the variables and the time.
    diffusion
        (d, d) B, the covariance gained per unit of time.
    variables
        The d coordinates.
    time
        The time, if p, b or B depend on it; without it the stationary equation is meant.

    Returns
    -------
    sympy.Expr
        What is left over, per unit of density.

    Raises
    ------
    ShapeError
        If drift or diffusion do not fit the variables.
    DomainError
        If the density is zero, the diffusion matrix not symmetric, a variable no symbol, or an entry no expression.
    NonFiniteError
        If an entry is NaN or infinite.

    Examples
    --------
    >>> x, t, h, c = sp.symbols("x t h c", positive=True)
    >>> residual(sp.exp(-h * x**2 / c), -h * x, c, x)
    0
    >>> residual(sp.exp(-(x**2) / (2 * c * t)) / sp.sqrt(t), 0, c, x, time=t)
    0
    >>> residual(sp.exp(-2 * h * x**2 / c), -h * x, c, x)  # the temperature is wrong
    h*(c - 4*h*x**2)/c
    """
    b, B, x = _checked(density, drift, diffusion, variables, time)
    log = _logarithm(density)
    score = [sp.diff(log, v) for v in x]
    flow = _velocity(b, B, x, score)
    growth = sp.diff(log, time) if time is not None else sp.Integer(0)
    terms = [growth, *(sp.diff(f, v) + f * s for f, v, s in zip(flow, x, score, strict=True))]
    return _lowest_terms(sp.Add(*terms))


def probability_current(
    density: sp.Expr, drift: Any, diffusion: Any, variables: Any, time: sp.Symbol | None = None
) -> sp.ImmutableMatrix:
    """Return the current J of probability, with the density as a factor.

    Parameters
    ----------
    density, drift, diffusion, variables, time
        As for :func:`residual`.

    Returns
    -------
    sympy.ImmutableMatrix
        (d, 1) J_i = b_i p - 1/2 sum_j d_j (B_ij p). In a stationary state it has no divergence; it is zero if there is
        detailed balance. J/p is the velocity with which probability flows.

    Raises
    ------
    ShapeError, DomainError, NonFiniteError
        As for :func:`residual`.

    Examples
    --------
    >>> x, y, w = sp.symbols("x y w", real=True)
    >>> p = sp.exp(-(x**2) - y**2)
    >>> (probability_current(p, [-x - w * y, -y + w * x], sp.eye(2), [x, y]) / p).expand().T
    Matrix([[-w*y, w*x]])
    """
    b, B, x = _checked(density, drift, diffusion, variables, time)
    score = [sp.diff(_logarithm(density), v) for v in x]
    return sp.ImmutableMatrix([density * _lowest_terms(entry) for entry in _velocity(b, B, x, score)])


def _velocity(b: list[sp.Expr], B: list[list[sp.Expr]], x: list[sp.Symbol], score: list[sp.Expr]) -> list[sp.Expr]:
    """Return J/p."""
    return [
        b[i] - sp.Add(*(sp.diff(B[i][j], x[j]) + B[i][j] * score[j] for j in range(len(x)))) / 2 for i in range(len(x))
    ]


def _logarithm(density: sp.Expr) -> sp.Expr:
    """Return log p up to a constant; only its derivatives are used, so branches do not matter."""
    if density.is_Mul:
        return sp.Add(*map(_logarithm, density.args))
    if isinstance(density, sp.exp):
        return density.exp
    if density.is_Pow and not density.base.is_number:
        return density.exp * _logarithm(density.base)
    return sp.log(density)


def _lowest_terms(expression: sp.Expr) -> sp.Expr:
    found = in_lowest_terms(expression)
    if found.has(TrigonometricFunction, HyperbolicFunction) and in_lowest_terms(found.rewrite(sp.exp)) == 0:
        return sp.Integer(0)  # sin^2 + cos^2 = 1 and their like are identities of exponentials
    return found


def _checked(
    density: Any, drift: Any, diffusion: Any, variables: Any, time: Any
) -> tuple[list[sp.Expr], list[list[sp.Expr]], list[sp.Symbol]]:
    x = listed(variables)
    if not x or not all(isinstance(v, sp.Symbol) for v in [*x, *([] if time is None else [time])]):
        raise DomainError(
            "variables and time are not symbols",
            got=f"variables {variables}, time {time}"[:200],
            allowed="one sympy.Symbol for each coordinate, and one for the time if there is one",
            mend="hand in variables=[x, y], time=t",
        )
    if len({*x, time}) != len(x) + 1:
        raise DomainError(
            "a symbol stands for two coordinates",
            got=f"variables {variables}, time {time}",
            allowed="different symbols for the coordinates and the time",
            mend="rename one of them",
        )
    p = checked_expression("the density", density)
    if p == 0:
        raise DomainError(
            "the density is zero", got=density, allowed="a density that is positive somewhere", mend="check it"
        )
    b = [checked_expression(f"entry {i} of the drift", entry) for i, entry in enumerate(listed(drift))]
    rows = diffusion.tolist() if isinstance(diffusion, sp.MatrixBase) else listed(diffusion)
    rows = [listed(row) for row in rows]
    d = len(x)
    if len(b) != d or len(rows) != d or any(len(row) != d for row in rows):
        raise ShapeError(
            "drift or diffusion do not fit the variables",
            got=f"{len(b)} entries of drift, rows of {[len(row) for row in rows]} entries of diffusion, {d} variables",
            allowed="d entries of drift and d rows of d entries of diffusion",
            mend="hand in one entry, row and column for each variable",
        )
    B = [[checked_expression(f"entry ({i}, {j}) of the diffusion", rows[i][j]) for j in range(d)] for i in range(d)]
    for i in range(d):
        for j in range(i):
            if _lowest_terms(B[i][j] - B[j][i]) != 0:
                raise DomainError(
                    "the diffusion matrix is not symmetric",
                    got=f"{B[i][j]} and {B[j][i]} at ({i}, {j}) and ({j}, {i})",
                    allowed="B = G G', the covariance gained per unit of time",
                    mend="hand in G * G.T, not G",
                )
    return b, B, x
