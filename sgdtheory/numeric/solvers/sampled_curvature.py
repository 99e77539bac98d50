"""How the curvatures A_i of single samples act on a second moment S: their mean and the spread about it.

Each kind gives ``hessian``, the mean H of A_i, ``spread(S)``, the mean of (A_i - H) S (A_i - H), and ``turned(V)``,
the same seen in the coordinates V'e, for orthonormal columns V. The spread is symmetric as an operator on S in the
inner product tr(S S'), and maps covariances to covariances.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sgdtheory.errors import DomainError, ShapeError
from sgdtheory.numeric.arrays import NUMPY, as_array
from sgdtheory.numeric.scalars import scalar
from sgdtheory.numeric.solvers.symmetric_space import times_triangle

MANY = 60  # features, and 1000 times as many numbers, from which half a product is quicker, though rows are copied


@dataclass(frozen=True, eq=False)
class RankOneCurvature:
    """A_i = x_i x_i' + ridge, as in least squares. The spread costs two products of (D, d) matrices.

    Attributes
    ----------
    features
        (D, d) rows x_i.
    ridge
        Non-negative.
    """

    features: np.ndarray
    ridge: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "features", as_array("features", self.features, NUMPY, 2))
        object.__setattr__(self, "ridge", scalar("ridge", self.ridge))
        if self.ridge < 0:
            raise DomainError(
                "ridge is negative", got=self.ridge, allowed="a number >= 0", mend="take a ridge of at least zero"
            )

    @cached_property
    def gram(self) -> np.ndarray:
        """(d, d) mean of x_i x_i'."""
        return self.features.T @ self.features / len(self.features)

    @property
    def hessian(self) -> np.ndarray:
        """(d, d)."""
        return self.gram + self.ridge * np.eye(len(self.gram))

    def spread(self, second: np.ndarray) -> np.ndarray:
        """Return mean x (x'S x) x' - G S G with G the mean of x x': the ridge, common to all samples, falls out."""
        fourth = self._many if len(second) >= MANY and self.features.size >= 1000 * MANY else self._few
        return fourth(second) / len(self.features) - self.gram @ second @ self.gram

    def _few(self, second: np.ndarray) -> np.ndarray:
        """Return the sum of x (x'S x) x'."""
        squares = np.einsum("ij,ij->i", self.features @ second, self.features)
        return (self.features * squares[:, None]).T @ self.features

    def _many(self, second: np.ndarray) -> np.ndarray:
        """Return the same by products that work out one half of a symmetric matrix."""
        squares = np.einsum("ij,ij->i", times_triangle(self.features, second + second.T), self.features)
        roots, negative = np.sqrt(abs(squares))[:, None], squares < 0
        above, below = ((self.features[rows] * roots[rows]) for rows in (~negative, negative))
        return above.T @ above - below.T @ below  # NumPy sees that both factors are one

    def turned(self, vectors: np.ndarray) -> RankOneCurvature:
        """Return the same in other coordinates; the ridge is left to the Hessian."""
        return RankOneCurvature(self.features @ vectors)


@dataclass(frozen=True, eq=False)
class MatrixCurvature:
    """A_i given as matrices.

    Attributes
    ----------
    matrices
        (D, d, d), each symmetric.
    """

    matrices: np.ndarray

    def __post_init__(self) -> None:
        matrices = as_array("matrices", self.matrices, NUMPY, 3)
        _check_shape("matrices", matrices, (len(matrices), *matrices.shape[1:2] * 2))
        gap = np.abs(matrices - matrices.swapaxes(1, 2)).max(initial=0)
        if gap > 1e-10 * np.abs(matrices).max(initial=0):
            raise DomainError(
                "matrices are not symmetric",
                got=f"entries that differ by {gap:.3g} from those across the diagonal",
                allowed="symmetric matrices, as curvatures are",
                mend="hand in (matrices + matrices.swapaxes(1, 2)) / 2",
            )
        object.__setattr__(self, "matrices", matrices)

    @cached_property
    def hessian(self) -> np.ndarray:
        """(d, d)."""
        return self.matrices.mean(axis=0)

    @cached_property
    def _deviations(self) -> np.ndarray:
        return self.matrices - self.hessian

    def spread(self, second: np.ndarray) -> np.ndarray:
        """Return mean (A_i - H) S (A_i - H)."""
        return np.tensordot(self._deviations @ second, self._deviations, ([0, 2], [0, 1])) / len(self.matrices)

    def turned(self, vectors: np.ndarray) -> MatrixCurvature:
        """Return the same in other coordinates."""
        return MatrixCurvature(vectors.T @ self.matrices @ vectors)


@dataclass(frozen=True, eq=False)
class TensorCurvature:
    """The spread given as a tensor, for example ``GradientNoise.spread`` of a stated loss.

    Attributes
    ----------
    hessian
        (d, d).
    tensor
        (d, d, d, d): spread(S)_ij is the sum of tensor_ijkl S_kl.
    """

    hessian: np.ndarray
    tensor: np.ndarray

    def __post_init__(self) -> None:
        for name, dimensions in (("hessian", 2), ("tensor", 4)):
            values = as_array(name, getattr(self, name), NUMPY, dimensions)
            _check_shape(name, values, values.shape[:1] * dimensions)
            object.__setattr__(self, name, values)
        _check_shape("tensor", self.tensor, self.hessian.shape * 2)

    def spread(self, second: np.ndarray) -> np.ndarray:
        """Return the sum of tensor_ijkl S_kl."""
        return np.tensordot(self.tensor, second, 2)

    def turned(self, vectors: np.ndarray) -> TensorCurvature:
        """Return the same in other coordinates."""
        tensor = self.tensor
        for _ in range(4):
            tensor = np.tensordot(tensor, vectors, (0, 0))  # the first place is done, and comes last
        return TensorCurvature(vectors.T @ self.hessian @ vectors, tensor)


@dataclass(frozen=True, eq=False)
class GaussianCurvature:
    """A_i = x x' with x Gaussian: the features of an endless stream.

    Attributes
    ----------
    covariance
        (d, d): that of x, which is the Hessian.
    """

    covariance: np.ndarray

    def __post_init__(self) -> None:
        object.__setattr__(self, "covariance", _square("covariance", self.covariance))

    @property
    def hessian(self) -> np.ndarray:
        """(d, d)."""
        return self.covariance

    def spread(self, second: np.ndarray) -> np.ndarray:
        """Return E[x (x'S x) x'] - H S H = H S H + tr(H S) H, by Isserlis' theorem."""
        H = self.covariance
        return H @ second @ H + np.vdot(H, second) * H

    def turned(self, vectors: np.ndarray) -> GaussianCurvature:
        """Return the same in other coordinates."""
        return GaussianCurvature(vectors.T @ self.covariance @ vectors)


@dataclass(frozen=True, eq=False)
class SharedCurvature:
    """One curvature for all samples.

    Attributes
    ----------
    hessian
        (d, d).
    """

    hessian: np.ndarray

    def __post_init__(self) -> None:
        object.__setattr__(self, "hessian", _square("hessian", self.hessian))

    def spread(self, second: np.ndarray) -> np.ndarray:
        """Return zeros."""
        return np.zeros_like(second)

    def turned(self, vectors: np.ndarray) -> SharedCurvature:
        """Return the same in other coordinates."""
        return SharedCurvature(vectors.T @ self.hessian @ vectors)


def _square(name: str, values: np.ndarray) -> np.ndarray:
    values = as_array(name, values, NUMPY, 2)
    _check_shape(name, values, values.shape[:1] * 2)
    return values


def _check_shape(name: str, values: np.ndarray, wanted: tuple[int, ...]) -> None:
    if values.shape != wanted:
        raise ShapeError(
            f"{name} does not fit", got=f"shape {values.shape}", allowed=f"shape {wanted}", mend=f"mend {name}"
        )


SampledCurvature = RankOneCurvature | MatrixCurvature | TensorCurvature | GaussianCurvature | SharedCurvature
