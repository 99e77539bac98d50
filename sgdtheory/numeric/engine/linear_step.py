"""The step of SGD along one eigenvector of a common Hessian: an affine map of parameter and velocity."""

from __future__ import annotations

import numpy as np

from sgdtheory.numeric.engine.block import knobs
from sgdtheory.optimizers import SGD
from sgdtheory.processes.update import update


def transition(eigenvalues: np.ndarray, optimizer: SGD) -> tuple[np.ndarray, np.ndarray]:
    """Return (n, q, q) matrices A and (q,) b of ``z <- A z + b noise`` for each eigenvalue.

    Without momentum z is the parameter alone (q = 1); with it z is the parameter and learning rate times velocity
    (q = 2), which have the same units. The update itself is asked what it does to unit vectors.
    """
    one, zero = np.ones_like(eigenvalues), np.zeros_like(eigenvalues)
    columns = [
        np.stack(update(one, zero, eigenvalues, **knobs(optimizer))),
        np.stack(update(zero, one / optimizer.learning_rate, zero, **knobs(optimizer))),
    ]
    A, b = np.stack(columns, axis=-1), np.array(update(0.0, 0.0, 1.0, **knobs(optimizer)))
    A[1] *= optimizer.learning_rate
    b[1] *= optimizer.learning_rate
    q = 1 if optimizer.momentum == 0 else 2
    return np.moveaxis(A, 0, 1)[:, :q, :q], b[:q]


def affine_power(matrices: np.ndarray, vectors: np.ndarray, times: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the map ``x <- matrices @ x + vectors`` of (..., q) numbers applied ``times`` times, by doubling."""
    result = np.broadcast_to(np.eye(matrices.shape[-1]), matrices.shape), np.zeros_like(vectors)
    while times:
        if times & 1:
            result = matrices @ result[0], _apply(matrices, result[1]) + vectors
        matrices, vectors, times = matrices @ matrices, _apply(matrices, vectors) + vectors, times >> 1
    return result


def _apply(matrices: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    return (matrices @ vectors[..., None])[..., 0]


def pairs(A: np.ndarray, b: np.ndarray, noise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the map of E[z_i z_j'] of each pair of eigenvectors, flattened: (n, n, q^2, q^2) and (n, n, q^2).

    ``noise`` is the (n, n) covariance of the gradient noise between eigenvectors.
    """
    n, q = A.shape[:2]
    both = np.einsum("iac,jbd->ijabcd", A, A).reshape(n, n, q * q, q * q)
    return both, noise[..., None] * np.outer(b, b).ravel()
