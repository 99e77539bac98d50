"""Whether the stationary law has a fourth moment: the spectral radius of E[M (x) M (x) M (x) M], M being a step.

A step is its mean plus drive look' (x) D, D being the deviation of a batch's curvature. On symmetric tensors it does
not matter which of the four places hold a deviation, so that with the moments mu_k of one sample's deviation

    E[M^(x)4] = A^4 + 6 k2 mu_2 A^2 + 4 k3 mu_3 A + k4 mu_4 + 3 k22 mu_2 mu_2,

the factors k being those from a sample to the mean of a batch.
"""

from __future__ import annotations

from itertools import combinations_with_replacement, permutations
from typing import NamedTuple

import numpy as np

from sgdtheory.numeric.moments.linear_optimizer import LinearOptimizer
from sgdtheory.numeric.solvers.sampled_curvature import GaussianCurvature, MatrixCurvature, RankOneCurvature
from sgdtheory.numeric.stability.problem_curvature import Samples

LARGEST_STATE = 4  # numbers in a state: its fourth power squared is the size of the largest array
GAUSSIAN_NODES, LARGEST_GAUSSIAN = 5, 4  # nodes per feature, exact up to degree 9, and features


class BatchFactors(NamedTuple):
    """From moments of one sample's deviation to those of a batch's mean: E[D^k], and pairs at fourth order."""

    second: float
    third: float
    fourth: float
    pairs: float


def batch_factors(batch_size: int, dataset_size: int | None, sampling: str) -> BatchFactors:
    """Return the factors for independent draws, or for subsets of a data set, whose deviations sum to zero.

    Examples
    --------
    >>> batch_factors(2, None, "replacement")
    BatchFactors(second=0.5, third=0.25, fourth=0.125, pairs=0.125)
    """
    m, n = batch_size, dataset_size
    if sampling == "replacement":
        return BatchFactors(1 / m, 1 / m**2, 1 / m**3, (m - 1) / m**3)
    chances = [1.0]  # that k given samples are all in the batch
    for k in range(4):
        chances.append(chances[-1] * (m - k) / (n - k) if n > k else 0.0)
    one, two, three, four = chances[1:]
    return BatchFactors(
        n * (one - two) / m**2,
        n * (one - 3 * two + 2 * three) / m**3,
        n * (one - 7 * two + 12 * three - 6 * four) / m**4,
        n**2 * (two - 2 * three + four) / m**4,
    )


def deviations(samples: Samples, ridge: float, hessian: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return (n, r, r) deviations of curvatures and their (n,) weights; None where they are too many or unknown."""
    if isinstance(samples, MatrixCurvature):
        matrices, weights = samples.matrices, np.full(len(samples.matrices), 1 / len(samples.matrices))
    elif isinstance(samples, RankOneCurvature):
        x = samples.features
        matrices = np.einsum("ni,nj->nij", x, x) + ridge * np.eye(x.shape[1])
        weights = np.full(len(x), 1 / len(x))
    elif isinstance(samples, GaussianCurvature) and len(hessian) <= LARGEST_GAUSSIAN:
        nodes, chances = np.polynomial.hermite_e.hermegauss(GAUSSIAN_NODES)
        r = len(hessian)
        z = np.stack(np.meshgrid(*[nodes] * r, indexing="ij"), axis=-1).reshape(-1, r)
        weights = np.prod(np.stack(np.meshgrid(*[chances] * r, indexing="ij"), axis=-1).reshape(-1, r), axis=1)
        x = z @ np.linalg.cholesky(samples.covariance).T
        matrices, weights = np.einsum("ni,nj->nij", x, x), weights / weights.sum()
    else:
        return None
    return matrices - hessian, weights


def fourth_moment_radius(
    deviation: np.ndarray, weights: np.ndarray, hessian: np.ndarray, optimizer: LinearOptimizer, factors: BatchFactors
) -> float:
    """Return the spectral radius; a state may hold up to ``LARGEST_STATE`` numbers."""
    q = optimizer.size * len(hessian)
    pull = np.outer(optimizer.drive, optimizer.look)
    mean = np.kron(optimizer.transition, np.eye(len(hessian))) + np.kron(pull, hessian)
    moved = np.einsum("ab,nij->naibj", pull, deviation).reshape(len(deviation), q, q)
    once = moved.reshape(-1, q * q)
    twice = np.einsum("nx,ny->nxy", once, once).reshape(len(once), -1)
    weighted = weights[:, None] * once
    second = (weighted.T @ once).reshape([q] * 4)
    third = (weighted.T @ twice).reshape([q] * 6)
    fourth = ((weights[:, None] * twice).T @ twice).reshape([q] * 8)
    whole = factors.fourth * fourth
    whole += 3 * factors.pairs * np.multiply.outer(second, second)
    whole += 4 * factors.third * np.multiply.outer(third, mean)
    square = np.multiply.outer(mean, mean)
    whole += 6 * factors.second * np.multiply.outer(second, square) + np.multiply.outer(square, square)
    matrix = whole.transpose(0, 2, 4, 6, 1, 3, 5, 7).reshape(q**4, q**4)
    basis = _symmetric_basis(q)
    return float(np.abs(np.linalg.eigvals(basis.T @ matrix @ basis)).max())


def _symmetric_basis(q: int) -> np.ndarray:
    """Return an orthonormal basis (q^4, k) of the symmetric tensors."""
    kinds = list(combinations_with_replacement(range(q), 4))
    basis = np.zeros((q**4, len(kinds)))
    for column, kind in enumerate(kinds):
        places = {np.ravel_multi_index(order, [q] * 4) for order in permutations(kind)}
        basis[list(places), column] = len(places) ** -0.5
    return basis
