"""Functions of a Hessian that is only known by its products with vectors, applied to blocks of vectors.

A function of one mode is read off a closed form. A rational one is products for its numerator and conjugate gradients
for its denominator; one with a power or exponential, whose steps may be many, is a Chebyshev polynomial.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.fft
import sympy as sp

from sgdtheory.algebra.spectral import Terms, operator_form
from sgdtheory.errors import DomainError, NonFiniteError
from sgdtheory.numeric.matrix_free.symmetric_operator import MOST_ITERATIONS, ROUNDING, SymmetricOperator
from sgdtheory.numeric.operators import coefficients, function
from sgdtheory.symbols import lambda_i

BlockFunction = Callable[[np.ndarray], np.ndarray]
MOST_NODES = 2**15


def operator_function(
    factor: sp.Expr, hessian: SymmetricOperator, scalars: dict[sp.Symbol, Any], tolerance: float
) -> BlockFunction:
    """Return v -> f(H) v for blocks (d, p), from the expression of f in the mode lambda_i.

    Raises
    ------
    DomainError
        From the function returned, if a denominator is not definite, so that the problem lies outside the domain of
        the formula, or too ill-conditioned.
    """
    form = operator_form(factor)
    if form.atoms:
        return _chebyshev_function(factor, hessian, scalars, tolerance)
    numerator, denominator = (_polynomial(terms, scalars) for terms in (form.numerator, form.denominator))
    if len(denominator) == 1:
        return lambda block: horner(numerator / denominator[0], hessian, block)

    def apply(block: np.ndarray) -> np.ndarray:
        below = conjugate_gradients(lambda part: horner(denominator, hessian, part), block, tolerance)
        return horner(numerator, hessian, below)

    return apply


def _polynomial(terms: Terms, scalars: dict[sp.Symbol, Any]) -> np.ndarray:
    """Return a polynomial's coefficients in ascending order."""
    found = np.zeros(1 + max(left[0] for _, left, _ in terms))
    for value, (_, left, _) in zip(coefficients(terms, scalars), terms, strict=True):
        found[left[0]] += float(value)
    return found


def horner(polynomial: np.ndarray, hessian: SymmetricOperator, block: np.ndarray) -> np.ndarray:
    """Return a polynomial of the Hessian, coefficients in ascending order, times a block."""
    found = polynomial[-1] * block
    for coefficient in polynomial[-2::-1]:
        found = hessian @ found + coefficient * block
    return found


def conjugate_gradients(product: BlockFunction, right: np.ndarray, tolerance: float) -> np.ndarray:
    """Return the solution of A X = B for a definite A, each column to a relative residual.

    Raises
    ------
    DomainError
        If A is seen to be indefinite, or the residual does not fall in many iterations.
    """
    found, residual, direction = np.zeros_like(right), right.copy(), right.copy()
    norms = _columns(residual, residual)
    goal, sign, greatest = tolerance**2 * norms, 0.0, 0.0
    for _ in range(MOST_ITERATIONS):
        unsolved = norms > goal
        if not unsolved.any():
            return sign * found
        image = product(direction)
        curvature = _columns(direction, image)
        sign = sign or np.sign(curvature[unsolved][0])  # a denominator that is negative throughout will do
        quotients = sign * curvature[unsolved] / _columns(direction, direction)[unsolved]
        greatest = max(greatest, quotients.max())
        if (quotients <= ROUNDING * greatest).any():
            raise DomainError(
                "a denominator of the formula is not definite, so the problem lies outside its domain",
                got="directions in which it is positive and others in which it is not",
                allowed="a positive definite Hessian, and a learning rate below 2/(its largest eigenvalue)",
                mend="check the learning rate with stability_limit, and add a small ridge if the Hessian is singular",
            )
        step = np.divide(norms, sign * curvature, out=np.zeros_like(norms), where=unsolved)
        found += step * direction
        residual -= step * sign * image
        before, norms = norms, _columns(residual, residual)
        direction = residual + np.divide(norms, before, out=np.zeros_like(norms), where=unsolved) * direction
    raise DomainError(
        "a linear system with the Hessian is too ill-conditioned",
        got=f"no convergence to {tolerance:.0e} in {MOST_ITERATIONS} iterations",
        allowed="a Hessian whose eigenvalues are positive and not too far apart",
        mend="add a small ridge, or allow a larger tolerance: probing=Probing(tolerance=1e-6)",
    )


def _columns(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the inner products of columns."""
    return np.einsum("ij,ij->j", first, second)


def _chebyshev_function(
    factor: sp.Expr, hessian: SymmetricOperator, scalars: dict[sp.Symbol, Any], tolerance: float
) -> BlockFunction:
    symbols, compute = function(factor)

    def values(curvatures: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            found = compute(*(curvatures if s == lambda_i else scalars[s] for s in symbols))
        return np.broadcast_to(np.asarray(found, dtype=float), curvatures.shape)

    low, high = hessian.interval
    middle, radius = (low + high) / 2, max((high - low) / 2, 1e-8 * max(abs(low), abs(high), 1e-300))
    series = chebyshev_series(lambda x: values(middle + radius * x), tolerance)

    def apply(block: np.ndarray) -> np.ndarray:
        before, now = block, (hessian @ block - middle * block) / radius if len(series) > 1 else block
        total = series[0] * block + (series[1] * now if len(series) > 1 else 0.0)
        for coefficient in series[2:]:
            before, now = now, 2 * (hessian @ now - middle * now) / radius - before
            total += coefficient * now
        return total

    return apply


def chebyshev_series(values: BlockFunction, tolerance: float) -> np.ndarray:
    """Return the Chebyshev coefficients of a function on [-1, 1], cut where they are below tolerance * max.

    Raises
    ------
    NonFiniteError, DomainError
        If the function overflows, or is too far from a polynomial.

    Examples
    --------
    >>> chebyshev_series(lambda x: 2 * x**2, 1e-12).round(12)  # T_0 + T_2
    array([1., 0., 1.])
    """
    nodes = 16
    while nodes <= MOST_NODES:
        seen = values(np.cos(np.pi * (np.arange(nodes) + 0.5) / nodes))
        if not np.isfinite(seen).all():
            raise NonFiniteError(
                "the formula overflows on the spectrum of the Hessian",
                got="an infinity or NaN between the least and the greatest eigenvalue",
                allowed="a learning rate and a number of steps at which nothing overflows",
                mend="take fewer steps, or a stable learning rate",
            )
        series = scipy.fft.dct(seen, type=2) / nodes
        series[0] /= 2
        small = np.abs(series) <= tolerance * np.abs(seen).max()
        if small[nodes // 2 :].all():
            kept = np.flatnonzero(~small)
            return series[: kept[-1] + 1 if len(kept) else 1]
        nodes *= 2
    raise DomainError(
        "the formula is too far from a polynomial on the spectrum of the Hessian",
        got=f"more than {MOST_NODES // 2} products with the Hessian",
        allowed="up to about a million steps",
        mend="take fewer steps, or the stationary law",
    )
