"""Least squares with more features than samples: the loop of a linear optimizer through an n x n kernel.

With W = mean w_i x_i x_i' and w_i = x_i'Y x_i, the spread is W - G Y G. So the loop's fixed points (1/a - p spread) Y
= 0 are, in the modes of the features, those of D Y = p W with D_ab = 1 / a_ab + p g_a g_b, and w = (p / n) K w with

    K_ij = sum over a, b of  x_ia x_ib x_ja x_jb / D_ab.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sgdtheory.numeric.moments.linear_optimizer import LinearOptimizer
from sgdtheory.numeric.solvers.noise_kernel import NoiseKernel
from sgdtheory.numeric.solvers.symmetric_space import leading_pair


@dataclass(frozen=True, eq=False)
class KernelLoop:
    """The kernel of least squares, for gains of any linear optimizer."""

    kernel: NoiseKernel

    @property
    def curvatures(self) -> np.ndarray:
        """(r,) positive eigenvalues of the Hessian on the range of the features."""
        return self.kernel.modes.eigenvalues + self.kernel.ridge

    def radius(self, optimizer: LinearOptimizer) -> float:
        """Return a number that is below one exactly where the loop's radius is; it is infinite if the mean diverges."""
        if not optimizer.slack(self.curvatures) > 0:
            return np.inf
        gains = np.einsum("a,ijab,b->ij", optimizer.look, optimizer.gains(self.curvatures), optimizer.look)
        (g, features), p = self.kernel.modes, self.kernel.share
        weights = gains / (1 + gains * p * np.outer(g, g))

        def product(w: np.ndarray) -> np.ndarray:
            loaded = (features * w[:, None]).T @ features * weights
            return np.einsum("ia,ia->i", features @ loaded, features)

        return p / len(features) * leading_pair(product, np.ones(len(features)), 8)[0]
