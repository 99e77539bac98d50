"""What the backends share: a block of replicas that advance together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from sgdtheory.numeric.engine.model import GaussianFeaturesModel, Model, SampledModel
from sgdtheory.optimizers import SGD


@dataclass(frozen=True)
class ChainSums:
    """Per-replica sums over the looks of a stationary stretch, for time averages.

    Attributes
    ----------
    looks
        How many states were added up.
    first
        (d, replicas): sums of e.
    second
        (d, d, replicas): sums of e e'.
    lagged
        (lags, d, d, replicas): sums of e(t + lag) e(t)'.
    companion_first, companion_second, companion_lagged
        The same of the control variate's states, or None.
    """

    looks: int
    first: np.ndarray
    second: np.ndarray
    lagged: np.ndarray
    companion_first: np.ndarray | None = None
    companion_second: np.ndarray | None = None
    companion_lagged: np.ndarray | None = None


class Block(Protocol):
    """Replicas that advance together; every backend has one such class.

    It is made by ``XBlock(model, optimizer, start, replicas, seed, precision=..., companion=...)``:

    model
        Of ``engine/model.py``.
    optimizer
        Its learning rate, momentum, nesterov, batch_size, sampling and delay; old parameters are the start at first.
    start
        (d,) or (d, replicas) offsets e = theta - theta* before the first step; the velocity starts at zero.
    replicas
        Independent runs in this block.
    seed
        A ``numpy.random.SeedSequence`` of this block alone. What is drawn depends on it, on the sampling and on the
        replicas, never on states, learning rate, threads or in how many calls the block advances.
    precision
        ``"float64"`` or ``"float32"``.
    companion
        Whether to carry a control variate: the recursion y with the same optimizer, started at y = 0, whose
        gradient is ``hessian @ y`` plus the mean over the *same* batch of the samples' gradients at the minimum
        (``model.gradients``). Not for Gaussian features, which have no such law.
    """

    def advance(self, steps: int) -> None:
        """Take steps with draws of its own."""

    def follow(self, draws: np.ndarray, sizes: np.ndarray | None = None) -> None:
        """Take one step for each of the given draws.

        ``draws`` are indices (steps, batch_size, replicas), of which the first ``sizes[step]`` count where sizes are
        given; for a GaussianModel standard normals (steps, r, replicas), for a GaussianFeaturesModel (steps,
        batch_size, r + 1, replicas), the target's noise last; all normals count.
        """

    def draw(self, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the draws and sizes that the next ``advance(steps)`` would have used, and use them up."""

    def accumulate(self, looks: int, stride: int, lags: tuple[int, ...]) -> ChainSums:
        """Advance, and add up what is seen at ``looks`` times.

        After each look the block advances by ``max(stride, largest lag)``; ``stride >= 1``; lags are increasing and
        positive. Products with a lag are of the state ``lag`` steps after a look with that look's.
        """

    def state(self) -> np.ndarray:
        """Return a copy of the offsets (d, replicas), float64."""

    def velocity(self) -> np.ndarray:
        """Return a copy of the velocities (d, replicas), float64, as ``torch.optim.SGD`` holds them.

        Without momentum nothing is held: zeros.
        """

    def companion(self) -> np.ndarray:
        """Return a copy of the control variate's offsets (d, replicas), float64."""

    def place(self, offsets: np.ndarray) -> None:
        """Put the replicas at offsets (d, replicas); velocities, old parameters and draws stay as they are."""

    def save(self) -> Any:
        """Return everything that ``restore`` needs to come back to now: states, velocities, draws still to come."""

    def restore(self, saved: Any) -> None:
        """Come back to a saved moment."""


BlockMaker = Any  # type[Block]; a Protocol's constructor cannot be typed shorter


def check_companion(model: Model, companion: bool) -> None:
    """Refuse a control variate where its law is not known."""
    if companion and isinstance(model, GaussianFeaturesModel | SampledModel):
        raise TypeError(f"a {type(model).__name__} has no control variate")


def knobs(optimizer: SGD) -> dict[str, Any]:
    """Return the keywords of ``processes.update.update``."""
    return {
        "learning_rate": optimizer.learning_rate,
        "momentum": optimizer.momentum,
        "nesterov": optimizer.nesterov,
    }
