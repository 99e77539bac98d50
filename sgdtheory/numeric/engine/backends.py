"""The backends by name: which are installed, their blocks, and double precision for each."""

from __future__ import annotations

import importlib
import importlib.util
from contextlib import AbstractContextManager, nullcontext

from sgdtheory.errors import DomainError, check_choice
from sgdtheory.numeric.engine.block import BlockMaker

# The extra of the package that installs a backend, None for the one that is always there.
EXTRAS = {"numpy": None, "numba": "fast", "jax": "jax"}
BLOCKS = {"numpy": "numpy_block", "numba": "numba_backend.block", "jax": "jax_backend.block"}
NAMES = tuple(EXTRAS)


def installed() -> tuple[str, ...]:
    """Return the names of the backends that can run here.

    Examples
    --------
    >>> "numpy" in installed()
    True
    """
    return tuple(name for name in NAMES if importlib.util.find_spec(name) is not None)


def check_installed(name: str) -> str:
    """Return the name of a backend that can run here; refuse others."""
    check_choice("backend", name, NAMES)
    if name not in installed():
        raise DomainError(
            f"the backend {name} is not installed",
            got=f"backend {name!r}",
            allowed=", ".join(installed()),
            mend=f"pip install 'sgdtheory[{EXTRAS[name]}]'",
        )
    return name


def block_of(name: str) -> BlockMaker:
    """Return the class of a backend's blocks; only now is the backend imported."""
    module = importlib.import_module(f"sgdtheory.numeric.engine.{BLOCKS[check_installed(name)]}")
    return getattr(module, f"{name.capitalize()}Block")


def double_precision(name: str) -> AbstractContextManager[None]:
    """Return a context in which a backend computes in float64; the user's setting is left as it is."""
    if name != "jax":
        return nullcontext()
    import jax

    return jax.enable_x64(True)
