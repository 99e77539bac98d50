"""Shuffled epochs where samples differ in their curvature, to second order in the spread of the curvatures.

Beside the bridge of a common curvature stand

* the shift of the mean, -1/(n - 1) sum over batches k > l of P^(M-1-k) mean_i[(A_i - H) P^(k-1-l) g_i], times the
  square of the learning rate;
* the noise of the curvatures' spread at each step, n/(m (n - 1)) spread(E[y y']), with y the point where gradients are
  taken, solved together with the moments that it feeds; and at the mean point, the gradient's own change of noise;
* what the correlation of the batches of one epoch makes of it (``second_order``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sgdtheory.errors import StabilityError
from sgdtheory.numeric.moments.epochs.bridge import lags, outer, power_change, solved, stationary, turn
from sgdtheory.numeric.moments.epochs.common_curvature import CommonCurvature
from sgdtheory.numeric.moments.epochs.paths import Paths, group, paths
from sgdtheory.numeric.moments.epochs.samples import Samples
from sgdtheory.numeric.moments.epochs.second_order import SharedPart
from sgdtheory.numeric.moments.linear_optimizer import LinearOptimizer

LARGEST = 100  # parameters: the moments of pairs of curvatures are d^4 numbers
GROUPS = (96, 32)  # into which an epoch is cut for the corrections: with few parameters, and with many
FEW = 24  # parameters
ROUNDS = 100
SETTLED = 1e-6


@dataclass(frozen=True, eq=False)
class Expansion:
    """The states' moments at the phases of a stationary epoch, in the eigenvectors of the Hessian.

    Attributes
    ----------
    optimizer
        How a step is taken; its mean step contracts.
    curvatures
        (d,) eigenvalues.
    samples
        The samples about the minimum.
    sizes
        (M,): samples in each batch of an epoch.
    """

    optimizer: LinearOptimizer
    curvatures: np.ndarray
    samples: Samples
    sizes: np.ndarray

    exact = False

    def __post_init__(self) -> None:
        if len(self.curvatures) > LARGEST:
            raise NotImplementedError(
                f"the law of shuffled epochs with different curvatures is built for up to {LARGEST} parameters, and"
                f" here are {len(self.curvatures)}; simulate() runs it"
            )

    @cached_property
    def bridge(self) -> CommonCurvature:
        """The law with the spread of the curvatures left out."""
        return CommonCurvature(self.optimizer, self.curvatures, self.samples.noise, self.sizes)

    @cached_property
    def _together(self) -> int:
        """Batches in a group: few enough groups, and no group cut short if that can be had."""
        M = len(self.sizes)
        least = -(-M // GROUPS[len(self.curvatures) > FEW])
        return min(range(least, 2 * least), key=lambda g: abs(M / g / max(1, round(M / g)) - 1))

    @cached_property
    def _shares(self) -> np.ndarray:
        """(groups,): covariance of a batch's own gradient over that of a sample's, averaged over each group."""
        n, groups = int(self.sizes.sum()), self._paths.groups
        place = np.minimum(np.arange(len(self.sizes)) // self._together, groups - 1)
        each = np.bincount(place, 1 / self.sizes, groups) / np.bincount(place, minlength=groups)
        return each * n / (n - 1)

    @cached_property
    def _paths(self) -> Paths:
        groups = max(1, round(len(self.sizes) / self._together))
        return paths(group(self.optimizer, self.curvatures, self._together), self.samples, groups)

    @cached_property
    def _means(self) -> np.ndarray:
        """(groups + 1, d, s): the mean of the states."""
        paths, n = self._paths, self.samples.size
        pushed = np.einsum("kiaq,iqq->kia", paths.through, self.samples.tied, optimize=True)
        shift = -np.concatenate([np.zeros_like(pushed[:1]), pushed.cumsum(axis=0)]) / (n - 1)
        start = solved(-self._whole, shift[-1])
        return (paths.straight @ start[..., None])[..., 0] + shift

    @cached_property
    def _whole(self) -> np.ndarray:
        """(d, s, s): the mean step of all groups, minus one."""
        return power_change(self.optimizer.change(self.curvatures), self._paths.groups * self._together)

    @cached_property
    def _shared(self) -> SharedPart:
        shares = self._shares * self._paths.groups / len(self.sizes)  # an epoch's sum vanishes, as it must
        return SharedPart(self._paths, self.samples, self._within(self._means @ self.optimizer.look), shares)

    def _within(self, ends: np.ndarray) -> np.ndarray:
        """Return the values that gradients in each group see, (groups, ...), from those at the ends of the groups."""
        place = (self._together - 1) / (2 * self._together)  # gradients are taken before the steps
        return (1 - place) * ends[:-1] + place * ends[1:]

    @cached_property
    def _bridges(self) -> np.ndarray:
        """(groups + 1, d, d, s, s): the bridge at the ends of the groups."""
        inner = [self.bridge.covariance(k * self._together) for k in range(self._paths.groups)]
        return np.stack([*inner, self.bridge.carried])

    @cached_property
    def _spread(self) -> tuple[np.ndarray, np.ndarray]:
        """What the spread adds to the covariance at the ends of the groups, and the shared part's share at the end."""
        end = np.zeros(self._paths.groups + 1)
        end[-1] = 1
        added, last = np.zeros_like(self._bridges), np.zeros_like(self._bridges[0])
        for _ in range(2):  # the shared part depends on the start, by as little again
            added = self._settled(added, last)
            start = self._bridges[0] + added[0]
            mean = self._means[0]
            last = self._shared.covariance(end, start + outer(mean, mean), start)
        return self._settled(added, last), last

    def _settled(self, added: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Return what the spread adds, solved with the moments that it feeds; ``last`` comes on top at the end."""
        paths = self._paths
        answers = lags(self.optimizer.change(self.curvatures), self.optimizer.drive, self._together)
        mean = self.optimizer.drive + answers.drift
        pushed = answers.scatter + self._together * outer(mean, mean)
        for _ in range(ROUNDS):
            sources = (self._shares[:, None, None] * self._noise(added))[..., None, None] * pushed
            inside = [np.zeros_like(last)]
            for source in sources:
                inside.append(turn(paths.group.power, inside[-1]) + source)
            start = stationary(self._whole, inside[-1] + last)
            new = np.stack([turn(P, start) + x for P, x in zip(paths.straight, inside, strict=True)])
            new[-1] = start
            gap, added = np.abs(new - added).max(), new
            if not np.isfinite(gap) or np.abs(new).max() > 1e6 * np.abs(self._bridges).max():
                break
            if gap <= SETTLED * np.abs(new).max():
                return new
        raise StabilityError(
            "the expansion of shuffled epochs in the spread of the curvatures does not converge",
            got=f"batches of about {int(self.sizes[0])} samples whose noise feeds itself",
            allowed="learning rates well below the limit in mean square of independent batches",
            mend="take a smaller learning rate or larger batches, or simulate",
        )

    def _noise(self, added: np.ndarray) -> np.ndarray:
        """(groups, d, d): the noise of a sample's gradient beyond that at the minimum, over each group."""
        look, means = self.optimizer.look, self._means @ self.optimizer.look
        seen = np.einsum("a,kijab,b->kij", look, self._bridges + added, look)
        seen = seen + means[:, :, None] * means[:, None, :]
        spread = np.stack([self.samples.curvature.spread(moment) for moment in seen])
        reached = self._shared.shared * self._shared.reached @ look
        tied = np.einsum("ijq,kq->kij", self.samples.skewness, reached, optimize=True)
        tied += np.einsum("jqi,kq->kij", self.samples.tied, means, optimize=True)
        spread += tied + tied.swapaxes(1, 2)
        return self._within(spread)

    def _on_top(self, weights: np.ndarray) -> np.ndarray:
        """Return the weighted sum over the ends of the groups of all that is beyond the bridge."""
        added, _ = self._spread
        start, mean = self._bridges[0] + added[0], self._means[0]
        shared = self._shared.covariance(weights, start + outer(mean, mean), start)
        return np.tensordot(weights, added, 1) + shared

    def _weights(self, phase: int) -> np.ndarray:
        """Weights of the ends of the groups that meet at a phase."""
        weights = np.zeros(self._paths.groups + 1)
        place = min(phase / self._together, self._paths.groups)
        low = min(int(place), self._paths.groups - 1)
        weights[low], weights[low + 1] = low + 1 - place, place - low
        return weights

    @cached_property
    def _known(self) -> dict[int, np.ndarray]:
        return {}

    def mean(self, phase: int) -> np.ndarray:
        """Return the (d, s) mean of the states, from the minimum."""
        return np.tensordot(self._weights(phase), self._means, 1)

    def covariance(self, phase: int) -> np.ndarray:
        """Return the (d, d, s, s) covariance of the states after ``phase`` batches of an epoch."""
        if phase == 0:
            return self._bridges[0] + self._spread[0][0]
        if phase not in self._known:
            self._known[phase] = self.bridge.covariance(phase) + self._on_top(self._weights(phase))
        return self._known[phase]

    @cached_property
    def average(self) -> tuple[np.ndarray, np.ndarray]:
        """The mean (d, s) and second moment (d, d, s, s) of the states, averaged over the phases of an epoch."""
        weights = np.full(self._paths.groups + 1, 1 / self._paths.groups)
        weights[-1] = 0
        means = self._means[:-1]
        squares = np.einsum("kia,kjb->ijab", means, means) / len(means)
        return means.mean(axis=0), self.bridge.average[1] + self._on_top(weights) + squares

    @cached_property
    def neglected(self) -> float:
        """What is neglected of the average excess loss, relative to it: the square of what the corrections are."""
        held = self.optimizer.held
        weights = np.full(self._paths.groups + 1, 1 / self._paths.groups)
        weights[-1] = 0
        spread = np.tensordot(weights, self._spread[0], 1)
        parts = [self.bridge.average[1], spread, self.average[1] - self.bridge.average[1] - spread]
        losses = [self.curvatures @ np.einsum("a,iiab,b->i", held, part, held) for part in parts]
        return float((np.abs(losses[1:]).sum() / losses[0]) ** 2) if losses[0] > 0 else 0.0

    @cached_property
    def caveats(self) -> tuple[str, ...]:
        """What is approximate."""
        return (
            "the samples' curvatures differ, and the law of shuffled epochs is expanded in their spread, of which the"
            " second order is kept: the fourth is neglected, about the square of what the second contributes,"
            f" {100 * self.neglected:.2g} % of the average excess loss, and the fourth cumulants of the samples, a part"
            " 1/n of that contribution times their excess kurtosis",
        )
