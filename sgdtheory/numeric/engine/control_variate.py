"""The control variate: a recursion driven by the same batches, whose moments are known exactly.

The companion y follows ``hessian @ y`` plus the mean of its batch's gradients at the minimum, from y = 0. Its curvature
does not vary between samples, so its second moments obey a linear recursion that is solved mode by mode. What the
companion's average misses of its known expectation is taken off the run's average, times a slope regressed across
chains.
"""

from __future__ import annotations

import numpy as np

from sgdtheory.numeric.engine.linear_step import affine_power, pairs, transition
from sgdtheory.numeric.engine.statistics import JointSums
from sgdtheory.optimizers import SGD


def expected_products(
    hessian: np.ndarray, noise: np.ndarray, optimizer: SGD, first: int, looks: int, stride: int, lags: tuple[int, ...]
) -> np.ndarray:
    """Return (1 + lags, d, d): the companion's E[y(t + lag) y(t)'], lag 0 first, averaged over the looks.

    ``noise`` is the (d, d) covariance of a batch's gradient at the minimum; looks are at t = first, first + stride, ...
    """
    eigenvalues, vectors = np.linalg.eigh(hessian)
    A, b = transition(eigenvalues, optimizer)
    q, d = len(b), len(eigenvalues)
    step = pairs(A, b, vectors.T @ noise @ vectors)
    total = _sum_over_looks(affine_power(*step, first)[1], affine_power(*step, stride), looks)
    mean = (total / looks).reshape(d, d, q, q)
    found = [mean[..., 0, 0]]
    for lag in lags:
        later = np.linalg.matrix_power(A, lag)
        found.append(np.einsum("ic,ijc->ij", later[:, 0], mean[..., 0]))
    return vectors @ np.stack(found) @ vectors.T


def _sum_over_looks(first: np.ndarray, advance: tuple[np.ndarray, np.ndarray], looks: int) -> np.ndarray:
    """Return the sum of x over looks, where x starts at ``first`` and the affine map leads to the next look."""
    matrices, vectors = advance
    k = vectors.shape[-1]
    joint = np.zeros((*vectors.shape[:-1], 2 * k, 2 * k))  # of x and the sum of the x before it
    joint[..., :k, :k] = matrices
    joint[..., k:, :k] = joint[..., k:, k:] = np.eye(k)
    power, constant = affine_power(joint, np.concatenate([vectors, np.zeros_like(vectors)], axis=-1), looks)
    return (power[..., k:, :k] @ first[..., None])[..., 0] + constant[..., k:]


def corrected(sums: JointSums, exact: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Return means (k, ...) of the variables and their covariance in one chain (k, k, ...).

    With ``exact`` (k, ...), the second half of the variables in ``sums`` are the first half's companions and ``exact``
    their expectations; each variable is corrected by its own companion, entry by entry.
    """
    if exact is None:
        return sums.averages, sums.cross / (sums.count - 1)
    k = len(sums.mean) // 2
    means, cross = sums.averages, sums.cross
    between, own = np.einsum("aa...->a...", cross[:k, k:]), np.einsum("aa...->a...", cross[k:, k:])
    slope = np.divide(between, own, out=np.zeros_like(own), where=own > 0)
    left = cross[:k, :k] - slope[:, None] * cross[k:, :k] - slope[None] * cross[:k, k:]
    left = left + slope[:, None] * slope[None] * cross[k:, k:]
    return means[:k] - slope * (means[k:] - exact), left / (sums.count - 2)
