"""The noise of a linear optimizer where samples differ in their curvature: a loop from noise to spread to noise.

The gradients of a batch of share p are seen at a point whose covariance is Y. They have the noise

    N = p (C + spread(Y)),    spread(Y) = mean (A_i - H) Y (A_i - H),

C being the covariance of one sample's gradient at the minimum; and between two modes of H the optimizer makes of the
noise N_ij the covariance Y_ij = a_ij N_ij, with the gains a of its update. So (1/a - p spread) Y = p C: as many
unknowns as a (d, d) matrix has, however many numbers the optimizer holds. The second moment is stable where the mean
step contracts and the loop N -> p spread(a N) has a spectral radius below one. The gains of the step divided by the
root of r grow as r falls, and the r at which the loop's radius is one is that of the whole map of second moments. The
split into (1 - p) mean and p one sample is that of R. Mulayoff and T. Michaeli, Exact mean square linear stability
analysis for SGD, 2024, proposition 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np
import scipy.optimize

from sgdtheory.errors import DomainError, ShapeError, StabilityError
from sgdtheory.numeric.arrays import NUMPY, as_array, symmetric
from sgdtheory.numeric.moments.linear_optimizer import LinearOptimizer
from sgdtheory.numeric.moments.modes import Modes, moving_modes
from sgdtheory.numeric.scalars import scalar
from sgdtheory.numeric.solvers.conjugate_gradients import NotPositiveError, conjugate_gradients
from sgdtheory.numeric.solvers.sampled_curvature import SampledCurvature
from sgdtheory.numeric.solvers.symmetric_space import largest_eigenvalue, leading_eigenvector

SEEN = 1e-6  # least eigenvalue of a source, over its norm, that shows all unstable directions
ROUNDS = 4  # of the loop, after which the spectral radius is worked out
CLEARLY = 1 - 1e-9  # below one by more than rounding
SLACK = 1e-13  # relative accuracy of 1 - contraction rate


class LoopSolution(NamedTuple):
    """What the loop settles to.

    Attributes
    ----------
    noise
        (d, d) N, the covariance of a batch's gradient in the stationary state, its mean's own spread left out.
    seen
        (d, d) Y, the covariance of the point at which gradients are taken.
    state
        (s, s, d, d): ``state[a, b]`` is the covariance of entry a with entry b of the optimizer's state.
    residual
        |N - p (C + spread(Y))| over |p C|, Frobenius.
    products
        Products with the spread that it took.
    """

    noise: np.ndarray
    seen: np.ndarray
    state: np.ndarray
    residual: float
    products: int


@dataclass(frozen=True, eq=False)
class NoiseLoop:
    """The loop of an optimizer on samples of these curvatures, in batches of this share.

    Attributes
    ----------
    optimizer
        See ``numeric.moments.linear_optimizer``.
    curvature
        The samples' curvatures, one of ``numeric.solvers.sampled_curvature``; ``SharedCurvature`` where they are alike.
    share
        p: the covariance of a batch over that of a sample. 1/m with replacement, (D - m) / (m (D - 1)) without; see
        ``numeric.batch_noise.batch_share``.

    Examples
    --------
    >>> from sgdtheory.numeric.moments.linear_optimizer import of
    >>> from sgdtheory.numeric.solvers.sampled_curvature import RankOneCurvature
    >>> from sgdtheory.optimizers import SGD
    >>> loop = NoiseLoop(of(SGD(0.1, 1)), RankOneCurvature(np.array([[1.0], [2.0]])), share=1.0)
    >>> round(loop.contraction_rate, 12)  # mean of (1 - 0.1)^2 and (1 - 0.4)^2
    0.585
    >>> round(float(loop.solve(np.eye(1)).seen[0, 0]), 9)  # 0.1^2 / (1 - 0.585)
    0.024096386
    """

    optimizer: LinearOptimizer
    curvature: SampledCurvature
    share: float

    def __post_init__(self) -> None:
        if not 0 <= scalar("share", self.share) <= 1:
            raise DomainError(
                "share lies outside its domain",
                got=self.share,
                allowed="0 <= share <= 1",
                mend="see numeric.batch_noise.batch_share",
            )

    @cached_property
    def modes(self) -> Modes:
        """The directions that move."""
        return moving_modes(self.curvature)

    @cached_property
    def mean_rate(self) -> float:
        """Spectral radius of the mean step."""
        return self.optimizer.contraction(self.modes.eigenvalues)

    @cached_property
    def mean_contracts(self) -> bool:
        """Whether the mean converges."""
        return self.optimizer.slack(self.modes.eigenvalues) > 0

    @cached_property
    def radius(self) -> float:
        """Spectral radius of the loop N -> p spread(a N); infinite where the mean step does not contract."""
        return self._radius(0.0) if self.mean_contracts else np.inf

    @cached_property
    def critical_share(self) -> float:
        """The share p at which the loop's radius is one; infinite where the curvatures do not vary."""
        whole = NoiseLoop(self.optimizer, self.curvature, 1.0).radius
        return 1 / whole if whole else np.inf

    @cached_property
    def contracts(self) -> bool:
        """Whether the second moment converges, in directions without noise too."""
        return self._seen_to_contract() or self.radius < 1

    def _seen_to_contract(self) -> bool:
        """Return whether a few rounds of the loop make the identity smaller in every direction.

        That proves it, for the loop maps covariances to covariances, and is far quicker than the spectral radius.
        """
        if not self.mean_contracts:
            return False
        gains = self._seen(self.optimizer.gains(self.modes.eigenvalues))
        noise = np.eye(len(gains))
        for _ in range(ROUNDS):
            noise = self._spread(gains * noise)
            if np.linalg.eigvalsh(noise)[-1] < CLEARLY:
                return True
        return False

    @cached_property
    def contraction_rate(self) -> float:
        """Spectral radius of the map of second moments of the whole state: per step, the fall of what is left.

        Its distance from one is good to about ten digits.
        """
        most = self.optimizer.slack(self.modes.eigenvalues)

        if self._shares_curvature:  # and the gains are seen at the mean's own rate, which is their pole
            return 1 - most

        @cache  # both ends of the bracket are looked at again
        def excess(slack: float) -> float:
            try:
                radius = self._radius(slack)
            except (DomainError, np.linalg.LinAlgError):  # so near the pole that no digit is left
                return -1.0
            return 1 / radius - 1 if radius else np.inf

        nearest = self._beside_the_pole(most)
        if excess(nearest) > 0:
            return 1 - most
        # 1 / radius is nearly linear in the slack.
        reach = max(abs(most), np.finfo(float).eps)
        while excess(most - 2 * reach) <= 0:
            reach *= 2
        return 1 - scipy.optimize.brentq(excess, most - 2 * reach, nearest, xtol=SLACK * abs(most), rtol=1e-12)

    @cached_property
    def _shares_curvature(self) -> bool:
        """Whether the noise does not depend on where it is felt: nothing is left of the spread but rounding."""
        h = self.modes.eigenvalues
        spread = np.trace(self._spread(np.eye(len(h))))
        return bool(spread <= 8 * len(h) * np.finfo(float).eps * h[-1] ** 2)

    def _beside_the_pole(self, most: float) -> float:
        """Return the slack next to that of the mean, ``most``, at which the gains can be worked out."""
        away, last = max(SLACK * abs(most), 4 * np.finfo(float).eps), abs(most) / 10
        while away < last:
            try:
                self._seen(self.optimizer.gains(self.modes.eigenvalues, most - away))
            except (DomainError, np.linalg.LinAlgError):
                away *= 10
            else:
                break
        return most - away

    def measure(self) -> np.ndarray:
        """Return W, (r, r, s, s), in the modes: a step without noise multiplies sum W * E[z z'] by just the rate.

        It is the eigenvector of the adjoint of the map of second moments.
        """
        slack, h = 1 - self.contraction_rate, self.modes.eigenvalues
        root, n = np.sqrt(self._seen(self.optimizer.gains(h, slack))), len(h)
        eigenvector = leading_eigenvector(lambda N: root * self._spread(root * N), n) / root
        one = self.optimizer
        adjoint = LinearOptimizer(one.transition.T, one.look, one.drive, one.held, one.velocity)
        return adjoint.gains(h, slack) * (eigenvector * np.sign(np.trace(eigenvector)))[:, :, None, None]

    def solve(self, source: np.ndarray) -> LoopSolution:
        """Return the stationary noise and covariances, from p C: the covariance of a batch's gradient at the minimum.

        Directions without curvature are left out: nothing moves there if the source is zero in them.

        Raises
        ------
        StabilityError
            If the second moment diverges, also in directions that the source leaves out; the critical share is named.
        DomainError
            If the source is not symmetric, or adds noise in a direction without curvature.
        NonFiniteError, ShapeError
            If it holds a NaN or an infinity, or has another shape.
        """
        source, V = self._checked(source), self.modes.vectors
        unit = np.abs(source).max(initial=0.0) or 1.0  # squares of the source itself may overflow, or vanish
        source = source / unit
        right = V.T @ source @ V
        scale, rest = np.linalg.norm(source), np.linalg.norm(source - V @ right @ V.T)
        if rest > 1e-10 * scale:
            raise DomainError(
                "there is noise in a direction without curvature, where the second moment grows without end",
                got=f"a share {rest / scale:.3g} of the source outside the range of the Hessian",
                allowed="a source in the range of the Hessian",
                mend="drop redundant columns, or add a small ridge",
            )
        if not self.mean_contracts:
            raise self._unstable()
        states = self.optimizer.gains(self.modes.eigenvalues)
        gains = self._seen(states)
        noise, products = self.settled(right, gains)
        back = right + self._spread(gains * noise)
        residual = float(np.linalg.norm(noise - back) / scale) if scale else 0.0
        noise *= unit
        state = np.einsum("ki,ijab,lj->abkl", V, states * noise[:, :, None, None], V, optimize=True)
        seen = np.einsum("a,abkl,b->kl", self.optimizer.look, state, self.optimizer.look)
        return LoopSolution(V @ noise @ V.T, seen, state, residual, products)

    def settled(self, source: np.ndarray, gains: np.ndarray, tolerance: float | None = None) -> tuple[np.ndarray, int]:
        """Return N = source + p spread(a N) in the modes, and products; see ``conjugate_gradients`` on tolerance."""
        unit = np.abs(source).max(initial=0.0) or 1.0
        # Conjugate gradients notice an unstable direction by a source that is not zero there.
        seen = np.linalg.eigvalsh(source / unit)[0] > SEEN * np.linalg.norm(source / unit)
        if not seen and not self.contracts:
            raise self._unstable()
        try:
            found, products = conjugate_gradients(
                lambda Y: Y / gains - self._spread(Y), source / unit, lambda Y: Y * gains, tolerance=tolerance
            )
        except NotPositiveError:
            raise self._unstable() from None
        return found / gains * unit, products

    def _radius(self, slack: float) -> float:
        """Return the radius of the loop with the gains of the step over the root of 1 - slack."""
        if self.share == 0:
            return 0.0
        root = np.sqrt(self._seen(self.optimizer.gains(self.modes.eigenvalues, slack)))
        return max(0.0, largest_eigenvalue(lambda N: root * self._spread(root * N), len(root)))

    def _seen(self, states: np.ndarray) -> np.ndarray:
        """Return the (r, r) gains seen at the point where gradients are taken.

        They are positive for SGD with either momentum and with delayed gradients, which makes the loop symmetric.
        """
        gains = np.einsum("a,ijab,b->ij", self.optimizer.look, states, self.optimizer.look)
        if not gains.min() > 0:
            raise DomainError(
                "two modes of this optimizer answer the same noise in opposite ways",
                got=f"a gain of {gains.min():.3g}",
                allowed="positive gains, as SGD has with or without momentum",
                mend="check the optimizer's matrices; its look must be a point that noise moves",
            )
        return gains

    def _spread(self, matrix: np.ndarray) -> np.ndarray:
        return self.share * self.modes.curvature.spread(matrix)

    def _checked(self, source: np.ndarray) -> np.ndarray:
        source, shape = as_array("the source", source, NUMPY, 2), self.curvature.hessian.shape
        if source.shape != shape:
            raise ShapeError(
                "the source does not fit the curvatures",
                got=f"shape {source.shape}",
                allowed=f"{shape}",
                mend="mend it",
            )
        return symmetric("the source", source)

    def _unstable(self) -> StabilityError:
        if not self.mean_contracts:
            return StabilityError(
                "the mean of the parameters diverges",
                got=f"a mean step of spectral radius {self.mean_rate:.6g}",
                allowed="a spectral radius below one",
                mend="take a smaller learning rate",
            )
        return StabilityError(
            "the second moment of the parameters diverges, because samples differ in their curvature",
            got=f"batches whose gradients have the share {float(self.share):.6g} of one sample's covariance",
            allowed=f"shares below {self.critical_share:.6g}",
            mend="take a larger batch, or a smaller learning rate",
        )
