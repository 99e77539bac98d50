"""How the replicas of a block lie on JAX's devices: in groups of equal width, each device with as many of them."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

AXIS = "groups"


def group_width(platform: str, replicas: int, bytes_read: int, dataset_size: int) -> int:
    """Return how many of a device's replicas go through the steps together.

    On a processor as many as keep what a step reads, ``bytes_read`` for a replica, in the second-level cache, but from
    64 to 1,024; on an accelerator all. A place in the shuffled orders, ``dataset_size`` for a replica, must fit into
    32 bits.
    """
    most = int(np.clip(2**20 // max(bytes_read, 1), 64, 1024)) if platform == "cpu" else replicas
    return max(1, min(most, replicas, (2**31 - 1) // max(dataset_size, 1)))


class Groups:
    """Replicas in groups, the last ones filled up with replicas that nobody asked for.

    Attributes
    ----------
    mesh
        The devices, or None if there is one.
    numbers
        (groups, width): which replica is where.
    """

    def __init__(self, replicas: int, bytes_read: int, dataset_size: int) -> None:
        devices = jax.local_devices()
        share = -(-replicas // len(devices))
        groups = -(-share // group_width(devices[0].platform, share, bytes_read, dataset_size))
        self.shape = groups * len(devices), -(-share // groups)
        self.mesh = Mesh(np.array(devices), (AXIS,)) if len(devices) > 1 else None
        self._replicas = replicas
        self.numbers = self.placed(np.arange(np.prod(self.shape), dtype=np.uint32).reshape(self.shape))

    def placed(self, grouped: np.ndarray) -> jax.Array:
        """Return an array (groups, ...) on the devices."""
        if self.mesh is None:
            return jnp.asarray(grouped)
        return jax.device_put(grouped, NamedSharding(self.mesh, PartitionSpec(AXIS)))

    def grouped(self, columns: np.ndarray) -> np.ndarray:
        """Return an array (..., replicas) as (groups, ..., width), filled up with zeros."""
        filled = np.zeros((*columns.shape[:-1], np.prod(self.shape)), columns.dtype)
        filled[..., : self._replicas] = columns
        return np.moveaxis(filled.reshape(*columns.shape[:-1], *self.shape), -2, 0)

    def columns(self, grouped: jax.Array, axis: int = -1) -> np.ndarray:
        """Return an array whose ``axis`` runs over a group, (groups, ..., width, ...), as (..., replicas)."""
        groups = np.moveaxis(np.moveaxis(np.asarray(grouped), axis, -1), 0, -2)
        return groups.reshape(*groups.shape[:-2], np.prod(self.shape))[..., : self._replicas]
