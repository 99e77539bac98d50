"""Least squares from the n samples' side: the second moment of SGD through an n x n kernel, for any dimension.

With S = E[e e'] and w_i = x_i'S x_i, the excess variance of sample i's residual, the spread of the samples' curvature
about its mean G is mean w_i x_i x_i' - G S G. In the eigenvectors of H = G + ridge, with eigenvalues h_a = g_a + ridge,
the recursion's fixed point is entry by entry

    D_ab S_ab = eta p (mean (w_i + r_i^2) x_i x_i' - m m')_ab,   D_ab = h_a + h_b - eta h_a h_b + eta p g_a g_b,

where r_i are the residuals at the minimum and m = ridge * theta*, so that w = (eta p / n) K (w + r^2) - ... with

    K_ij = sum over a, b of  x_ia x_ib x_ja x_jb / D_ab.

K has no negative entry, so SGD is stable in mean square exactly if (eta p / n) K has a spectral radius below one, that
of its Perron vector. Without a ridge D_ab = h_a + h_b - eta (1 - p) h_a h_b. The kernel is the finite-data form of the
noise kernel in A. Agarwala and J. Pennington, High dimensional analysis reveals conservative sharpening and a
stochastic edge of stability, 2024.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import scipy.linalg

from sgdtheory.errors import DomainError, ShapeError, StabilityError
from sgdtheory.numeric.arrays import NUMPY, as_array
from sgdtheory.numeric.scalars import scalar
from sgdtheory.numeric.solvers.conjugate_gradients import NotPositiveError, conjugate_gradients
from sgdtheory.numeric.solvers.mean_square import unstable
from sgdtheory.numeric.solvers.symmetric_space import leading_pair

SEEN = 1e-6  # least entry of a right side, over its norm, that shows every instability


class StationaryResiduals(NamedTuple):
    """What the kernel says of the stationary law.

    Attributes
    ----------
    variances
        (n,) w_i = E[(x_i'e)^2].
    excess_loss
        E[L] - L*, the penalty included.
    products
        Products with the kernel that it took.
    """

    variances: np.ndarray
    excess_loss: float
    products: int


class _Modes(NamedTuple):
    """Eigenvalues (r,) of the mean of x x' that are not zero, and the features (n, r) in their eigenvectors."""

    eigenvalues: np.ndarray
    features: np.ndarray


@dataclass(frozen=True, eq=False)
class NoiseKernel:
    """The kernel K of least squares on features (n, d), d below or above n.

    Attributes
    ----------
    features
        (n, d).
    share
        p: the covariance of a batch over that of a sample; 1/m with replacement, (n - m) / (m (n - 1)) without.
    ridge
        Non-negative.

    Examples
    --------
    >>> kernel = NoiseKernel(np.array([[1.0], [2.0]]), share=1.0)
    >>> round(kernel.mean_square_limit(), 6)  # 2 mean(x^2) / mean(x^4)
    0.588235
    >>> kernel.stationary(0.1, np.array([2.0, -1.0])).variances.round(6)
    array([0.096386, 0.385542])
    """

    features: np.ndarray
    share: float
    ridge: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "features", as_array("features", self.features, NUMPY, 2))
        for name, value, most in (("share", self.share, 1), ("ridge", self.ridge, np.inf)):
            if not 0 <= scalar(name, value) <= most:
                raise DomainError(
                    f"{name} lies outside its domain",
                    got=value,
                    allowed="0 <= share <= 1 and 0 <= ridge",
                    mend="see numeric.batch_noise.batch_share",
                )

    def apply(self, learning_rate: float, vector: np.ndarray) -> np.ndarray:
        """Return K v, (n,), with two products of (n, r) matrices, r being the rank of the features."""
        return self._on_samples(learning_rate, self._weighted(vector))

    def matrix(self, learning_rate: float, tolerance: float = 1e-14) -> np.ndarray:
        """Return K, (n, n), from k products of (n, r) and (r, n) matrices.

        1 / D is written as a sum of k products g_a g_b, k being about log(condition of H) * log(1 / tolerance) / 10.
        What is left, E, is positive semidefinite, so that |E_ab| <= sqrt(E_aa E_bb), and its diagonal is known:
        E_aa is at most ``tolerance`` / D_aa.
        """
        features = self.modes.features
        total = np.zeros((len(features), len(features)))
        for factor in self.factors(learning_rate, tolerance):
            total += ((features * factor) @ features.T) ** 2
        return total

    def factors(self, learning_rate: float, tolerance: float = 1e-14) -> np.ndarray:
        """Return (k, r) vectors g with 1 / D_ab = sum of g_a g_b, up to ``tolerance`` in relation to the diagonal.

        They are the columns of a pivoted Cholesky factor. What is left of 1 / D_ab after some pivots is the product of
        b_a b_b over them, with b_a = c (h_a - h_pivot) / D_a,pivot: no subtraction of nearly equal numbers.
        """
        D, curvature = self._divisors(learning_rate), self.modes.eigenvalues
        eta, p = learning_rate, self.share
        # D_ab = alpha (h_a + h_b) - beta h_a h_b + gamma, and c^2 = alpha^2 + beta gamma.
        alpha = 1 - eta * p * self.ridge
        factor = np.sqrt(alpha**2 + eta * (1 - p) * eta * p * self.ridge**2)
        left, found = np.ones_like(curvature), []
        while (left**2).max() > tolerance:
            pivot = int(np.argmax(left**2))
            found.append(left * np.sqrt(D[pivot, pivot]) / D[:, pivot])
            left = left * factor * (curvature - curvature[pivot]) / D[:, pivot]
        return np.array(found)

    def spectral_radius(self, learning_rate: float) -> float:
        """Return that of (eta p / n) K: SGD is stable in mean square where it is below one.

        StabilityError where K does not exist, because some D_aa is not positive.
        """
        return self._perron(learning_rate, np.ones(len(self.features)))[0]

    def mean_square_limit(self) -> float:
        """Return the learning rate below which the second moment converges, on the range of the features.

        There the spectral radius is one. Its inverse is nearly linear in 1 / eta, and its slope follows from the
        Perron vector, so that Newton's method needs a few steps.
        """
        g, p = self.modes.eigenvalues, self.share
        pushed = np.outer(g + self.ridge, g + self.ridge) - p * np.outer(g, g)
        singular = float((pushed.diagonal() / (2 * (g + self.ridge))).max())  # 1 / eta at which a D_aa is zero
        if p == 0:
            return 1 / singular
        inverse = singular + float(np.square(self.modes.features).sum(axis=1).max())
        vector = np.ones(len(self.features))
        for _ in range(60):
            eta = 1 / inverse
            radius, vector = self._perron(eta, vector)
            weights, D = self._weighted(vector) ** 2, self._divisors(eta)
            slope = p / len(self.features) * ((weights / D).sum() + eta * (weights * pushed / D**2).sum())
            step = (1 / radius - 1) * radius**2 / (eta**2 * slope)
            inverse = inverse - step if inverse - step > singular else (inverse + singular) / 2
            if abs(step) <= 1e-8 * inverse:  # the next step would be of the order of its square
                break
        return float(1 / inverse)

    def _perron(self, learning_rate: float, start: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the spectral radius of (eta p / n) K and its eigenvector, well apart from the others."""
        scale = learning_rate * self.share / len(self.features)
        value, vector = leading_pair(lambda vector: self.apply(learning_rate, vector), start, 6)
        return scale * value, vector

    def stationary(self, learning_rate: float, residuals: np.ndarray) -> StationaryResiduals:
        """Return the stationary variances and excess loss from the residuals x_i'theta* - y_i at the minimum, (n,).

        Raises
        ------
        StabilityError
            If the second moment diverges, also in directions that no residual reaches; the largest stable learning
            rate is named.
        """
        learning_rate = scalar("learning_rate", learning_rate)
        residuals = as_array("residuals", residuals, NUMPY, 1)
        if len(residuals) != len(self.features):
            raise ShapeError(
                "residuals and features differ in their number of samples",
                got=f"{len(residuals)} and {len(self.features)}",
                allowed="one residual for each row of the features",
                mend="hand in features @ minimum - targets",
            )
        n, (g, features) = len(self.features), self.modes
        scale = learning_rate * self.share / n
        if learning_rate * (g.max() + self.ridge) >= 2:
            raise self._unstable(learning_rate)
        pull = features.T @ residuals / n  # minus the penalty's gradient at the minimum
        noise = self._weighted(residuals**2) - n * np.outer(pull, pull)
        source = scale * self._on_samples(learning_rate, noise)
        # Conjugate gradients notice instability by a right side that is nowhere zero, as the Perron vector may be.
        if source.min() <= SEEN * np.linalg.norm(source) and self.spectral_radius(learning_rate) >= 1:
            raise self._unstable(learning_rate)
        try:
            variances, products = conjugate_gradients(
                lambda w: w - scale * self.apply(learning_rate, w), source, lambda w: w
            )
        except NotPositiveError:
            raise self._unstable(learning_rate) from None
        second = scale * (noise + self._weighted(variances)).diagonal() / self._divisors(learning_rate).diagonal()
        return StationaryResiduals(variances, float((g + self.ridge) @ second / 2), products)

    def _weighted(self, weights: np.ndarray) -> np.ndarray:
        """Return the sum of v_i x_i x_i' in the modes, (r, r)."""
        features = self.modes.features
        return (features * weights[:, None]).T @ features

    def _on_samples(self, learning_rate: float, matrix: np.ndarray) -> np.ndarray:
        """Return x_i' (matrix / D) x_i, (n,)."""
        features = self.modes.features
        return np.einsum("ia,ia->i", features @ (matrix / self._divisors(learning_rate)), features)

    def _divisors(self, learning_rate: float) -> np.ndarray:
        g = self.modes.eigenvalues
        h = g + self.ridge
        D = h[:, None] + h - learning_rate * (np.outer(h, h) - self.share * np.outer(g, g))
        if not learning_rate > 0 or not D.diagonal().min() > 0:
            raise self._unstable(learning_rate)
        return D

    @cached_property
    def modes(self) -> _Modes:
        """The directions in which the features reach, and the features seen in them."""
        X = self.features
        n = len(X)
        if not X.any():
            raise DomainError(
                "the features hold nothing but zeros",
                got=f"shape {X.shape}",
                allowed="a feature that is not zero",
                mend="check the data; without curvature nothing moves",
            )
        if X.shape[1] <= n:
            eigenvalues, vectors = scipy.linalg.eigh(X.T @ X / n, driver="evd")
            kept = eigenvalues > 8 * max(X.shape) * np.finfo(float).eps * eigenvalues[-1]
            return _Modes(eigenvalues[kept], X @ vectors[:, kept])
        eigenvalues, vectors = scipy.linalg.eigh(X @ X.T / n, driver="evd")
        kept = eigenvalues > 8 * max(X.shape) * np.finfo(float).eps * eigenvalues[-1]
        return _Modes(eigenvalues[kept], vectors[:, kept] * np.sqrt(n * eigenvalues[kept]))

    def _unstable(self, learning_rate: float) -> StabilityError:
        return unstable(learning_rate, self.mean_square_limit())
