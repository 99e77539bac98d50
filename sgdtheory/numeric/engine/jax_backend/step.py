"""One step of SGD in JAX for a group of replicas: what it draws, the gradient of its batch, the update.

States are rows (replicas, d): a sample's features are then read in one stretch, and the sums over parameters are matrix
products, which XLA runs faster than reductions. Every matrix product is computed in full precision.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from sgdtheory.numeric.engine.jax_backend import random as jax_random
from sgdtheory.processes import additive_noise
from sgdtheory.processes.update import update

Parts = dict[str, jax.Array]  # the model's arrays, the learning rate and the momentum, in the precision of the run
Key = tuple[jax.Array, jax.Array]  # two words


@dataclass(frozen=True)
class StepPlan:
    """What a compiled step depends on, apart from shapes.

    Attributes
    ----------
    kind
        ``"gaussian"``, ``"gaussian_features"``, ``"shared_curvature"``, ``"rank_one"`` or ``"matrix"``.
    sampling
        As in ``SGD``; of no account where normals are drawn.
    batch_size
        Samples of a step; where normals are drawn, how many of them.
    dataset_size
        Samples in all; 0 where normals are drawn.
    momentum, nesterov, companion
        Which of them there are.
    """

    kind: str
    sampling: str
    batch_size: int
    dataset_size: int
    momentum: bool
    nesterov: bool
    companion: bool

    @property
    def steps_per_epoch(self) -> int:
        """Batches of a shuffled epoch."""
        return -(-self.dataset_size // self.batch_size)

    @property
    def draws_normals(self) -> bool:
        """Whether a step draws normals and not indices."""
        return self.dataset_size == 0

    @property
    def shuffles(self) -> bool:
        """Whether the batches are cut from shuffled epochs."""
        return self.dataset_size > 0 and self.sampling == "reshuffle"


class Replicas(NamedTuple):
    """Replicas at one moment: rows (replicas, d), and the order (D, replicas) of shuffled indices; or None.

    With a delay the states before this one, (delay, replicas, d), stand in a ring whose oldest is at ``oldest``.
    """

    state: jax.Array
    velocity: jax.Array | None
    companion: jax.Array | None
    companion_velocity: jax.Array | None
    order: jax.Array | None
    past: jax.Array | None = None
    companion_past: jax.Array | None = None
    oldest: jax.Array | None = None


class Draw(NamedTuple):
    """A step's noise: indices (m, replicas) or normals (r, replicas), and how many of the indices count."""

    noise: jax.Array
    size: jax.Array | np.int32


def draw(
    plan: StepPlan,
    parts: Parts,
    key: tuple[jax.Array, jax.Array],
    step: jax.Array,
    replicas: Replicas,
    numbers: jax.Array,
) -> tuple[Draw, jax.Array | None]:
    """Return a step's draw and the order that it leaves; ``numbers`` are those of the replicas."""
    key, m, D = jax_random.fold_in(key, step), plan.batch_size, plan.dataset_size
    if plan.draws_normals:
        return Draw(jax_random.normals(key, m, numbers, parts["root"].dtype), np.int32(m)), None
    if plan.shuffles:
        position = step % jnp.uint32(plan.steps_per_epoch)
        batch, order = jax_random.shuffled(key, m, position, replicas.order, numbers)
        return Draw(batch, jnp.minimum(m, D - position.astype(jnp.int32) * m)), order
    sampler = jax_random.subsets if plan.sampling == "without_replacement" else jax_random.with_replacement
    # Kept apart from its uses, or XLA works the words out again for each coordinate.
    return Draw(lax.optimization_barrier(sampler(key, m, D, numbers)), np.int32(m)), None


def take_step(plan: StepPlan, parts: Parts, replicas: Replicas, drawn: Draw) -> Replicas:
    """Return the replicas after one step, in their old order."""
    with jax.default_matmul_precision("highest"):
        seen, past = _delayed(replicas.past, replicas.oldest, replicas.state)
        gradient, noise = GRADIENTS[plan.kind](parts, seen, drawn)
        state, velocity = _update(plan, parts, replicas.state, replicas.velocity, gradient)
        after = replicas._replace(state=state, velocity=velocity, past=past)
        if plan.companion:
            seen, past = _delayed(replicas.companion_past, replicas.oldest, replicas.companion)
            gradient = _additive(parts, seen, noise)
            state, velocity = _update(plan, parts, replicas.companion, replicas.companion_velocity, gradient)
            after = after._replace(companion=state, companion_velocity=velocity, companion_past=past)
    return after if past is None else after._replace(oldest=(replicas.oldest + 1) % len(past))


def _delayed(past: jax.Array | None, oldest: Any, state: jax.Array) -> tuple[jax.Array, jax.Array | None]:
    """Return the state at which the gradient is taken, and the ring with the present one in its place."""
    if past is None:
        return state, None
    return past.at[oldest].get(mode="promise_in_bounds"), past.at[oldest].set(state, mode="promise_in_bounds")


def _update(plan: StepPlan, parts: Parts, state: Any, velocity: Any, gradient: jax.Array) -> tuple[Any, Any]:
    if not plan.momentum:  # the velocity is then the gradient, and need not be carried
        return update(state, 0, gradient, learning_rate=parts["learning_rate"])[0], None
    return update(
        state,
        velocity,
        gradient,
        learning_rate=parts["learning_rate"],
        momentum=parts["momentum"],
        nesterov=plan.nesterov,
    )


# Each returns the gradient and, for the companion, the gradient's noise at the minimum; rows both.


def _additive(parts: Parts, state: jax.Array, noise: jax.Array) -> jax.Array:
    return additive_noise.gradient(state.T, noise.T, curvature=parts["hessian"], minimum=0).T


def _gaussian(parts: Parts, state: jax.Array, drawn: Draw) -> tuple[jax.Array, jax.Array]:
    noise = (parts["root"] @ drawn.noise).T
    return _additive(parts, state, noise), noise


def _gaussian_features(parts: Parts, state: jax.Array, drawn: Draw) -> tuple[jax.Array, jax.Array]:
    """``processes.least_squares.gradient`` about the minimum, over all samples of the batch at once."""
    root = parts["root"]
    normals = drawn.noise.reshape(-1, root.shape[1] + 1, len(state))  # (m, r + 1, replicas)
    features = jnp.einsum("ij,mjr->mri", root, normals[:, :-1])
    residuals = -parts["noise_deviation"] * normals[:, -1]
    slopes = jnp.einsum("mri,ri->mr", features, state) + residuals
    mean, noise = (jnp.einsum("mri,mr->ri", features, weights) / len(normals) for weights in (slopes, residuals))
    return mean, noise


def _shared_curvature(parts: Parts, state: jax.Array, drawn: Draw) -> tuple[jax.Array, jax.Array]:
    (noise,) = _batch_mean(drawn, (jnp.zeros_like(state),), lambda picked: (_rows(parts["gradients"], picked),))
    return _additive(parts, state, noise), noise


def _rank_one(parts: Parts, state: jax.Array, drawn: Draw) -> tuple[jax.Array, jax.Array]:
    """``processes.least_squares.gradient`` about the minimum, its inner product taken as a matrix product."""

    def of_sample(picked: jax.Array) -> tuple[jax.Array, jax.Array]:
        features, residual = _rows(parts["features"], picked), _rows(parts["residuals"], picked)
        slope = jnp.einsum("ri,ri->r", features, state) + residual
        return features * slope[:, None], features * residual[:, None]

    mean, noise = _batch_mean(drawn, (jnp.zeros_like(state),) * 2, of_sample)
    return parts["ridge"] * state + (mean + parts["drift"]), noise + parts["drift"]


def _matrix(parts: Parts, state: jax.Array, drawn: Draw) -> tuple[jax.Array, jax.Array]:
    """``processes.quadratic_sums.gradient`` about the minimum, its products taken as matrix products."""

    def of_sample(picked: jax.Array) -> tuple[jax.Array, jax.Array]:
        slope = _rows(parts["gradients"], picked)
        return jnp.einsum("rij,rj->ri", _rows(parts["curvatures"], picked), state) + slope, slope

    return _batch_mean(drawn, (jnp.zeros_like(state),) * 2, of_sample)


GRADIENTS = {
    "gaussian": _gaussian,
    "gaussian_features": _gaussian_features,
    "shared_curvature": _shared_curvature,
    "rank_one": _rank_one,
    "matrix": _matrix,
}


def _rows(table: jax.Array, picked: jax.Array) -> jax.Array:
    return table.at[picked].get(mode="promise_in_bounds")


def _batch_mean(drawn: Draw, zeros: tuple[jax.Array, ...], of_sample: Any) -> tuple[jax.Array, ...]:
    """Return the means of what a sample gives over the first ``size`` places of the batch."""

    def add(place: Any, sums: tuple[jax.Array, ...]) -> tuple[jax.Array, ...]:
        return tuple(total + term for total, term in zip(sums, of_sample(drawn.noise[place]), strict=True))

    if len(drawn.noise) == 1:
        return add(0, zeros)
    return tuple(total / drawn.size for total in lax.fori_loop(np.int32(0), drawn.size, add, zeros))
