"""Mean and covariance of an optimizer's state over all parameters, and what is read off them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sgdtheory.numeric.moments.linear_optimizer import LinearOptimizer
from sgdtheory.numeric.moments.noise_loop import NoiseLoop


@dataclass(frozen=True, eq=False)
class State:
    """The first two moments of the state z, which holds s numbers for each of d parameters.

    Attributes
    ----------
    optimizer
        Which holds it.
    hessian
        (d, d).
    mean
        (s, d): of its distance from rest at the minimum.
    covariance
        (s, s, d, d): ``covariance[a, b]`` is that of entry a with entry b.

    Examples
    --------
    >>> from sgdtheory.numeric.moments.linear_optimizer import of
    >>> from sgdtheory.numeric.solvers.sampled_curvature import SharedCurvature
    >>> from sgdtheory.optimizers import SGD
    >>> state = settled(NoiseLoop(of(SGD(0.1, 1)), SharedCurvature(np.array([[2.0]])), 1.0), np.array([[3.0]]))
    >>> round(float(state.seen(state.optimizer.held)[0, 0]), 9)  # 0.1 * 3 / (4 - 0.1 * 4)
    0.083333333
    >>> round(float(state.between(state.optimizer.held, state.optimizer.held, 1)[0, 0]), 9)  # 1 - 0.1 * 2 of it
    0.066666667
    """

    optimizer: LinearOptimizer
    hessian: np.ndarray
    mean: np.ndarray
    covariance: np.ndarray

    def seen(self, weights: np.ndarray) -> np.ndarray:
        """Return the (d, d) covariance of ``weights @ z``, for example of ``optimizer.held``."""
        with np.errstate(over="ignore", invalid="ignore"):
            read = weights != 0  # what is not read may be infinite
            found = np.einsum("a,abij,b->ij", weights[read], self.covariance[read][:, read], weights[read])
        return (found + found.T) / 2

    def between(self, left: np.ndarray, right: np.ndarray, lag: int = 0) -> np.ndarray:
        """Return the (d, d) covariance of ``left @ z``, ``lag`` steps later, with ``right @ z`` now."""
        now = np.einsum("abij,b->aij", self.covariance, right)
        if lag == 0:
            return np.einsum("a,aij->ij", left, now)
        eigenvalues, vectors = np.linalg.eigh(self.hessian)
        powers = np.linalg.matrix_power(self.optimizer.along(eigenvalues), lag)
        weights = np.einsum("a,iac->ci", left, powers)
        return sum(
            vectors @ (weight[:, None] * (vectors.T @ block)) for weight, block in zip(weights, now, strict=True)
        )

    def expected_square(self, form: np.ndarray) -> float:
        """Return E[e'Fe] of the distance e from the minimum of the parameters that the optimizer holds.

        Infinite where floating point cannot hold it; NaN if it then may be of either sign.
        """
        held = self.optimizer.held
        with np.errstate(over="ignore", invalid="ignore"):
            mean = held @ self.mean
            found = float((form * self.seen(held)).sum() + mean @ form @ mean)
        if np.isfinite(found):
            return found
        eigenvalues = np.linalg.eigvalsh(form)
        return np.inf if eigenvalues[0] >= -1e-12 * eigenvalues[-1] else np.nan


def settled(loop: NoiseLoop, source: np.ndarray) -> State:
    """Return what a noise loop settles to; ``source`` and errors as for ``NoiseLoop.solve``."""
    state = loop.solve(source).state
    return State(loop.optimizer, loop.curvature.hessian, np.zeros(state.shape[1:3]), state)
