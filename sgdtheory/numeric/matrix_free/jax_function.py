"""Functions of a Hessian that lives in JAX, applied to vectors by Lanczos's method of the library matfree."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg
from matfree import decomp

from sgdtheory.algebra.spectral import operator_form
from sgdtheory.errors import DomainError, NonFiniteError
from sgdtheory.numeric.matrix_free.jax_operator import TOGETHER, JaxOperator
from sgdtheory.numeric.operators import coefficients, function
from sgdtheory.symbols import lambda_i

FIRST_DEPTH, MOST_DEPTH = 32, 2048
KEPT = 2**31  # bytes of Lanczos vectors that are on the device at a time
ROUNDING = 64  # units of rounding to which Lanczos's method is good
SPREAD = 8  # units of rounding of the largest curvature, by which each of them may be off
WORST = 0.01  # relative error of a function by rounding
INVARIANT = 64  # units of rounding below which a new direction is none


@lru_cache
def _method(depth: int) -> Callable[..., Any]:
    """Return Lanczos's method, the same function each time, so that it is compiled once."""
    return decomp.tridiag_sym(depth, materialize=False, custom_vjp=False)


class OnDevice:
    """v -> f(H) v for rows (p, d) of JAX, from the expression of f in the mode lambda_i.

    Lanczos's method with full orthogonalisation finds what polynomials of H make of v; its depth is doubled until a
    quarter of it changes less than the tolerance. The functions are evaluated by NumPy, in double precision.

    Attributes
    ----------
    products
        Products with the Hessian so far.
    tolerance
        Relative accuracy that is asked for, no better than Lanczos's method allows.
    rounding
        Relative error by rounding, of the products and of the function at rounded curvatures, at most.
    """

    def __init__(self, factor: Any, hessian: JaxOperator, scalars: dict[Any, Any], tolerance: float) -> None:
        self._symbols, self._compute = function(factor)
        self._hessian, self._scalars, self.products = hessian, scalars, 0
        form = operator_form(factor)
        self._denominator = () if form.atoms else form.denominator
        self.unit = float(np.finfo(hessian.dtype).eps)
        self.tolerance, self.rounding = max(tolerance, ROUNDING * self.unit), SPREAD * self.unit
        self._depth = min(FIRST_DEPTH, hessian.shape[0])

    def __call__(self, vectors: jax.Array) -> jax.Array:
        """Return f(H) times each row."""
        found, done = [], 0
        while done < len(vectors):
            room = min(TOGETHER, self._room())
            basis, small = self._lanczos(vectors[done : done + room])
            weights, enough = self._weights(*small)
            if not enough:
                self._deepen()
                continue
            with jax.default_matmul_precision("highest"):
                found.append(jnp.einsum("pk,pkd->pd", jnp.asarray(weights.astype(self._hessian.dtype)), basis))
            done += room
        return jnp.concatenate(found)

    def _room(self) -> int:
        """Return how many rows go through together."""
        return max(1, KEPT // (self._depth * self._hessian.shape[0] * self._hessian.dtype.itemsize))

    def _deepen(self) -> None:
        d, each = self._hessian.shape[0], self._hessian.shape[0] * self._hessian.dtype.itemsize
        most = min(d, MOST_DEPTH, max(KEPT // each, FIRST_DEPTH))
        if self._depth >= most:
            raise DomainError(
                "a function of the Hessian does not come out accurately enough",
                got=f"no convergence to {self.tolerance:.0e} in {self._depth} products a vector",
                allowed="a Hessian whose eigenvalues are not too far apart, for so many steps",
                mend="add a small ridge, allow a larger tolerance, probing=Probing(tolerance=1e-4), or use float64",
            )
        self._depth = min(2 * self._depth, most)

    def _lanczos(self, vectors: jax.Array) -> tuple[jax.Array, tuple[np.ndarray, ...]]:
        """Return Lanczos vectors (p, k, d), and their tridiagonal matrices and starts' lengths in NumPy."""
        self.products += self._depth * len(vectors)
        found = self._hessian.of_each(_method(self._depth), vectors, min(TOGETHER, self._room()))
        with jax.default_matmul_precision("highest"):
            small = (np.asarray(part, dtype=float) for part in (*found.J_small, jnp.linalg.norm(vectors, axis=1)))
        return jnp.where(jnp.isfinite(found.Q_tall), found.Q_tall, 0), tuple(small)

    def _weights(self, diagonals: np.ndarray, beside: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, bool]:
        """Return by what to multiply Lanczos vectors, (p, k), and whether that is accurate enough."""
        weights, enough = np.zeros_like(diagonals), True
        for row, (diagonal, off, length) in enumerate(zip(diagonals, beside, lengths, strict=True)):
            if length == 0:
                continue
            size = np.abs(diagonal[:1]).max() + np.abs(off[:1]).sum()
            ends = np.flatnonzero(~(np.abs(off) > INVARIANT * self.unit * max(size, np.nanmax(np.abs(diagonal)))))
            depth = ends[0] + 1 if len(ends) else len(diagonal)
            whole = self._of_tridiagonal(diagonal[:depth], off[: depth - 1])
            weights[row, :depth] = length * whole
            if depth < len(diagonal) or depth == self._hessian.shape[0]:
                continue  # an invariant space: nothing is left out
            part = -(-3 * depth // 4)
            less = self._of_tridiagonal(diagonal[:part], off[: part - 1])
            change = np.linalg.norm(whole - np.pad(less, (0, depth - part)))
            enough = enough and bool(change <= self.tolerance * np.linalg.norm(whole))
        return weights, enough

    def _of_tridiagonal(self, diagonal: np.ndarray, beside: np.ndarray) -> np.ndarray:
        """Return the first column of the function of a tridiagonal matrix."""
        if not (np.isfinite(diagonal).all() and np.isfinite(beside).all()):
            raise NonFiniteError(
                "a product with the Hessian is not finite",
                got="a NaN or an infinity in it",
                allowed="finite products with finite vectors",
                mend="multiply the Hessian with a vector of your own and look",
            )
        curvatures, vectors = scipy.linalg.eigh_tridiagonal(diagonal, beside)
        self._check_domain(curvatures)
        weights, rounding = vectors[0], SPREAD * self.unit * np.abs(curvatures).max()
        values, moved = self._values(curvatures) * weights, self._values(curvatures + rounding) * weights
        size = np.linalg.norm(values)
        lost = np.linalg.norm(moved - values) / size if size else 0.0
        if not lost <= WORST:
            raise DomainError(
                "rounding of the Hessian's products leaves nothing of the formula",
                got=f"curvatures from {curvatures.min():.3g} to {curvatures.max():.3g}, good to {rounding:.1g}",
                allowed="a Hessian whose eigenvalues are not too far apart, for so many steps",
                mend="add a small ridge, take fewer steps, or use float64",
            )
        self.rounding = max(self.rounding, float(lost))
        return vectors @ values

    def _values(self, curvatures: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            values = self._compute(*(curvatures if s == lambda_i else self._scalars[s] for s in self._symbols))
        values = np.broadcast_to(np.asarray(values, dtype=float), curvatures.shape)
        if not np.isfinite(values).all():
            raise NonFiniteError(
                "the formula overflows on the spectrum of the Hessian",
                got="an infinity or NaN at a value between the least and the greatest eigenvalue",
                allowed="a learning rate and a number of steps at which nothing overflows",
                mend="take fewer steps, or a stable learning rate",
            )
        return values

    def _check_domain(self, curvatures: np.ndarray) -> None:
        """Refuse curvatures between which the denominator of a rational function changes its sign."""
        below = np.zeros_like(curvatures)
        values = coefficients(self._denominator, self._scalars)
        for value, (_, left, _) in zip(values, self._denominator, strict=True):
            below = below + value * curvatures ** left[0]
        if self._denominator and below.min() <= 0 <= below.max():
            raise DomainError(
                "a denominator of the formula is not definite, so the problem lies outside its domain",
                got=f"{below.min():.3g} to {below.max():.3g} on the spectrum",
                allowed="a positive definite Hessian, and a learning rate below 2/(its largest eigenvalue)",
                mend="check the learning rate with stability_limit, and add a small ridge if the Hessian is singular",
            )
