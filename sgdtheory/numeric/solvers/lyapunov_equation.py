"""The Lyapunov equations of a symmetric matrix as one, and their solution through its eigenvectors, in NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import scipy.linalg

from sgdtheory.numeric.operators import modal_quotient
from sgdtheory.numeric.solvers.symmetric_space import times_triangle

_CACHED = 2**14  # entries of a block of matrices
_HALVED = 200  # d from which half a product is quicker than a whole one
_SMALL = 400  # d up to which NumPy finds eigenvectors sooner than SciPy, which copies less


class LyapunovSolution(NamedTuple):
    """What ``solve_lyapunov`` found for numbers, and how far to trust it; NumPy takes it for its solution.

    Attributes
    ----------
    solution
        (..., d, d) S.
    residual
        (...) largest entry of what is left of the equation, over (size of its left side) * (largest entry of S); the
        size is 2 |h|, 1 + |a|^2 or 2 |h| + learning_rate |h|^2 for the largest absolute eigenvalue. A few 1e-16 say
        that S solves an equation next to the one that was asked for.
    condition
        (...) the same size over the smallest absolute value of the left side on a pair of eigenvalues. The relative
        error of S is about condition * 1e-16, however small the residual.
    """

    solution: Any
    residual: Any
    condition: Any

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the solution."""
        return self.solution.shape

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.solution, dtype=dtype, copy=copy)

    def __matmul__(self, other: Any) -> Any:
        return self.solution @ other

    def __rmatmul__(self, other: Any) -> Any:
        return other @ self.solution


class Equation(NamedTuple):
    """The equation constant * S + linear * (H S + S H) + product * H S H = Q; None stands for a term that is not there.

    A constant stands beside the product of the opposite sign alone: S - A S A = Q. H is symmetric, so the left side is
    a symmetric operator on S and diagonal in the eigenvectors of H.
    """

    constant: Any
    linear: Any
    product: Any

    def applied(self, matrix: Any, unknown: Any, *, symmetric: bool = False) -> Any:
        """Return the left side, (..., d, d), for H and S of that shape; ``symmetric`` says that S is."""
        turned = matrix @ unknown
        terms = []
        if self.constant is not None:
            terms.append(self.constant * unknown)
        if self.linear is not None:
            terms.append(self.linear * (turned + (turned.swapaxes(-1, -2) if symmetric else unknown @ matrix)))
        if self.product is not None:
            terms.append(self.product * (turned @ matrix))
        return sum(terms[1:], terms[0])

    def on_pairs(self, eigenvalues: Any) -> Any:
        """Return the left side's eigenvalues as an operator on S, (..., d, d), from those of H, (..., d).

        Where the equation is stable, only numbers of one sign are added, so that no digits are lost near its edge.
        """
        left, right = eigenvalues[..., :, None], eigenvalues[..., None, :]
        if self.constant is not None:
            half = self.constant / 2
            return half * ((1 - left) * (1 + right) + (1 + left) * (1 - right))
        if self.product is None:
            return self.linear * (left + right)
        beside = self.linear + self.product / 2 * eigenvalues
        return left * beside[..., None, :] + right * beside[..., :, None]

    def reach(self, eigenvalues: Any) -> Any:
        """Return the size of the left side, its terms taken without cancellation, (...)."""
        largest = abs(eigenvalues).max(-1)
        constant, linear, product = (0 if factor is None else abs(factor) for factor in self)
        return constant + 2 * linear * largest + product * largest * largest


class Modes(NamedTuple):
    """Eigenvalues (..., d) and eigenvectors (..., d, d) of H, and what an equation does to their pairs.

    Attributes
    ----------
    pairs
        (..., d, d) ``Equation.on_pairs``.
    size
        (...) ``Equation.reach``, what rounding is measured by.
    smallest
        (...) the least absolute value on a pair.
    """

    eigenvalues: Any
    vectors: Any
    pairs: Any
    size: Any
    smallest: Any


def modes(equation: Equation, eigensystem: tuple[Any, Any]) -> Modes:
    """Return the modes of an equation from eigenvalues and eigenvectors."""
    pairs = equation.on_pairs(eigensystem[0])
    return Modes(*eigensystem, pairs, equation.reach(eigensystem[0]), _reduced(abs(pairs), "min"))


def residual_of(modes: Modes, left: Any, unknown: Any) -> Any:
    """Return the relative residual, (...), from what is left of the equation, (..., d, d)."""
    scale = modes.size * _reduced(abs(unknown), "max")
    return _reduced(abs(left), "max") / (scale + (scale == 0))


def _reduced(entries: Any, extreme: str) -> Any:
    """Return the extreme over the last two axes."""
    if isinstance(entries, np.ndarray) and entries.ndim > 2 and entries.shape[-1] <= 4:  # NumPy is slow on short axes
        flat = entries.reshape(*entries.shape[:-2], entries.shape[-1] ** 2)
        return getattr(np.moveaxis(flat, -1, 0).copy(), extreme)(0)
    return getattr(entries, extreme)((-1, -2))


def solved(equation: Equation, H: np.ndarray, Q: np.ndarray, modes: Modes) -> LyapunovSolution:
    """Return the solution for (..., d, d) arrays of one precision, H having these modes.

    A residual of more than d rounding units is refined, once.
    """
    symmetric = bool((Q.swapaxes(-1, -2) == Q).all())

    def step(modes: Modes, right: np.ndarray) -> np.ndarray:
        if symmetric and modes.vectors.ndim == right.ndim == 2 and len(right) >= _HALVED:
            return _congruent(modes.vectors, _congruent(modes.vectors.T, right) / modes.pairs)
        found = modal_quotient(modes.vectors, modes.pairs, right)
        return (found + found.swapaxes(-1, -2)) / 2 if symmetric else found

    S = step(modes, Q)
    left = Q - equation.applied(H, S, symmetric=symmetric)
    residual = np.asarray(residual_of(modes, left, S))
    poor = residual > H.shape[-1] * np.finfo(S.dtype).eps / 2
    if poor.any():
        some = Modes(*(np.broadcast_to(part, residual.shape + part.shape[modes.size.ndim :])[poor] for part in modes))
        H, Q = (np.broadcast_to(part, S.shape)[poor] for part in (H, Q))
        S[poor] += step(some, left[poor])
        residual[poor] = residual_of(some, Q - equation.applied(H, S[poor], symmetric=symmetric), S[poor])
    condition = modes.size / modes.smallest
    if residual.ndim:
        condition = np.broadcast_to(condition, residual.shape)
    return LyapunovSolution(S, residual[()], condition)


def _congruent(vectors: np.ndarray, symmetric: np.ndarray) -> np.ndarray:
    """Return V S V' as V T V' and its transpose, S being T + T'."""
    found = times_triangle(vectors, symmetric) @ vectors.T
    return found + found.T


def in_blocks(solve: Callable[..., LyapunovSolution], H: np.ndarray, Q: np.ndarray) -> LyapunovSolution:
    """Return ``solve(H, Q)``, worked out for as many matrices of a batch at once as fit into a processor's cache."""
    if H.ndim == 2:
        return solve(H, Q)
    d, batch = H.shape[-1], np.broadcast_shapes(H.shape, Q.shape)[:-2]
    block = max(1, _CACHED // d**2)
    if math.prod(batch) <= block:
        return solve(H, Q)
    H, Q = (np.broadcast_to(part, (*batch, d, d)).reshape(-1, d, d) for part in (H, Q))
    found = [solve(H[first : first + block], Q[first : first + block]) for first in range(0, len(H), block)]
    parts = (np.concatenate(part) for part in zip(*found, strict=True))
    return LyapunovSolution(*(part.reshape(batch + part.shape[1:]) for part in parts))


def eigensystem(H: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return eigenvalues (..., d) and eigenvectors (..., d, d), one per column, of symmetric matrices."""
    if H.shape[-1] == 1:
        return H[..., 0], np.ones_like(H)
    if H.shape[-1] == 2 and H.ndim > 2:
        return _of_two(H)
    if H.ndim == 2 and len(H) > _SMALL:
        return scipy.linalg.eigh(H, driver="evd", check_finite=False)
    return np.linalg.eigh(H)


def _of_two(H: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One Jacobi rotation, for many 2 x 2 matrices at once and without LAPACK."""
    first, shared, second = H[..., 0, 0], H[..., 0, 1], H[..., 1, 1]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        cotangent = (second - first) / (2 * shared)  # of twice the angle
        tangent = np.copysign(1, cotangent) / (np.abs(cotangent) + np.hypot(1, cotangent))
    tangent = np.where(shared == 0, 0, tangent).astype(H.dtype)
    cosine = 1 / np.sqrt(1 + tangent**2)
    sine = tangent * cosine
    vectors = np.empty_like(H)
    vectors[..., 0, 0] = vectors[..., 1, 1] = cosine
    vectors[..., 0, 1], vectors[..., 1, 0] = sine, -sine
    return np.stack([first - tangent * shared, second + tangent * shared], axis=-1), vectors
