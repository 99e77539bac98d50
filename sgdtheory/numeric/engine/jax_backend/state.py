"""What JAX is set up for, asked without changing it."""

from __future__ import annotations

import jax


def double_precision_enabled() -> bool:
    """Return whether the user has enabled float64, everywhere or here."""
    return jax.dtypes.canonicalize_dtype(float).itemsize == 8


def default_device_is_gpu() -> bool:
    """Return whether arrays land on a GPU unless told otherwise."""
    return jax.default_backend() in ("gpu", "cuda", "rocm")
