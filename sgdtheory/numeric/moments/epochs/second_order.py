"""What the correlation of the batches of an epoch adds, to second order in the spread of the curvatures.

The batches of a permutation are independent draws plus one gradient that all steps of the epoch share: with the
moments of a sample (g, A - H) over n, independent draws have the covariance n/(m (n - 1)) of it and the shared part
-1/(n - 1), a negative variance, which makes the sum over an epoch vanish. To leading order in 1/n the moments of
products are sums over pairs of such covariances, and for three factors the third cumulant. A state is

    x = answers to g + answers to (A - H) y, with y the answers to g + those through two deviations A - H,

and here stand all pairs that the shared part has a share in. What only independent draws pair is the spread of the
curvatures about y, step by step, and is left to the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from sgdtheory.numeric.moments.epochs.paths import Paths, driven
from sgdtheory.numeric.moments.epochs.samples import Samples

ROWS = 1 << 20  # numbers in the products of two paths that are written out at a time
NEGLIGIBLE = 1e-5  # of the largest part of paths through a deviation


@dataclass(frozen=True, eq=False)
class SharedPart:
    """The shared part's share in the covariance.

    Attributes
    ----------
    paths, samples
        How steps are felt, and what the samples are.
    seen_mean
        (groups, d): the mean of the point where gradients are taken.
    shares
        (groups,): variance of each group's own part over that of a sample.
    """

    paths: Paths
    samples: Samples
    seen_mean: np.ndarray
    shares: np.ndarray

    @property
    def shared(self) -> float:
        """Variance of the shared part over that of a sample."""
        return -1 / (self.samples.size - 1)

    @cached_property
    def reached(self) -> np.ndarray:
        """(k, i, a): answers after k steps to a gradient that stays."""
        return _sums(self.paths.direct)

    @cached_property
    def reached_through(self) -> np.ndarray:
        """(k, i, a, q): the same through mode q."""
        return _sums(self.paths.through)

    def covariance(self, weights: np.ndarray, second: np.ndarray, covariance: np.ndarray) -> np.ndarray:
        """Return the sum over steps k of ``weights``, (groups + 1,), times the covariance (d, d, s, s) added by then.

        ``second`` and ``covariance``, (d, d, s, s), are those of the state at the start of the epoch.
        """
        half = self._chains(weights, covariance) + self._thirds(weights) + self._crossings(weights)
        both = half + half.transpose(2, 3, 0, 1) + self._doubles(weights, second) + self._exchanges(weights)
        return both.transpose(0, 2, 1, 3)

    def _tail(self, weights: np.ndarray) -> np.ndarray:
        """Return the weights (t,) of the groups' own parts that are felt t + 1 steps later."""
        return np.array([weights[t + 1 :] @ self.shares[: len(weights) - t - 1] for t in range(self.paths.groups)])

    def _chains(self, weights: np.ndarray, covariance: np.ndarray) -> np.ndarray:
        """Through two deviations that pair with each other, or the outer one with the straight path's gradient."""
        paths, noise, shared = self.paths, self.samples.noise, self.shared
        tail, chained = self._tail(weights), _sums(paths.chained)
        own = np.einsum("k,kia,kjbr,ir->iajb", tail, paths.direct, paths.chained, noise, optimize=True)
        both = np.einsum("k,kia,kjbr,ir->iajb", weights, self.reached, chained, noise, optimize=True)
        begun = np.einsum("k,kiac,ircd,kjbrd->iajb", weights, paths.straight, covariance, paths.twice, optimize=True)
        mean = driven(paths.group, self.seen_mean)
        tied = np.einsum("k,kia,kjbq,jqi->iajb", weights, self.reached, mean, self.samples.tied, optimize=True)
        crossed = np.einsum("k,kia,kjbi->iajb", weights, self.reached, _sums(paths.crossed), optimize=True)
        return shared * (own + begun + tied) + shared**2 * (both + crossed)

    def _thirds(self, weights: np.ndarray) -> np.ndarray:
        """Third cumulants of gradient, deviation and gradient."""
        tail, shared = self._tail(weights), self.shared
        paired = np.einsum("k,kia,kjbq->iajbq", tail, self.paths.direct, self.paths.through, optimize=True)
        apart = np.einsum("k,kia,kjbq->iajbq", weights, self.reached, self.reached_through, optimize=True)
        kernel = shared * paired + 2 * shared**2 * apart
        return np.einsum("iajbq,ijq->iajb", kernel, self.samples.skewness, optimize=True)

    def _crossings(self, weights: np.ndarray) -> np.ndarray:
        """A group's gradient pairs with its own deviation, the shared gradient with the shared deviation."""
        d, s = self.paths.group.drive.shape
        tied = self.samples.tied
        ends, starts = tied + tied.transpose(2, 1, 0), tied.transpose(0, 2, 1)  # [i, q, r]; [j, q, r]
        step = self.paths.group
        seen = np.einsum("kia,ia->ki", self.reached, step.look) + step.within  # of a gradient that stays
        total = np.zeros((d, s, d, s))
        for t in range(self.paths.groups):
            before = (weights[t + 1 :] * self.shares[: len(weights) - t - 1]) @ seen[: len(weights) - t - 1]
            first = (ends * before[:, None]).reshape(d, d * d)
            second = (starts[:, None] * self.paths.through[t][:, :, None, :]).reshape(d * s, d * d)
            total += self.paths.direct[t][:, :, None, None] * (first @ second.T).reshape(d, 1, d, s)
        return self.shared * total

    def _exchanges(self, weights: np.ndarray) -> np.ndarray:
        """One deviation on each side; each pairs with the gradient of the other side."""
        d, s = self.paths.group.drive.shape
        tied = self.samples.tied
        total = np.zeros((d * s, d * s))
        for weight, through in zip(weights, self.reached_through, strict=True):
            if weight:
                first = (tied[:, None] * through[..., None]).reshape(d * s, d * d)  # [i, a, q, r]
                second = (tied.transpose(0, 2, 1)[:, None] * through[:, :, None, :]).reshape(d * s, d * d)
                total += weight * first @ second.T
        return self.shared**2 * total.reshape(d, s, d, s)

    def _doubles(self, weights: np.ndarray, second: np.ndarray) -> np.ndarray:
        """One deviation on each side, which pair; so do the gradients, or the starts, that they act on."""
        d, s = self.paths.group.drive.shape
        used = weights != 0
        scales = np.concatenate([self._tail(weights), weights[used] * self.shared])
        gradients = _Products.of(scales, np.concatenate([self.paths.through, self.reached_through[used]]))
        starts = _Products.of(weights[used], self.paths.once[used])
        height = max(1, ROWS // (d**3 * s * s))
        parts = []
        for rows in (slice(i, i + height) for i in range(0, d, height)):
            kernel = gradients.some(rows, ...) * self.samples.noise[:, None, None, :]
            for c in range(s):
                for e in range(s):
                    begun = starts.some(rows, (..., c), (..., e))
                    begun *= second[:, :, c, e][:, None, None, :]
                    kernel += begun
            kernel *= self.samples.doubled(rows)[:, None, :, :, None, :]
            parts.append(kernel.sum(axis=(2, 5)))
        return self.shared * np.concatenate(parts)


@dataclass(frozen=True, eq=False)
class _Products:
    """Sums over times of products of two paths, with few terms: paths change smoothly with time."""

    left: np.ndarray
    right: np.ndarray

    @classmethod
    def of(cls, scales: np.ndarray, paths: np.ndarray) -> _Products:
        flat = paths.reshape(len(paths), -1)
        sizes, basis = np.linalg.eigh(flat @ flat.T)
        basis = basis[:, sizes >= NEGLIGIBLE**2 * sizes[-1]]  # all of them where all are zero
        left = (basis.T @ flat).reshape(-1, *paths.shape[1:])
        return cls(left, np.tensordot((basis.T * scales) @ basis, left, 1))

    def some(self, rows: slice, first: Any, second: Any = ...) -> np.ndarray:
        """Return [i, a, q, j, b, r] for some i, of a part of the left and right paths."""
        left, right = self.left[first][:, rows], self.right[second]
        both = left.reshape(len(left), -1).T @ right.reshape(len(right), -1)
        return both.reshape(left.shape[1:] + right.shape[1:])


def _sums(values: np.ndarray) -> np.ndarray:
    """Return the sums of the first k = 0, 1, ... entries."""
    return np.concatenate([np.zeros_like(values[:1]), values.cumsum(axis=0)])
