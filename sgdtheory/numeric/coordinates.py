"""Other coordinates of the parameters, theta = R phi, in any kind of numbers; R as a root of a preconditioner."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from sgdtheory.algebra.derivation import tidy
from sgdtheory.errors import DomainError, ShapeError
from sgdtheory.numeric.arrays import JAX, SYMPY, as_array, check_square, is_concrete, shape_of, symmetric


def divided(factor: Any, column: Any) -> Any:
    """Return R^-1 x for an invertible (d, d) factor and (d,) column, in their kind."""
    if isinstance(factor, sp.MatrixBase):
        return sp.ImmutableMatrix(factor.LUsolve(column))
    if isinstance(factor, np.ndarray) and isinstance(column, np.ndarray):
        return np.linalg.solve(factor, column)
    import jax.numpy as jnp  # JAX arrays came in, so JAX is there

    return jnp.linalg.solve(factor, column)


def turned(factor: Any, matrix: Any) -> Any:
    """Return R' M R for a symmetric (d, d) matrix, or a stack (n, d, d), symmetric to the last digit."""
    found = factor.T @ matrix @ factor
    if isinstance(found, sp.MatrixBase):
        return found.applyfunc(sp.expand)
    return (found + found.swapaxes(-1, -2)) / 2


def in_every_place(tensor: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Return a tensor with the factor summed into each of its places."""
    for _ in range(tensor.ndim):
        tensor = np.tensordot(tensor, factor, (0, 0))  # the first place is done, and comes last
    return tensor


def root_of(preconditioner: Any, kind: str, d: int) -> Any:
    """Return R with R R' = P, in a kind of numbers; diagonal where P is given by its diagonal.

    Raises
    ------
    ShapeError
        If the preconditioner is neither (d, d) nor (d,).
    DomainError
        If it is not symmetric, or not positive definite.
    NonFiniteError
        If it holds a NaN or an infinity.
    """
    name = "the preconditioner"
    shape = shape_of(preconditioner)
    vector = len(shape) == 1 or (kind == SYMPY and shape in ((d, 1), (1, d)) and d > 1)
    P = as_array(name, preconditioner, kind, 1 if vector else 2)
    if not vector:
        check_square(name, P)
    if P.shape[0] != d:
        raise ShapeError(
            "the preconditioner does not fit the problem",
            got=f"shape {tuple(shape)}",
            allowed=f"shape {(d, d)}, or {(d,)} for a diagonal one",
            mend="give one row, or one number, for each parameter",
        )
    P = P if vector else symmetric(name, P)
    _check_positive(P, vector=vector)
    if kind == SYMPY:
        return sp.diag(*(sp.sqrt(entry) for entry in P)) if vector else sp.ImmutableMatrix(P.cholesky(hermitian=False))
    if kind == JAX:
        import jax.numpy as jnp  # JAX arrays came in, so JAX is there

        return jnp.diag(jnp.sqrt(P)) if vector else jnp.linalg.cholesky(P)
    return np.diag(np.sqrt(P)) if vector else np.linalg.cholesky(P)


def _check_positive(P: Any, *, vector: bool) -> None:
    """Refuse what is known not to be positive definite; tracers, and symbols of unknown sign, pass."""
    if isinstance(P, sp.MatrixBase) and P.free_symbols:
        _check_minors(P, vector=vector)
    if not is_concrete(P):
        return
    numbers = np.array(P.tolist() if isinstance(P, sp.MatrixBase) else P, dtype=float)
    eigenvalues = np.sort(numbers.ravel()) if vector else np.linalg.eigvalsh(numbers)
    rounding = 0.0 if vector else len(numbers) * np.finfo(float).eps * abs(eigenvalues[-1])
    if not eigenvalues[0] > rounding:
        raise DomainError(
            "the preconditioner is not positive definite",
            got=f"an eigenvalue {eigenvalues[0]:.6g}, the largest {eigenvalues[-1]:.6g}",
            allowed="eigenvalues > 0",
            mend="leave out the directions that are not to move, or check its signs",
        )


def _check_minors(P: sp.MatrixBase, *, vector: bool) -> None:
    """Refuse expressions whose diagonal or leading minors cannot be positive."""
    minors = [] if vector else [tidy(P[:k, :k].det(method="berkowitz")) for k in range(2, P.rows + 1)]
    for value, what in [(entry, "a diagonal entry") for entry in (P if vector else P.diagonal())] + [
        (minor, "a leading minor") for minor in minors
    ]:
        if value.is_positive is False:
            raise DomainError(
                "the preconditioner is not positive definite",
                got=f"{what} {value}",
                allowed="eigenvalues > 0",
                mend="leave out the directions that are not to move, or check its signs",
            )
