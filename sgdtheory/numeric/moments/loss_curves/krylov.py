"""Powers of a large linear map at many times at once, by Arnoldi's method with its residual watched.

L^t start is sought among the first m powers of L on the start, where L is an (m, m) matrix whose powers are cheap. What
the next power sticks out of that space is the residual; the residuals of all steps so far, carried on by a factor that
is no less than that of the fastest growth seen, bound the error. If the largest m does not do for all times, the run
starts afresh from the latest time that it reaches. Up to m steps the space holds the answer, so in the worst case this
costs as many products as steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sgdtheory.numeric.moments.loss_curves.doubling import doubled

TOLERANCE = 1e-12  # of what is looked at
LARGEST_SPACE = 800  # vectors
LARGEST_NUMBERS = 3e7  # numbers in all vectors
GROWN = 1e290  # beyond this the rest of a curve is infinity
ROUNDING = 1e-10  # of a new vector: what is left of it is to be made orthogonal once more
FALLEN = 1e-3  # of a state's size: there a run starts afresh
CANDIDATES = 60  # times at which a space may be left


class Watched(NamedTuple):
    """What was seen of a map's powers: (looks, T) values, infinite beyond floating point, and products it took."""

    values: np.ndarray
    products: int


def watched(
    change: Callable[[np.ndarray], np.ndarray], start: np.ndarray, looks: np.ndarray, times: np.ndarray
) -> Watched:
    """Return ``looks @ L^t start`` for each time.

    Parameters
    ----------
    change
        (n,) -> (n,): L minus one.
    start
        (n,).
    looks
        (q, n).
    times
        (T,) whole numbers >= 0, ascending.

    Examples
    --------
    >>> rates = np.linspace(0, 1e-3, 1000)
    >>> seen = watched(lambda u: -rates * u, np.ones(1000), np.ones((1, 1000)), np.array([10**5]))
    >>> round(float(seen.values[0, 0]), 7), round(float(((1 - rates) ** 10**5).sum()), 7), seen.products < 300
    (10.4982404, 10.4982404, True)
    """
    values, products, now, state = np.full((len(looks), len(times)), np.inf), 0, 0, np.asarray(start, dtype=float)
    left = np.arange(len(times))
    while len(left) and np.abs(state).max() < GROWN:
        space = _Space(change, state)
        waits = times[left] - now
        seen, reach, state = space.explored(looks, waits)
        done = waits <= reach
        values[:, left[done]] = seen[:, done]
        left, now, products = left[~done], now + reach, products + space.size
    return Watched(values, products)


class _Space:
    """The Krylov space of a map and a start: orthonormal rows, and the map on them."""

    def __init__(self, change: Callable[[np.ndarray], np.ndarray], start: np.ndarray) -> None:
        peak = float(np.abs(start).max()) or 1.0  # squares of what is large overflow
        self.norm = peak * float(np.linalg.norm(start / peak))
        self.change, self.size, self.closed = change, 0, self.norm == 0
        self.most = int(max(2, min(LARGEST_SPACE, LARGEST_NUMBERS // len(start), len(start))))
        self.vectors = np.zeros((1, len(start)))
        self.vectors[0] = start / self.norm if self.norm else start
        self.matrix = np.zeros((1, 0))

    def explored(self, looks: np.ndarray, waits: np.ndarray) -> tuple[np.ndarray, int, np.ndarray]:
        """Return what is seen at the waits (q, T), up to which wait it is right, and the state there."""
        last = int(waits.max())
        spaced = np.geomspace(1, max(last, 1), CANDIDATES).astype(int)
        times = np.unique(np.concatenate([waits, spaced[spaced <= last]]))
        target = 24
        while True:
            self._grow(min(target, self.most))
            good, states = self._judged(looks, times)
            place = len(times) - 1 if good.all() else max(0, int(np.argmin(good)) - 1)
            fallen = np.abs(states).max(axis=0) < FALLEN * self.norm
            if fallen.any():  # what has fallen far has lost digits to what it was
                place = min(place, max(int(np.argmax(fallen)), int(np.searchsorted(times, 1))))
            if good[place + 1 :].all() or fallen[place] or self.size == self.most or self.closed:
                break
            target = target * 5 // 4
        within, basis = states[:, np.searchsorted(times, waits)], self.vectors[: len(states)]
        with np.errstate(over="ignore", invalid="ignore"):
            seen, state = (looks @ basis.T) @ within, states[:, place] @ basis
        return np.where(np.isfinite(seen), seen, np.inf), int(times[place]), state

    def _grow(self, size: int) -> None:
        if self.closed or size <= self.size:
            return
        had, n = self.size, self.vectors.shape[1]
        vectors, matrix = np.zeros((size + 1, n)), np.zeros((size + 1, size))
        vectors[: had + 1], matrix[: had + 1, :had] = self.vectors, self.matrix
        for k in range(had, size):
            new, along = _apart(self.change(vectors[k]), vectors[: k + 1])
            rest = float(np.linalg.norm(new))
            matrix[: k + 1, k], matrix[k + 1, k] = along, rest
            self.size, left, tries = k + 1, rest / float(np.abs(along).max() or 1.0), 0
            # A rest of rounding is no reason to stop, for over many steps it adds up, if it leads out of the space.
            while 0 < left < ROUNDING and tries < 3:
                new, _ = _apart(new / np.linalg.norm(new), vectors[: k + 1])
                left, tries = float(np.linalg.norm(new)), tries + 1
            if k + 1 == n or left < ROUNDING:
                self.closed = True
                break
            vectors[k + 1] = new / np.linalg.norm(new)
        self.vectors, self.matrix = vectors[: self.size + 1], matrix[: self.size + 1, : self.size]

    def _judged(self, looks: np.ndarray, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return at which times the space suffices, and the states in it, (m, T)."""
        m = self.size
        if m == 0:  # the start is zero, and stays so
            return np.ones(len(times), bool), np.zeros((1, len(times)))
        small = np.zeros((m + 1, m + 1))
        small[: m + (not self.closed), :m] = self.matrix[: m + (not self.closed)]
        small[m, m] = _growth(small[:m, :m]) - 1
        first = np.zeros(m + 1)
        first[0] = self.norm
        states = doubled(small, first, times)
        with np.errstate(over="ignore", invalid="ignore"):
            error = np.maximum.accumulate(np.abs(states[m])) * np.linalg.norm(looks, axis=1)[:, None]
            seen = np.abs((looks @ self.vectors[:m].T) @ states[:m])
            rounding = 4 * np.finfo(float).eps * np.linalg.norm(looks, axis=1)[:, None]
            good = error <= TOLERANCE * seen + rounding * np.abs(states[:m]).max(axis=0)
        good = np.logical_and.accumulate((good & np.isfinite(seen)).all(axis=0))
        good[times < m] = True  # exact: at most m - 1 products were taken
        return good, states[:m]


def _apart(new: np.ndarray, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what of a vector is orthogonal to others, and the part of it along them."""
    along = np.zeros(len(vectors))
    for _ in range(2):  # once more, for orthogonality to rounding
        part = vectors @ new
        new, along = new - part @ vectors, along + part
    return new, along


def _growth(change: np.ndarray, steps: int = 100) -> float:
    """Return the factor by which, in the long run, a step lengthens a vector; one if it does not."""
    vector, logarithm = np.ones(len(change)), 0.0
    for step in range(2 * steps):
        vector = vector + change @ vector
        norm = float(np.linalg.norm(vector))
        if norm == 0:
            return 1.0
        vector, logarithm = vector / norm, logarithm + np.log(norm) * (step >= steps)
    return float(max(1.0, np.exp(logarithm / steps)))
