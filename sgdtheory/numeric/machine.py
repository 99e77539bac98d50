"""Steps of arrays and random numbers in NumPy, Numba or JAX, for simulations that no block of the engine runs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

SYMPY_MODULES = {"numpy": "numpy", "numba": "numpy", "jax": "jax"}  # what ``sympy.lambdify`` calls their functions


def functions_of(backend: str) -> ModuleType:
    """Return the module of a backend's functions of arrays: NumPy or ``jax.numpy``."""
    if backend != "jax":
        return np
    import jax.numpy

    return jax.numpy


def compiled(step: Callable[..., Any], backend: str) -> Callable[..., Any]:
    """Return a function of arrays and numbers, compiled where the backend does that."""
    if backend == "numba":
        from numba import njit

        return njit(step)
    if backend == "jax":
        import jax

        return jax.jit(step)
    return step


def entropy_of(backend: str, label: str, seed: int) -> list[int]:
    """Return what the random numbers of a simulation follow from."""
    digest = hashlib.sha256(f"{label} on {backend}".encode()).digest()
    return [seed, int.from_bytes(digest[:8], "big")]


class Draws:
    """Random numbers, float64; with JAX inside ``engine.backends.double_precision``.

    Parameters
    ----------
    backend
        ``"numpy"``, ``"numba"`` or ``"jax"``.
    label, seed
        What the numbers follow from, with the backend.

    Examples
    --------
    >>> Draws("numpy", "a walk", 0).normals(2, 3).shape
    (2, 3)
    """

    def __init__(self, backend: str, label: str, seed: int) -> None:
        entropy = np.random.SeedSequence(entropy_of(backend, label, seed))
        if backend == "jax":
            import jax

            self._key = jax.random.wrap_key_data(entropy.generate_state(2, np.uint32))
        else:
            self._rng = np.random.default_rng(entropy)
        self._backend = backend

    def normals(self, *shape: int) -> Any:
        """Return standard normal numbers."""
        return self._from_jax("normal", shape) if self._backend == "jax" else self._rng.standard_normal(shape)

    def uniforms(self, *shape: int) -> Any:
        """Return numbers from 0 to below 1."""
        return self._from_jax("uniform", shape) if self._backend == "jax" else self._rng.random(shape)

    def _from_jax(self, kind: str, shape: tuple[int, ...]) -> Any:
        import jax

        self._key, key = jax.random.split(self._key)
        return getattr(jax.random, kind)(key, shape, float)
