"""How a step of an epoch is felt later, through up to two steps at which curvatures deviate from their mean.

Per mode, a state z answers a gradient g with P^l b g some l + 1 steps later, and is looked at as y = look z. A gradient
that holds (A - H) y sends what it finds in mode q on into mode i, so that paths through two and three modes are
convolutions of the answers of these modes. Batches may be taken together into groups: P is then the mean step, b the
answer to a constant gradient, y the average over the group, and a group's gradient is felt within the group itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sgdtheory.numeric.moments.epochs.samples import Samples
from sgdtheory.numeric.moments.linear_optimizer import LinearOptimizer


@dataclass(frozen=True, eq=False)
class Group:
    """Some batches taken together, per mode.

    Attributes
    ----------
    power
        (d, s, s): P.
    drive
        (d, s): b.
    look
        (d, s): what y shows of the state before the group.
    within
        (d,): what y shows of a unit gradient of the group itself.
    """

    power: np.ndarray
    drive: np.ndarray
    look: np.ndarray
    within: np.ndarray


def group(optimizer: LinearOptimizer, curvatures: np.ndarray, batches: int) -> Group:
    """Return a group of batches."""
    step, d, s = optimizer.along(curvatures), len(curvatures), optimizer.size
    power, drive = np.broadcast_to(np.eye(s), (d, s, s)), np.zeros((d, s))
    look, within = np.zeros((d, s)), np.zeros(d)
    for _ in range(batches):
        look, within = look + optimizer.look @ power, within + drive @ optimizer.look
        power, drive = step @ power, np.einsum("iab,ib->ia", step, drive) + optimizer.drive
    return Group(power, drive, look / batches, within / batches)


@dataclass(frozen=True, eq=False)
class Paths:
    """Answers over an epoch of so many groups.

    To a number b of the state at the start, after k = 0, ..., groups steps; and to a gradient, t + 1 groups later.

    Attributes
    ----------
    group
        One step.
    straight
        (k, i, a, b): P_i^k.
    once
        (k, i, a, q, b): through mode q into mode i.
    twice
        (k, i, a, r, b): through modes r and q into i, weighted with the mean of (A - H)_iq (A - H)_qr, summed over q.
    direct, through, chained
        (t, i, a), (t, i, a, q) and (t, i, a, r): the same to a gradient in mode i, q or r.
    crossed
        (t, i, a, j): to a gradient in mode r through q into i, weighted with the means of (A - H)_iq g_r and of
        (A - H)_qr g_j and summed over q and r.
    """

    group: Group
    straight: np.ndarray
    once: np.ndarray
    twice: np.ndarray
    direct: np.ndarray
    through: np.ndarray
    chained: np.ndarray
    crossed: np.ndarray

    @property
    def groups(self) -> int:
        """Steps of an epoch."""
        return len(self.direct)


def paths(step: Group, samples: Samples, groups: int) -> Paths:
    """Return the answers over an epoch of so many groups."""
    d, s = step.drive.shape
    tied, chain = samples.tied, samples.chained
    first = np.broadcast_to(np.eye(s), (d, s, s))
    second, third = np.zeros((d, s, d, s)), np.zeros((d, s, d, d, s))
    found: list[tuple[np.ndarray, ...]] = []
    for _ in range(groups):
        direct = np.einsum("iab,ib->ia", first, step.drive)
        through = np.einsum("iaqb,qb->iaq", second, step.drive) + direct[:, :, None] * step.within
        double = np.einsum("iaqrb,rb->iaqr", third, step.drive) + through[..., None] * step.within
        crossed = (tied[:, None] * double).reshape(d * s, d * d) @ tied.reshape(d * d, d)
        found.append((first, second, _twice(chain, third), direct, through, _weighted(chain, double), crossed))
        seen_first = np.einsum("qa,qab->qb", step.look, first)
        seen_second = np.einsum("qa,qarb->qrb", step.look, second) + step.within[:, None, None] * seen_first
        third = (step.power @ third.reshape(d, s, -1)).reshape(third.shape)
        third += step.drive[:, :, None, None, None] * seen_second
        second = (step.power @ second.reshape(d, s, -1)).reshape(second.shape)
        second = second + step.drive[:, :, None, None] * seen_first
        first = step.power @ first
    straight, once, twice, direct, through, chained, crossed = map(np.stack, zip(*found, strict=True))
    last = (first, second, _twice(chain, third))
    starts = (np.concatenate([all_of, one[None]]) for all_of, one in zip((straight, once, twice), last, strict=True))
    return Paths(step, *starts, direct, through, chained, crossed.reshape(groups, d, s, d))


def _twice(chain: np.ndarray, third: np.ndarray) -> np.ndarray:
    return np.stack([_weighted(chain, third[..., b]) for b in range(third.shape[-1])], axis=-1)


def _weighted(chain: np.ndarray, double: np.ndarray) -> np.ndarray:
    return (chain[:, None] * double).sum(axis=2)  # over q of i, a, q, r


def driven(step: Group, values: np.ndarray) -> np.ndarray:
    """Return the answers (k, j, a, q) of mode j to gradients (steps, q)."""
    d, s = step.drive.shape
    state = np.zeros((d, s, values.shape[1]))
    found = [state]
    for value in values:
        state = step.power @ state + step.drive[:, :, None] * value
        found.append(state)
    return np.stack(found)
