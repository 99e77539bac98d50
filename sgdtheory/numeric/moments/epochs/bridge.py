"""The moments that one shuffled epoch of a common curvature adds, without cancellation and for any number of batches.

After k batches the parameters hold each sample's gradient with a coefficient: P^l b / m where its batch of m samples
came l batches ago, P being the mean step and b what a unit gradient adds, and zero where it has not been used yet. The
samples are shuffled, so the covariance of the sum is C n/(n - 1) times the *scatter* of these n coefficients, which
is the bridge covariance

    C/(n - 1) (sum_l (n/m_l) P^l b b' P'^l - (sum_l P^l b) (sum_l P^l b)')

for batches of any sizes. Scatters of blocks of samples merge by Chan's formula, and a block of twice as many batches is
two shifted blocks: the cost grows with the logarithm of the number of batches. All is done per pair of modes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from sgdtheory.numeric.moments.linear_optimizer import LinearOptimizer

B = TypeVar("B")


def repeated(block: B, times: int, join: Callable[[B, B], B]) -> B:
    """Return a block joined to itself ``times`` >= 1 times, by doubling."""
    result = None
    while times:
        if times & 1:
            result = block if result is None else join(result, block)
        times >>= 1
        block = join(block, block) if times else block
    assert result is not None
    return result


def outer(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the (n, n, s, s) products of (n, s) vectors."""
    return np.einsum("ia,jb->ijab", first, second)


def turn(matrices: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """Return P_i X_ij P_j' for (n, s, s) matrices and (n, n, s, s) moments."""
    return matrices[:, None] @ moments @ matrices[None].swapaxes(-1, -2)


def apply(matrices: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Return P_i x_i for (n, s, s) matrices and (n, s) vectors."""
    return np.einsum("iab,ib->ia", matrices, vectors)


def joined_change(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return P Q - 1 from P - 1 and Q - 1, which commute, without cancellation."""
    return first + second + first @ second


@dataclass(frozen=True, eq=False)
class Lags:
    """The vectors P^l b of the lags l = 0, ..., count - 1.

    Attributes
    ----------
    count
        Number of lags.
    change
        (n, s, s): P^count - 1.
    drift
        (n, s): their mean minus b.
    scatter
        (n, n, s, s): sum of products of their deviations from the mean.
    """

    count: int
    change: np.ndarray
    drift: np.ndarray
    scatter: np.ndarray


def lags(change: np.ndarray, drive: np.ndarray, count: int) -> Lags:
    """Return the vectors of ``count`` >= 1 lags for mean steps 1 + ``change``, (n, s, s), and a drive (s,)."""
    n, _, s = change.shape

    def join(new: Lags, old: Lags) -> Lags:
        total = new.count + old.count
        moved = old.drift + apply(new.change, drive + old.drift)
        gap = moved - new.drift
        old_scatter = turn(np.eye(s) + new.change, old.scatter)
        return Lags(
            total,
            joined_change(new.change, old.change),
            (new.count * new.drift + old.count * moved) / total,
            new.scatter + old_scatter + new.count * old.count / total * outer(gap, gap),
        )

    return repeated(Lags(1, change, np.zeros((n, s)), np.zeros((n, n, s, s))), count, join)


def bridge(optimizer: LinearOptimizer, curvatures: np.ndarray, sizes: np.ndarray, used: int) -> np.ndarray:
    """Return the scatter (n, n, s, s) of the samples' coefficients after ``used`` batches of an epoch.

    ``sizes`` are those of all batches of the epoch, of which only the last may differ. Times C n/(n - 1), with n the
    number of samples, it is the covariance that the epoch has added.
    """
    change, drive = optimizer.change(curvatures), optimizer.drive
    n, s = len(curvatures), len(drive)
    size, uneven = int(sizes[0]), used == len(sizes) and sizes[-1] != sizes[0]
    full = used - uneven
    parts: list[tuple[int, np.ndarray, np.ndarray]] = []  # samples, mean and scatter of their coefficients
    if full:
        seen = lags(change, drive, full)
        mean, scatter = (drive + seen.drift) / size, seen.scatter / size
        if uneven:  # the last batch came after them
            mean, scatter = mean + apply(change, mean), turn(np.eye(s) + change, scatter)
        parts.append((full * size, mean, scatter))
    if uneven:
        parts.append((int(sizes[-1]), np.broadcast_to(drive / sizes[-1], (n, s)), np.zeros((n, n, s, s))))
    unused = int(sizes[used:].sum())
    if unused:
        parts.append((unused, np.zeros((n, s)), np.zeros((n, n, s, s))))
    count, mean, scatter = parts[0]
    for more, other, spread in parts[1:]:
        gap, total = other - mean, count + more
        scatter = scatter + spread + count * more / total * outer(gap, gap)
        count, mean = total, mean + more / total * gap
    return scatter


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums over the lags or phases k = 0, ..., count - 1, for averages over an epoch.

    Attributes
    ----------
    count
        Their number.
    change
        (n, s, s): P^count - 1.
    reached, reached_sum
        (n, s): u = sum_l P^l b, and the sum over k of the u of k lags.
    products, product_sum
        (n, n, s, s): sum_l P^l b b' P'^l, and the sum over k of that of k lags.
    reached_products
        (n, n, s, s): the sum over k of u u'.
    carried
        (n, n, s, s): the sum over k of P^k X P'^k for a given X.
    """

    count: int
    change: np.ndarray
    reached: np.ndarray
    reached_sum: np.ndarray
    products: np.ndarray
    product_sum: np.ndarray
    reached_products: np.ndarray
    carried: np.ndarray


def sums(optimizer: LinearOptimizer, curvatures: np.ndarray, count: int, carried: np.ndarray) -> Sums:
    """Return the sums of ``count`` >= 1 phases, with what is carried into the epoch, (n, n, s, s)."""
    change, drive = optimizer.change(curvatures), optimizer.drive
    n, s = len(curvatures), len(drive)
    one, start = np.eye(s), np.broadcast_to(drive, (n, s))

    def join(new: Sums, old: Sums) -> Sums:
        power = one + new.change
        u, U = new.reached, apply(power, old.reached_sum)
        cross = outer(u, U)
        return Sums(
            new.count + old.count,
            joined_change(new.change, old.change),
            u + apply(power, old.reached),
            new.reached_sum + old.count * u + U,
            new.products + turn(power, old.products),
            new.product_sum + old.count * new.products + turn(power, old.product_sum),
            new.reached_products
            + old.count * outer(u, u)
            + cross
            + cross.transpose(1, 0, 3, 2)
            + turn(power, old.reached_products),
            new.carried + turn(power, old.carried),
        )

    nothing = np.zeros((n, n, s, s))
    unit = Sums(1, change, start, np.zeros((n, s)), outer(start, start), nothing, nothing, carried)
    return repeated(unit, count, join)


def power_change(change: np.ndarray, times: int) -> np.ndarray:
    """Return P^times - 1 for mean steps P = 1 + ``change``."""
    return repeated(change, times, joined_change) if times else np.zeros_like(change)


def stationary(change: np.ndarray, added: np.ndarray) -> np.ndarray:
    """Return X = (1 + change) X (1 + change)' + added, per pair of modes, (n, n, s, s)."""
    n, s = change.shape[:2]
    one = np.eye(s)
    left = np.einsum("iac,bd->iabcd", change, one)[:, None]
    right = np.einsum("ac,jbd->jabcd", one, change)[None]
    both = np.einsum("iac,jbd->ijabcd", change, change)
    system = -(left + right + both).reshape(n, n, s * s, s * s)
    return solved(system, added.reshape(n, n, s * s)).reshape(n, n, s, s)


def solved(system: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return x with system x = right, (..., k), for equations that may be of very different sizes."""
    size = np.abs(system).max(axis=-1)
    return np.linalg.solve(system / size[..., None], (right / size)[..., None])[..., 0]
