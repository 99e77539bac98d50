"""Which arrays ``solve_lyapunov`` takes."""

from __future__ import annotations

import numbers
from fractions import Fraction
from typing import Any

import numpy as np

from sgdtheory.errors import DomainError, NonFiniteError, ShapeError
from sgdtheory.numeric.arrays import JAX, NUMPY, OPERATOR, is_concrete, kind_of


def pair(matrix: Any, right: Any, kind: str) -> tuple[Any, Any]:
    """Return a symmetric and any (..., d, d) array of one precision, or refuse."""
    named = {"matrix": matrix, "right": right}
    for name, value in named.items():
        _check_dense(name, value)
    H, Q = (_array(name, value, kind) for name, value in named.items())
    try:
        if H.shape[-1] != Q.shape[-1]:
            raise ValueError
        if H.shape != Q.shape:
            np.broadcast_shapes(H.shape, Q.shape)
    except ValueError:
        raise ShapeError(
            "matrix and right do not fit each other",
            got=f"shapes {tuple(H.shape)} and {tuple(Q.shape)}",
            allowed="(..., d, d) each, with one d and batches that can be broadcast",
            mend="hand in one row and column of each for every coordinate",
        ) from None
    wider = np.promote_types(H.dtype, Q.dtype)
    return _symmetric(H).astype(wider, copy=False), Q.astype(wider, copy=False)


def _check_dense(name: str, value: Any) -> None:
    if kind_of(value) == OPERATOR:
        raise DomainError(
            f"{name} is no array",
            got=f"a {type(value).__name__}",
            allowed="dense arrays; all entries of S are worked out",
            mend=f"convert a sparse matrix with {name}.toarray(), a LinearOperator with {name} @ numpy.eye(d)",
        )


def _array(name: str, value: Any, kind: str) -> Any:
    try:
        array = value if kind_of(value) == JAX else np.asarray(value, dtype=_dtype(value))
    except ValueError:
        raise ShapeError(
            f"{name} is ragged", got="rows of different lengths", allowed="a rectangular array", mend=f"mend {name}"
        ) from None
    if isinstance(array, np.ndarray):
        array = array.astype(array.dtype.newbyteorder("="), copy=False)
    truths = any(isinstance(leaf, bool | np.bool_) for leaf in leaves_of(value))
    if (
        truths
        or np.ma.isMaskedArray(value)
        or not (array.dtype.kind in "iu" or array.dtype in (np.float32, np.float64))
    ):
        raise DomainError(
            f"{name} is no array of real numbers in single or double precision",
            got="a masked array" if np.ma.isMaskedArray(value) else f"an array of {'bool' if truths else array.dtype}",
            allowed="float32, float64 or integers",
            mend="convert it, for example with numpy.asarray(values, dtype=float), or hand in sympy.Matrix(values)",
        )
    if array.ndim < 2 or array.shape[-1] != array.shape[-2] or array.shape[-1] == 0:
        raise ShapeError(
            f"{name} is not square",
            got=f"shape {tuple(array.shape)}",
            allowed="(d, d), or (..., d, d) for a batch, d >= 1",
            mend=f"hand in one row and one column of {name} for every coordinate",
        )
    if is_concrete(array):
        check_finite(name, array, mend="remove or fill in the offending entries")
    return _converted(name, array, kind)


def _dtype(value: Any) -> type | None:
    """Return float for rows in which fractions stand beside floating-point numbers, which NumPy leaves as objects."""
    leaves = leaves_of(value)
    fractions = any(isinstance(leaf, Fraction) for leaf in leaves)
    return float if fractions and all(isinstance(leaf, numbers.Real) for leaf in leaves) else None


def _converted(name: str, array: Any, kind: str) -> Any:
    """Return an array in its kind, integers in double precision; never in less precision than it had."""
    whole = array.dtype.kind in "iu"
    if whole and is_concrete(array) and array.size and max(int(array.max()), -int(array.min())) > 2**53:
        raise DomainError(
            f"{name} holds an integer that floating point cannot hold",
            got=f"an entry beyond 2**53 = {2**53}",
            allowed="integers up to 2**53",
            mend=f"convert {name} to float64 if rounding is acceptable, or hand in sympy.Matrix",
        )
    if kind == NUMPY:
        return array.astype(float) if whole else array
    import jax.numpy as jnp  # a JAX array came in, so JAX is there

    converted = jnp.asarray(array, float if whole else None)
    if converted.dtype.itemsize < array.dtype.itemsize and not whole:
        raise DomainError(
            f"{name} would lose precision: JAX holds no float64 unless it is told to",
            got="a float64 array of NumPy beside an array of JAX",
            allowed="arrays of JAX, or jax.config.update('jax_enable_x64', True)",
            mend=f"convert it on purpose, with jax.numpy.asarray({name})",
        )
    return converted


def leaves_of(value: Any) -> list[Any]:
    """Return what nested lists hold; of anything else, itself."""
    if not isinstance(value, list | tuple):
        return [value]
    return [leaf for entry in value for leaf in leaves_of(entry)]


def check_finite(name: str, array: Any, *, mend: str) -> None:
    """Refuse an array with a NaN or an infinity."""
    finite = np.isfinite(array)
    if not finite.all():
        first = tuple(int(i) for i in np.argwhere(~np.asarray(finite))[0])
        raise NonFiniteError(
            f"{name} holds a NaN or an infinity",
            got=f"{np.asarray(array)[first]} at index {first}",
            allowed="finite numbers",
            mend=mend,
        )


def _symmetric(H: Any) -> Any:
    """Return symmetric matrices; each may be asymmetric by its own rounding, which is mended."""
    turned = H.swapaxes(-1, -2)
    if not is_concrete(H):
        return (H + turned) / 2
    if kind_of(H) == NUMPY and (turned == H).all():
        return H
    gaps = np.abs(np.asarray(H) - np.asarray(turned))
    excess = gaps - 8 * np.finfo(H.dtype).eps * np.abs(np.asarray(H)).max((-1, -2), keepdims=True)
    if (excess > 0).any():
        place = tuple(int(i) for i in np.unravel_index(np.argmax(excess), gaps.shape))
        raise DomainError(
            "matrix is not symmetric",
            got=f"entries {place} and {(*place[:-2], place[-1], place[-2])} differ by {gaps[place]:.3g}",
            allowed="symmetric arrays, as a Hessian is",
            mend="use scipy.linalg.solve_continuous_lyapunov or solve_discrete_lyapunov for other arrays, or"
            " sympy.Matrix for an exact answer; if it is meant to be symmetric, hand in (matrix + matrix.T) / 2",
        )
    return (H + turned) / 2
