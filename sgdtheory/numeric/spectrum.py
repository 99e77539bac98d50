"""Eigenvalues and eigenvectors, worked out once for a problem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
import sympy as sp

from sgdtheory.numeric.arrays import JAX, OPERATOR, SYMPY, kind_of


@dataclass(frozen=True)
class Spectrum:
    """A symmetric matrix (d, d), its eigenvalues (d,) in ascending order and its eigenvectors, one per column."""

    matrix: np.ndarray
    eigenvalues: np.ndarray
    vectors: np.ndarray

    @property
    def rounding(self) -> float:
        """Below this size an eigenvalue is indistinguishable from zero."""
        return 8 * len(self.eigenvalues) * np.finfo(float).eps * float(np.abs(self.eigenvalues).max(initial=0.0))


def spectrum_of(matrix: Any) -> Spectrum:
    """Return the spectrum of a symmetric matrix of numbers; of a checked operator only its ``Ends``."""
    if kind_of(matrix) == OPERATOR:
        return matrix.ends
    numbers = np.array(matrix.tolist() if hasattr(matrix, "tolist") else matrix, dtype=float)
    eigenvalues, vectors = scipy.linalg.eigh(numbers, driver="evd")
    return Spectrum(numbers, eigenvalues, vectors)


def identity(dimension: int) -> np.ndarray:
    """Return the identity matrix."""
    return np.eye(dimension)


def largest_eigenvalue(matrix: Any) -> Any:
    """Return the largest eigenvalue of a symmetric matrix in its kind."""
    kind = kind_of(matrix)
    if kind == SYMPY:
        return sp.Max(*(matrix.diagonal() if matrix.is_diagonal() else matrix.eigenvals()))
    if kind == OPERATOR:
        return matrix.highest
    if kind == JAX:
        import jax.numpy as jnp

        return jnp.linalg.eigvalsh(matrix)[-1]
    return float(spectrum_of(matrix).eigenvalues[-1])
