"""Symmetric (d, d) matrices: as vectors of d (d + 1) / 2 entries, with the same inner product, and as triangles."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.linalg
import scipy.sparse.linalg

from sgdtheory.errors import DomainError

DENSE = 20  # up to this d the operator's matrix is formed
_RESIDUAL = 1e-9  # of an eigenvector that is accepted; the error of its eigenvalue is of the order of the square


def as_vector(matrix: np.ndarray) -> np.ndarray:
    """Return the upper triangle of a symmetric matrix, entries off the diagonal times the square root of 2."""
    rows, columns = np.triu_indices(len(matrix))
    return matrix[rows, columns] * np.where(rows == columns, 1.0, np.sqrt(2))


def as_matrix(vector: np.ndarray, d: int) -> np.ndarray:
    """Return the (d, d) matrix of a vector."""
    rows, columns = np.triu_indices(d)
    matrix = np.empty((d, d))
    matrix[rows, columns] = matrix[columns, rows] = vector * np.where(rows == columns, 1.0, np.sqrt(0.5))
    return matrix


def times_triangle(matrix: np.ndarray, symmetric: np.ndarray) -> np.ndarray:
    """Return the (n, d) product of a matrix with the lower triangle T of S = T + T': half the work of one with S.

    Examples
    --------
    >>> times_triangle(np.eye(2), np.array([[2.0, 3.0], [3.0, 4.0]]))
    array([[1., 0.],
           [3., 2.]])
    """
    triangle = symmetric.copy()
    np.einsum("ii->i", triangle)[...] /= 2
    (multiply,) = scipy.linalg.get_blas_funcs(("trmm",), (triangle,))
    return multiply(1.0, triangle.T, matrix.T).T


def dense_matrix(operator: Callable[[np.ndarray], np.ndarray], d: int) -> np.ndarray:
    """Return the matrix of a symmetric operator on symmetric (d, d) matrices, of size d (d + 1) / 2."""
    size = d * (d + 1) // 2
    rows = [as_vector(operator(as_matrix(unit, d))) for unit in np.eye(size)]
    return np.array(rows)


def largest_eigenvalue(operator: Callable[[np.ndarray], np.ndarray], d: int, *, width: int = 20) -> float:
    """Return the largest eigenvalue of a symmetric operator on symmetric (d, d) matrices.

    It is meant for operators that map covariances to covariances: their largest eigenvalue belongs to a covariance,
    which is not orthogonal to the identity, where Lanczos starts. ``width`` is the number of its vectors.
    """
    if d <= DENSE:
        return float(np.linalg.eigvalsh(dense_matrix(operator, d))[-1])
    return leading_pair(lambda vector: as_vector(operator(as_matrix(vector, d))), as_vector(np.eye(d)), width)[0]


def leading_eigenvector(operator: Callable[[np.ndarray], np.ndarray], d: int) -> np.ndarray:
    """Return the (d, d) eigenvector of ``largest_eigenvalue``."""
    if d <= DENSE:
        return as_matrix(np.linalg.eigh(dense_matrix(operator, d))[1][:, -1], d)
    return as_matrix(
        leading_pair(lambda vector: as_vector(operator(as_matrix(vector, d))), as_vector(np.eye(d)), 20)[1], d
    )


def leading_pair(
    operator: Callable[[np.ndarray], np.ndarray], start: np.ndarray, width: int
) -> tuple[float, np.ndarray]:
    """Return the largest eigenvalue of a symmetric operator on vectors and its eigenvector, residual verified."""
    if len(start) <= 2:  # too few for ARPACK
        values, vectors = np.linalg.eigh(np.array([operator(unit) for unit in np.eye(len(start))]))
        return float(values[-1]), vectors[:, -1]
    linear = scipy.sparse.linalg.LinearOperator((len(start), len(start)), matvec=operator, dtype=float)
    values, vectors = scipy.sparse.linalg.eigsh(
        linear, k=1, which="LA", v0=start, ncv=min(len(start), width), tol=_RESIDUAL / 100, maxiter=5000
    )
    value, vector = float(values[0]), vectors[:, 0]
    residual = float(np.linalg.norm(operator(vector) - value * vector))
    if not residual <= _RESIDUAL * abs(value):
        raise DomainError(
            "Lanczos did not find the largest eigenvalue",
            got=f"a residual of {residual:.2g} for the eigenvalue {value:.6g}",
            allowed=f"{_RESIDUAL:.0e} of the eigenvalue",
            mend="rescale the problem; its numbers may be too far apart",
        )
    return value, vector
