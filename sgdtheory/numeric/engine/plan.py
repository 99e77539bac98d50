"""What a simulation does: its blocks of replicas, when it looks, and how it averages."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sgdtheory.errors import DomainError
from sgdtheory.numeric.engine.block import Block, BlockMaker
from sgdtheory.numeric.engine.model import (
    GaussianFeaturesModel,
    GaussianModel,
    MatrixModel,
    Model,
    RankOneModel,
    SampledModel,
    dataset_size,
    epoch_sizes,
    step_normals,
)
from sgdtheory.optimizers import SGD

CURVE_POINTS = 64  # on a logarithmic scale; looking costs more than a step
CURVE_POINTS_OF_BURN_IN = 24  # the curve is not what a time average is run for
LEAST_LOOKS = 16  # for the sake of which looks move together
LARGEST_SUMS = 1 << 22  # numbers in the sums of products of one block
LARGEST_ORDERS = 1 << 25  # samples in the orders of one block: 128 MB; or its normals of a step
# Largest block, least block where the work is split for several threads, and the multiple that kernels like.
BLOCKS = {"numpy": (4096, 4096, 1), "numba": (8192, 128, 64), "jax": (1 << 16, 1 << 16, 1)}
SPLIT = 8  # blocks to make of a few replicas, so that several threads have something to do


@dataclass(frozen=True)
class Averaging:
    """When a stationary stretch is looked at: after ``burn_in`` steps, ``looks`` times, ``stride`` steps apart."""

    burn_in: int
    looks: int
    stride: int


@dataclass(frozen=True, eq=False)
class Plan:
    """What every block of a simulation does.

    Attributes
    ----------
    model, optimizer, precision
        What is run; ``maker`` is the backend's class of blocks.
    start
        (d,) offset from the minimum.
    hessian
        (d, d).
    seed, branch
        Block k draws from ``SeedSequence(seed, spawn_key=(k, *branch))``.
    sizes
        Replicas of each block.
    steps, recorded, lags
        Steps of each run, those of them at which the loss is looked at, and the lags.
    averaging
        How time averages are taken; None for averages after the last step.
    companion
        Whether blocks carry the control variate.
    strict
        Whether a lost replica ends the run.
    linear
        Whether the loss is quadratic, so that its gradient at an offset e is ``hessian @ e``.
    """

    maker: BlockMaker
    model: Model
    optimizer: SGD
    precision: str
    start: np.ndarray
    hessian: np.ndarray
    seed: int
    sizes: tuple[int, ...]
    steps: int
    recorded: tuple[int, ...]
    lags: tuple[int, ...]
    averaging: Averaging | None
    companion: bool
    strict: bool
    linear: bool = True
    branch: tuple[int, ...] = ()

    def block(self, number: int) -> Block:
        """Return a block before its first step."""
        return self.maker(
            self.model,
            self.optimizer,
            self.start,
            self.sizes[number],
            np.random.SeedSequence(self.seed, spawn_key=(number, *self.branch)),
            precision=self.precision,
            companion=self.companion,
        )


def recorded_steps(steps: int, points: int = CURVE_POINTS) -> tuple[int, ...]:
    """Return the steps at which the loss is looked at, the first and last of them included."""
    spaced = np.geomspace(1, max(steps, 1), points).round().astype(int)
    return tuple(np.unique(np.concatenate([[0], spaced[spaced <= steps], [steps]])).tolist())


def block_sizes(replicas: int, backend: str, dimension: int, products: int, orders: int = 0) -> tuple[int, ...]:
    """Return the replicas of each block: as equal as can be, whatever the number of threads.

    ``products`` counts the (d, d) sums that each replica keeps, ``orders`` the samples whose order it keeps.
    """
    largest, least, multiple = BLOCKS[backend]
    room = min(LARGEST_SUMS // max(1, products * dimension**2), LARGEST_ORDERS // max(1, orders))
    largest = max(1, min(largest, room))
    count = max(math.ceil(replicas / largest), min(SPLIT, replicas // least))
    units, rest = divmod(replicas, multiple)
    shares = [units // count + (place < units % count) for place in range(count)]
    sizes = [share * multiple for share in shares]
    sizes[-1] += rest
    return tuple(size for size in sizes if size)


def samples_ordered(model: Model, optimizer: SGD, backend: str) -> int:
    """Return of how many samples each replica keeps an order; of Gaussian features, how many normals are there."""
    normals = step_normals(model, optimizer.batch_size)
    if normals:
        large = isinstance(model, GaussianFeaturesModel) and backend != "numba"
        return math.prod(normals) if large else 0
    # NumPy draws subsets by shuffling, too.
    kept = optimizer.sampling == "reshuffle" or (backend == "numpy" and optimizer.sampling != "replacement")
    return (_size(model) or 0) if kept else 0


def stride_of(model: Model, optimizer: SGD, companion: bool) -> int:
    """Return how many steps to let pass between looks.

    Adding up should cost no more than stepping, and next to nothing where neighbouring states are so alike that little
    is lost: with x = stride times the fastest rate of a square's decay, the variance grows by (x/2) coth(x/2), which is
    2 % at x = 1/2.
    """
    d, m = model.dimension, optimizer.batch_size
    if isinstance(model, GaussianModel):
        step = 2 * d * d
    elif isinstance(model, GaussianFeaturesModel):
        step = m * (d * d + 10 * d)
    elif isinstance(model, MatrixModel):
        step = m * d * d
    elif isinstance(model, RankOneModel):
        step = 2 * m * d
    else:
        step = d * d + m * d
    ratio = (1 + companion) * d * d / (step + companion * (d * d + m * d))
    fastest = optimizer.learning_rate * float(np.linalg.norm(model.hessian, 2))
    alike = int(min((1 - optimizer.momentum) / (4 * fastest), 1e6)) if fastest > 0 else 1
    return max(1, round(ratio), min(round(16 * ratio), alike))


def averaging(
    model: Model, optimizer: SGD, steps: int, burn_in: int, lags: tuple[int, ...], companion: bool
) -> Averaging:
    """Return when to look. Steps that are left over prolong the burn-in."""
    whole, least = 1, max((1, *lags))
    if optimizer.sampling == "reshuffle":  # every place of an epoch must be seen alike: a stride that visits all
        whole = len(epoch_sizes(_size(model), optimizer.batch_size))
        while math.gcd(least, whole) > 1:
            least += 1
    stride = max(least, min(stride_of(model, optimizer, companion), (steps - burn_in) // max(whole, LEAST_LOOKS)))
    while math.gcd(stride, whole) > 1:
        stride -= 1
    looks = (steps - burn_in) // stride
    looks -= looks % whole
    if looks < 1:
        needed = burn_in + least * whole
        raise DomainError(
            "there are too few steps for time averages",
            got=f"{steps} steps, of which the first {burn_in} are the burn-in",
            allowed=f"at least {needed} steps",
            mend=f"simulate {max(needed, 3 * burn_in)} steps, so that most of them count",
        )
    return Averaging(steps - looks * stride, looks, stride)


def _size(model: Model) -> int:
    return model.dataset_size if isinstance(model, SampledModel) else dataset_size(model)  # type: ignore[return-value]
