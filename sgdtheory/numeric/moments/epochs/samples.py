"""The samples of a problem about its minimum, in the eigenvectors of its Hessian, and their joint moments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, singledispatch

import numpy as np

from sgdtheory.numeric.solvers.sampled_curvature import MatrixCurvature, RankOneCurvature
from sgdtheory.problems import LeastSquares, Problem, QuadraticSums

CHUNK = 1 << 22  # numbers in the curvatures that are written out at a time


@dataclass(frozen=True, eq=False)
class Samples:
    """The samples' curvatures and gradients at the minimum.

    Attributes
    ----------
    eigenvalues
        (d,) of the Hessian, in whose eigenvectors all else is given.
    gradients
        (n, d), of mean zero.
    curvature
        The samples' curvatures; a ridge that all share may be left out.
    """

    eigenvalues: np.ndarray
    gradients: np.ndarray
    curvature: RankOneCurvature | MatrixCurvature

    @property
    def size(self) -> int:
        """Number n of samples."""
        return len(self.gradients)

    @cached_property
    def noise(self) -> np.ndarray:
        """(d, d) covariance of a gradient."""
        return self.gradients.T @ self.gradients / self.size

    @property
    def matrices(self) -> np.ndarray:
        """(n, d, d) curvatures."""
        return np.diag(self.eigenvalues) + np.concatenate([D for D, _ in self.deviations()])

    def deviations(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the deviations A_i - H, (k, d, d), and the gradients, (k, d), of some samples at a time."""
        d = len(self.eigenvalues)
        step = max(1, CHUNK // d**2)
        for place in range(0, self.size, step):
            part = slice(place, place + step)
            if isinstance(self.curvature, RankOneCurvature):
                rows = self.curvature.features[part]
                matrices = rows[:, :, None] * rows[:, None, :] - self.curvature.gram
            else:
                matrices = self.curvature.matrices[part] - self.curvature.hessian
            yield matrices, self.gradients[part]

    @cached_property
    def tied(self) -> np.ndarray:
        """(d, d, d): the mean of (A - H)_iq g_r."""
        d = len(self.eigenvalues)
        parts = (D.reshape(len(g), d * d).T @ g for D, g in self.deviations())
        return sum(parts).reshape(d, d, d) / self.size

    @cached_property
    def skewness(self) -> np.ndarray:
        """(d, d, d): the mean of g_i (A - H)_jq g_q."""
        d = len(self.eigenvalues)
        parts = (g.T @ (D * g[:, None, :]).reshape(len(g), d * d) for D, g in self.deviations())
        return sum(parts).reshape(d, d, d) / self.size

    @cached_property
    def chained(self) -> np.ndarray:
        """(d, d, d): the mean of (A - H)_iq (A - H)_qr."""
        d = len(self.eigenvalues)
        total = np.zeros((d, d, d))
        for D, _ in self.deviations():
            by_middle = np.ascontiguousarray(D.transpose(2, 1, 0))  # q, i, sample
            total += (by_middle @ by_middle.swapaxes(1, 2)).transpose(1, 0, 2)
        return total / self.size

    @cached_property
    def _pairs(self) -> np.ndarray:
        """(p, p): the mean of (A - H)_iq (A - H)_jr for i <= q and j <= r."""
        upper = np.triu_indices(len(self.eigenvalues))
        total = np.zeros((len(upper[0]),) * 2)
        for D, _ in self.deviations():
            entries = D[:, *upper]
            total += entries.T @ entries
        return total / self.size

    def doubled(self, rows: slice) -> np.ndarray:
        """Return the mean of (A - H)_iq (A - H)_jr for some i, of shape (rows, d, d, d)."""
        d = len(self.eigenvalues)
        place = np.zeros((d, d), dtype=int)
        upper = np.triu_indices(d)
        place[upper] = place.T[upper] = np.arange(len(upper[0]))
        return self._pairs[place[rows][:, :, None, None], place]


@singledispatch
def samples_of(problem: Problem) -> Samples:
    """Return the samples of a problem in NumPy numbers; a kind of problem registers its own."""
    raise NotImplementedError(
        f"the law of shuffled epochs for {type(problem).__name__} with different curvatures is not built"
    )


@samples_of.register
def _(problem: LeastSquares) -> Samples:
    spectrum = problem.spectrum
    gradients = (problem.X @ problem.minimum - problem.y)[:, None] * problem.X + problem.ridge * problem.minimum
    return Samples(
        spectrum.eigenvalues, gradients @ spectrum.vectors, RankOneCurvature(problem.X).turned(spectrum.vectors)
    )


@samples_of.register
def _(problem: QuadraticSums) -> Samples:
    spectrum = problem.spectrum
    gradients = problem.sample_gradients(problem.minimum)
    curvatures = np.broadcast_to(problem.curvatures, (problem.dataset_size, *problem.hessian.shape))
    return Samples(
        spectrum.eigenvalues, gradients @ spectrum.vectors, MatrixCurvature(curvatures).turned(spectrum.vectors)
    )
