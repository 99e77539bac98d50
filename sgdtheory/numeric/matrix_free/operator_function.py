"""Functions of a Hessian that is only known by its products with vectors, applied to blocks of vectors.

A function of one mode is read off a closed form. A rational one is products for its numerator and conjugate gradients
for its denominator; one with a power or exponential, whose steps may be many, is a Chebyshev polynomial.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import scipy.fft
import sympy as sp

from sgdtheory.algebra.spectral import Terms, operator_form
from sgdtheory.errors import DomainError, NonFiniteError
from sgdtheory.numeric.matrix_free.symmetric_operator import MOST_ITERATIONS, ROUNDING, Reach, SymmetricOperator
from sgdtheory.numeric.operators import coefficients, function
from sgdtheory.symbols import lambda_i

BlockFunction = Callable[[np.ndarray], np.ndarray]
MOST_NODES = 2**15
GROWTH = 100.0  # of a function on a wide interval over its values on the spectrum
NODES = (1 - np.cos(np.linspace(0, np.pi, 4097))) / 2  # where a function is looked at: closely at both ends


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
    """Return v -> f(H) v by a polynomial: on a wide interval that is cheap to know, or on a close one.

    A power of many steps explodes just below the spectrum of a positive Hessian, and a polynomial outside its interval.
    """
    symbols, compute = function(factor)

    def values(curvatures: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            found = compute(*(curvatures if s == lambda_i else scalars[s] for s in symbols))
        return np.broadcast_to(np.asarray(found, dtype=float), curvatures.shape)

    made: list[_Polynomial] = []

    def apply(block: np.ndarray) -> np.ndarray:
        if not made:
            made.append(_on(values, hessian.wide, tolerance) or _on_closely(values, hessian, tolerance))
        found = made[0].applied(hessian, block)
        if found is None:
            made[0] = _on_closely(values, hessian, tolerance)
            found = made[0].applied(hessian, block)
        if found is None:
            raise DomainError(
                "the spectrum of the Hessian reaches beyond the ends that were found",
                got="a polynomial that explodes",
                allowed="a Hessian whose extreme eigenvalues can be told",
                mend="take fewer steps; check that the operator is symmetric and gives the same products each time",
            )
        return found

    return apply


class _Polynomial(NamedTuple):
    """A sum of Chebyshev polynomials in (x - middle)/radius."""

    series: np.ndarray
    middle: float
    radius: float

    def applied(self, hessian: SymmetricOperator, block: np.ndarray) -> np.ndarray | None:
        """Return the polynomial of the Hessian times a block, or None where the spectrum is seen to lie outside."""
        total = self.series[0] * block
        if len(self.series) == 1:
            return total
        most = 4 * _columns(block, block)  # Chebyshev polynomials are at most one on their interval
        before, now = block, self._turned(hessian, block)
        total += self.series[1] * now
        for coefficient in self.series[2:]:
            before, now = now, 2 * self._turned(hessian, now) - before
            if (_columns(now, now) > most).any():
                return None
            total += coefficient * now
        return total

    def _turned(self, hessian: SymmetricOperator, block: np.ndarray) -> np.ndarray:
        return (hessian @ block - self.middle * block) / self.radius


def _on(values: BlockFunction, reach: Reach, tolerance: float) -> _Polynomial | None:
    """Return the polynomial on an interval, or None where the function grows too much beyond what was seen of it."""
    most, largest = _size(values, reach.low, reach.high), _size(values, reach.seen_low, reach.seen_high)
    if not most <= GROWTH * largest or _rounding(values, reach.low, reach.high) > tolerance * largest:
        return None
    return _between(values, reach, tolerance, largest)


def _on_closely(values: BlockFunction, hessian: SymmetricOperator, tolerance: float) -> _Polynomial:
    """Return the polynomial on the close interval; its error is relative to the function on the spectrum.

    What decays over the steps by many orders between half the least eigenvalue and the least one is known to rounding
    of the larger value.
    """
    reach = hessian.close
    largest = _size(values, reach.seen_low, reach.seen_high)
    below = _rounding(values, reach.low, reach.seen_low) if reach.low < 0 else 0.0
    outside = max(below, _rounding(values, reach.seen_high, reach.high))
    if np.isfinite(largest) and not outside <= tolerance * largest:
        raise DomainError(
            "the formula grows too fast at an end of the spectrum of the Hessian",
            got=f"rounding of {outside:.3g} just outside it, and values up to {largest:.3g} on it",
            allowed=f"rounding of up to {tolerance:.0e} of those values",
            mend="take fewer steps, or a smaller learning rate",
        )
    return _between(values, reach, tolerance, max(largest, _rounding(values, reach.low, reach.high) / tolerance))


def _between(values: BlockFunction, reach: Reach, tolerance: float, size: float) -> _Polynomial:
    low, high = reach[:2]
    middle, radius = (low + high) / 2, max((high - low) / 2, 1e-8 * max(abs(low), abs(high), 1e-300))
    return _Polynomial(chebyshev_series(lambda x: values(middle + radius * x), tolerance, size), middle, radius)


def _size(values: BlockFunction, low: float, high: float) -> float:
    """Return the largest absolute value that is seen between two points."""
    return float(np.abs(values(low + (high - low) * NODES)).max())


def _rounding(values: BlockFunction, low: float, high: float) -> float:
    """Return how far rounding of the curvatures and of the values moves the function between two points."""
    points, moved = low + (high - low) * NODES, ROUNDING * max(abs(low), abs(high))
    found = values(points)
    with np.errstate(invalid="ignore"):
        return float(np.abs(values(points + moved) - found).max() + ROUNDING * np.abs(found).max())


def chebyshev_series(values: BlockFunction, tolerance: float, size: float | None = None) -> np.ndarray:
    """Return the Chebyshev coefficients of a function on [-1, 1], cut where they are below tolerance * size.

    The size is the largest absolute value unless it is given. The sum is compared with the function at many points,
    close to the ends most of all, because a function that changes fast there alone looks smooth at few points.

    Raises
    ------
    NonFiniteError, DomainError
        If the function overflows, or is too far from a polynomial.

    Examples
    --------
    >>> chebyshev_series(lambda x: 2 * x**2, 1e-12).round(12)  # T_0 + T_2
    array([1., 0., 1.])
    """
    nodes, looks = 16, 2 * NODES - 1
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
        cut = tolerance * (np.abs(seen).max() if size is None else size)
        small = np.abs(series) <= cut
        if small[nodes // 2 :].all():
            kept = np.flatnonzero(~small)
            if (np.abs(np.polynomial.chebyshev.chebval(looks, series) - values(looks)) <= 100 * cut).all():
                return series[: kept[-1] + 1 if len(kept) else 1]
        nodes *= 2
    raise DomainError(
        "the formula is too far from a polynomial on the spectrum of the Hessian",
        got=f"more than {MOST_NODES // 2} products with the Hessian",
        allowed="up to about a million steps",
        mend="take fewer steps, or the stationary law",
    )
