"""The second moment of SGD where each sample has its own curvature, without a matrix of size d^2 x d^2.

With e = theta - theta* and S = E[e e'], a step whose batch has the mean curvature A maps S to E[M S M'] with
M = 1 - eta A. Over batches, whose covariance is the share p of that of one sample,

    T(S) = (1 - eta H) S (1 - eta H) + eta^2 p mean (A_i - H) S (A_i - H),

and 1 - T is symmetric in the inner product tr(S S'). In the eigenvectors of H its first part is diagonal and serves as
preconditioner. Source: R. Mulayoff and T. Michaeli, Exact mean square linear stability analysis for SGD, 2024, for
the operator and the learning rate at which it ceases to contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from sgdtheory.errors import DomainError, ShapeError, StabilityError
from sgdtheory.numeric.arrays import NUMPY, as_array, symmetric
from sgdtheory.numeric.scalars import scalar
from sgdtheory.numeric.solvers.conjugate_gradients import NotPositiveError, conjugate_gradients
from sgdtheory.numeric.solvers.lyapunov_equation import Equation
from sgdtheory.numeric.solvers.mean_square import unstable
from sgdtheory.numeric.solvers.sampled_curvature import SampledCurvature
from sgdtheory.numeric.solvers.symmetric_space import DENSE, largest_eigenvalue

SEEN = 1e-6  # least eigenvalue of a right side, over its norm, that shows all unstable directions


class SecondMomentSolution(NamedTuple):
    """S with S = T(S) + Q, the relative residual in the Frobenius norm, and the products with T that it took."""

    solution: np.ndarray
    residual: float
    products: int


class _Modes(NamedTuple):
    """The directions of positive curvature: eigenvalues (r,), vectors (d, r), and the curvatures seen in them."""

    eigenvalues: np.ndarray
    vectors: np.ndarray
    curvature: SampledCurvature


@dataclass(frozen=True, eq=False)
class SecondMomentOperator:
    """The map S -> E[M S M'] of a step of plain SGD.

    Attributes
    ----------
    curvature
        The samples' curvatures: ``RankOneCurvature``, ``MatrixCurvature`` or ``TensorCurvature``.
    learning_rate
        Positive.
    share
        p: the covariance of a batch over that of a sample. 1/m with replacement, (D - m) / (m (D - 1)) without; see
        ``numeric.batch_noise.batch_share``.

    Examples
    --------
    >>> from sgdtheory.numeric.solvers.sampled_curvature import RankOneCurvature
    >>> operator = SecondMomentOperator(RankOneCurvature(np.array([[1.0], [2.0]])), learning_rate=0.1, share=1.0)
    >>> operator.apply(np.eye(1))  # mean of (1 - 0.1)^2 and (1 - 0.4)^2
    array([[0.585]])
    >>> round(float(operator.solve(np.eye(1)).solution[0, 0]), 6)  # 1 / (1 - 0.585)
    2.409639
    >>> round(operator.mean_square_limit(), 6)  # 2 mean(x^2) / mean(x^4)
    0.588235
    """

    curvature: SampledCurvature
    learning_rate: float
    share: float

    def __post_init__(self) -> None:
        for name, value, most in (("learning_rate", self.learning_rate, np.inf), ("share", self.share, 1)):
            number = scalar(name, value)
            if not 0 <= number <= most or (name == "learning_rate" and number == 0):
                raise DomainError(
                    f"{name} lies outside its domain",
                    got=value,
                    allowed="0 <= share <= 1" if name == "share" else "a finite learning rate > 0",
                    mend="see numeric.batch_noise.batch_share" if name == "share" else "take a positive number",
                )

    def apply(self, second: np.ndarray) -> np.ndarray:
        """Return T(S), (d, d)."""
        H, eta = self.curvature.hessian, self.learning_rate
        turned = second - eta * (H @ second)
        return turned - eta * (turned @ H) + eta**2 * self.share * self.curvature.spread(second)

    def solve(self, right: np.ndarray) -> SecondMomentSolution:
        """Return S with S = T(S) + Q for a symmetric Q, (d, d), by preconditioned conjugate gradients.

        Directions without curvature are left out: nothing moves there if Q is zero in them. With Q = eta^2 p C, C being
        the covariance of one sample's gradient at the minimum, S is the stationary second moment.

        Raises
        ------
        StabilityError
            If T does not contract, also in directions that Q leaves out; the largest stable learning rate is named.
        DomainError
            If Q is not symmetric, or adds noise in a direction without curvature.
        NonFiniteError, ShapeError
            If Q holds a NaN or an infinity, or has another shape.
        """
        Q, vectors = self._checked(right), self._modes.vectors
        right = vectors.T @ Q @ vectors
        scale, rest = np.linalg.norm(Q), np.linalg.norm(Q - vectors @ right @ vectors.T)
        if rest > 1e-10 * scale:
            raise DomainError(
                "there is noise in a direction without curvature, where the second moment grows without end",
                got=f"a share {rest / scale:.3g} of Q outside the range of the Hessian",
                allowed="Q in the range of the Hessian",
                mend="drop redundant columns, or add a small ridge",
            )
        # Conjugate gradients notice an unstable direction by a right side that is not zero there.
        seen = np.linalg.eigvalsh(right)[0] > SEEN * scale
        if not seen and not self._contracts:
            raise self._unstable()
        try:
            found, products = self._solved(right)
        except NotPositiveError:
            raise self._unstable() from None
        left = np.linalg.norm(right - self._pull(found))
        return SecondMomentSolution(vectors @ found @ vectors.T, float(left / scale) if scale else 0.0, products)

    def spectral_radius(self) -> float:
        """Return the largest absolute eigenvalue of T on the range of the Hessian.

        T maps covariances to covariances, so it is an eigenvalue and the largest one (Krein and Rutman). Eigenvalues
        near one crowd; where T contracts, the Lanczos method is therefore run on the inverse of 1 - T, which spreads
        them, and gives 1 - radius to about ten digits.
        """
        r = len(self._modes.eigenvalues)
        if r > DENSE:
            try:
                return 1 - 1 / largest_eigenvalue(lambda matrix: self._solved(matrix)[0], r, width=8)
            except NotPositiveError:  # T does not contract
                pass
        return largest_eigenvalue(lambda matrix: matrix - self._pull(matrix), r)

    def mean_square_limit(self) -> float:
        """Return the learning rate below which T contracts on the range of the Hessian.

        It is the inverse of the largest eigenvalue of H S H + p mean (A_i - H) S (A_i - H) against H S + S H.
        """
        eigenvalues, _, curvature = self._modes
        root = np.sqrt(Equation(None, 1, None).on_pairs(eigenvalues))
        products = np.outer(eigenvalues, eigenvalues)

        def push(matrix: np.ndarray) -> np.ndarray:
            scaled = matrix / root
            return (products * scaled + self.share * curvature.spread(scaled)) / root

        return 1 / largest_eigenvalue(push, len(eigenvalues))

    def _pairs(self) -> np.ndarray:
        """Return 1 - T on pairs of modes if all samples had the curvature H: eta (h_i + h_j) - eta^2 h_i h_j."""
        eta = self.learning_rate
        return eta * Equation(None, 1, -eta).on_pairs(self._modes.eigenvalues)

    def _pull(self, matrix: np.ndarray) -> np.ndarray:
        """Return (1 - T)(S) in the modes."""
        return self._pairs() * matrix - self.learning_rate**2 * self.share * self._modes.curvature.spread(matrix)

    def _solved(self, right: np.ndarray) -> tuple[np.ndarray, int]:
        """Return the solution of (1 - T)(S) = Q in the modes, and the products with T."""
        pairs = self._pairs()
        if pairs.min() <= 0:
            raise NotPositiveError
        return conjugate_gradients(self._pull, right, lambda matrix: matrix / pairs)

    @cached_property
    def _modes(self) -> _Modes:
        H = symmetric("the mean curvature", self.curvature.hessian)
        eigenvalues, vectors = np.linalg.eigh(H)
        rounding = 8 * len(H) * np.finfo(float).eps * np.abs(eigenvalues).max()
        kept = eigenvalues > rounding
        flat = vectors[:, ~kept]
        moved = np.trace(self.curvature.spread(flat @ flat.T)) > rounding * eigenvalues[-1]
        if eigenvalues[0] < -rounding or not kept.any() or moved:
            raise StabilityError(
                "there is a direction along which the parameters diverge at every learning rate",
                got="samples that curve a direction whose mean curvature is zero"
                if moved
                else f"the mean curvature {eigenvalues[0]:.6g}",
                allowed="a positive mean curvature, or a direction that no sample curves",
                mend="check the signs of the curvatures, or add a ridge",
            )
        return _Modes(eigenvalues[kept], vectors[:, kept], self.curvature.turned(vectors[:, kept]))

    def _checked(self, right: np.ndarray) -> np.ndarray:
        right, shape = as_array("Q", right, NUMPY, 2), self.curvature.hessian.shape
        if right.shape != shape:
            raise ShapeError(
                "Q does not fit the curvatures", got=f"shape {right.shape}", allowed=f"{shape}", mend="mend Q"
            )
        return symmetric("Q", right)

    @cached_property
    def _contracts(self) -> bool:
        """Whether T contracts, by conjugate gradients on the identity: in no covariance's direction is it zero."""
        try:
            self._solved(np.eye(len(self._modes.eigenvalues)))
        except NotPositiveError:
            return False
        return True

    def _unstable(self) -> StabilityError:
        return unstable(self.learning_rate, self.mean_square_limit())
