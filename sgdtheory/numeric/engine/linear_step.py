"""The step of SGD along one eigenvector of a common Hessian: an affine map of parameter, velocity and past."""

from __future__ import annotations

import numpy as np

from sgdtheory.numeric.moments.linear_optimizer import LinearOptimizer, of
from sgdtheory.optimizers import SGD


def in_one_unit(optimizer: SGD) -> LinearOptimizer:
    """Return SGD as a linear optimizer in the units of a parameter: it holds rate times velocity for the velocity."""
    linear = of(optimizer)
    return linear.in_units(np.where(linear.velocity == 0, 1.0, 1 / optimizer.learning_rate))


def transition(eigenvalues: np.ndarray, optimizer: SGD) -> tuple[np.ndarray, np.ndarray]:
    """Return (n, q, q) matrices A and (q,) b of ``z <- A z + b noise`` for each eigenvalue.

    z holds the parameter first; with momentum also learning rate times velocity, and with a delay old parameters.
    """
    linear = in_one_unit(optimizer)
    return linear.along(eigenvalues), linear.drive


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
