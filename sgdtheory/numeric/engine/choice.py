"""Which backend runs a simulation."""

from __future__ import annotations

import importlib.util

from sgdtheory.errors import DomainError, PrecisionError
from sgdtheory.numeric.engine.backends import check_installed, installed
from sgdtheory.numeric.engine.model import GaussianFeaturesModel, GaussianModel, MatrixModel, Model, SampledModel
from sgdtheory.optimizers import SGD

PAYS = 3.0  # seconds in NumPy above which loading, and once compiling, kernels pays


def choose(backend: str, model: Model, optimizer: SGD, replica_steps: int, precision: str) -> str:
    """Return the name of the backend that runs: the one asked for, or with ``"auto"`` the fastest installed.

    The choice depends on the arguments and on what is installed, never on timings, so that a seed means the same run.

    Raises
    ------
    DomainError
        If the backend asked for is not installed, or cannot run this.
    """
    if isinstance(model, SampledModel):
        if backend in ("numba", "jax"):
            raise DomainError(
                f"backend={backend!r} does not run stated losses, nor noise injected beside that of sampled batches",
                got=f"backend={backend!r}",
                allowed="'numpy' or 'auto'",
                mend="leave the backend out; Langevin dynamics on a Quadratic runs on every backend",
            )
        return "numpy"
    if backend == "auto":
        return _fastest(model, optimizer, replica_steps, precision)
    check_installed(backend)
    if backend == "jax" and precision == "float64" and not _jax_has_float64():
        raise PrecisionError(
            "JAX computes in float32 until float64 is enabled",
            got="backend='jax' with precision='float64'",
            allowed="float64 in a JAX that has it enabled, or precision='float32'",
            mend='call jax.config.update("jax_enable_x64", True) first, or ask for precision="float32"',
        )
    return backend


def _fastest(model: Model, optimizer: SGD, replica_steps: int, precision: str) -> str:
    if seconds_in_numpy(model, optimizer, replica_steps) < PAYS:
        return "numpy"
    if _jax_has_a_gpu() and (precision == "float32" or _jax_has_float64()):
        return "jax"
    return "numba" if "numba" in installed() else "numpy"


def seconds_in_numpy(model: Model, optimizer: SGD, replica_steps: int) -> float:
    """Return about how long NumPy would take on one core."""
    d, m = model.dimension, optimizer.batch_size
    if isinstance(model, GaussianModel):
        each = 10 * d + d * d / 5
    elif isinstance(model, GaussianFeaturesModel):
        each = m * (20 + 15 * d + d * d / 50)
    elif isinstance(model, MatrixModel):
        each = m * (20 + 1.5 * d * d)
    else:
        each = m * (20 + 2.5 * d)
    return replica_steps * each * 1e-9


def _jax_has_a_gpu() -> bool:
    if "jax" not in installed() or importlib.util.find_spec("jax_plugins") is None:  # without plugins JAX has no GPU
        return False
    from sgdtheory.numeric.engine.jax_backend import state as jax_state

    return jax_state.default_device_is_gpu()


def _jax_has_float64() -> bool:
    from sgdtheory.numeric.engine.jax_backend import state as jax_state

    return jax_state.double_precision_enabled()
