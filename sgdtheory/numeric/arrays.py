"""Which kind of numbers a person handed in, and whether they are fit to compute with."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import sympy as sp

from sgdtheory.algebra.expressions import checked_expression
from sgdtheory.errors import DomainError, NonFiniteError, ShapeError

SYMPY, NUMPY, JAX, OPERATOR = "sympy", "numpy", "jax", "operator"
EPSILON = np.finfo(float).eps


def kind_of(*values: Any) -> str:
    """Return ``"operator"``, ``"sympy"``, ``"jax"`` or ``"numpy"``: the kind in which these values are answered."""
    linear, sparse = sys.modules.get("scipy.sparse.linalg"), sys.modules.get("scipy.sparse")
    # Operators, like values of JAX, exist only where their module was imported.
    if linear is not None and any(isinstance(value, linear.LinearOperator) for value in values):
        return OPERATOR
    if sparse is not None and any(map(sparse.issparse, values)):
        return OPERATOR
    if any(isinstance(value, sp.MatrixBase | sp.Basic) for value in values):
        return SYMPY
    jax = sys.modules.get("jax")
    if jax is not None and any(isinstance(value, jax.Array) for value in values):
        return JAX
    return NUMPY


def check_probing(kind: str, probing: Any) -> None:
    """Refuse a way of probing where nothing is probed."""
    if probing is not None and kind != OPERATOR:
        raise DomainError(
            "probing is for operators only",
            got=f"{kind} numbers",
            allowed="a LinearOperator or sparse matrix as hessian or noise",
            mend="leave probing out",
        )


def is_concrete(value: Any) -> bool:
    """Return whether a value has numbers that can be looked at: no symbol, no tracer."""
    if isinstance(value, sp.Basic | sp.MatrixBase):
        return not value.free_symbols
    jax = sys.modules.get("jax")
    return jax is None or not isinstance(value, jax.core.Tracer)


def letter_of(dtype: Any) -> str:
    """Return NumPy's letter for a kind of entries, that of an object for those of JAX that it does not know."""
    try:
        return np.dtype(dtype).kind
    except TypeError:  # a random key
        return "O"


def product(name: str, first: Any, second: Any) -> Any:
    """Return a product of data matrices, unless its entries overflow."""
    with np.errstate(over="ignore", invalid="ignore"):
        found = first @ second
    numbers = not isinstance(found, sp.MatrixBase) and is_concrete(found)
    if numbers and not np.isfinite(np.asarray(found)).all():
        raise NonFiniteError(
            f"{name} overflows",
            got="data whose products exceed the range of floating point",
            allowed="features and targets of moderate scale",
            mend="rescale the data, for example to variance one",
        )
    return found


def is_nowhere(value: Any) -> bool:
    """Return whether a result that can be looked at holds a NaN."""
    if isinstance(value, sp.Basic | sp.MatrixBase):
        return value.has(sp.nan, sp.zoo)
    return is_concrete(value) and bool(np.isnan(np.asarray(value)).any())


def as_array(name: str, value: Any, kind: str, dimensions: int) -> Any:
    """Return a finite real array with the given number of dimensions; a scalar stands for one entry.

    Raises
    ------
    DomainError
        If it is complex, boolean, text or an array of objects.
    NonFiniteError
        If it holds a NaN or an infinity.
    ShapeError
        If it has another number of dimensions.
    """
    if kind == SYMPY:
        return _as_sympy(name, value, dimensions)
    try:
        array = value if kind == JAX and _is_jax(value) else np.asarray(value)
    except ValueError:
        raise ShapeError(
            f"{name} is ragged", got="rows of different lengths", allowed="a rectangular array", mend=f"mend {name}"
        ) from None
    if np.ma.isMaskedArray(value) or letter_of(array.dtype) not in "iuf":
        raise DomainError(
            f"{name} does not hold real numbers",
            got=f"an array of {array.dtype}",
            allowed="real numbers",
            mend="convert it, for example with numpy.asarray(values, dtype=float)",
        )
    dtype = np.dtype(array.dtype)
    if (
        dtype.kind in "iu"
        and is_concrete(array)
        and array.size
        and np.abs(np.asarray(array, dtype=object).ravel()).max() > 2**53
    ):
        raise DomainError(
            f"{name} holds an integer that floating point cannot hold",
            got=f"an entry beyond 2**53 = {2**53}",
            allowed="integers up to 2**53, or floating-point numbers",
            mend=f"convert {name} to float64 if rounding is acceptable",
        )
    if dtype.itemsize < 4 and dtype.kind == "f":
        raise DomainError(
            f"{name} has too little precision",
            got=str(dtype),
            allowed="float32 or float64",
            mend="convert it to float64",
        )
    if kind == JAX and dtype.kind in "iu":
        array = array.astype(float)
    if kind == NUMPY:
        array = np.array(array, dtype=float, order="C")
        array.flags.writeable = False  # a problem does not change under the hands of its spectrum
    if kind == JAX and not _is_jax(array):
        import jax.numpy as jnp  # a JAX array came in, so JAX is there

        array = jnp.asarray(array)
    if array.ndim == 0:
        array = array.reshape((1,) * dimensions)
    if array.ndim != dimensions:
        raise ShapeError(
            f"{name} has the wrong number of dimensions",
            got=f"shape {tuple(array.shape)}",
            allowed=f"{dimensions} dimension{'s' * (dimensions > 1)}",
            mend=f"reshape {name}",
        )
    if is_concrete(array) and not np.isfinite(np.asarray(array)).all():
        first = tuple(int(i) for i in np.argwhere(~np.isfinite(np.asarray(array)))[0])
        raise NonFiniteError(
            f"{name} holds a NaN or an infinity",
            got=f"{np.asarray(array)[first]} at index {first}",
            allowed="finite numbers",
            mend="remove or fill in the offending entries",
        )
    return array


def shape_of(value: Any) -> tuple[int, ...]:
    """Return the shape of an array or of nested lists; of what is ragged, that of its regular part."""
    if hasattr(value, "shape"):
        return tuple(value.shape)
    if not isinstance(value, list | tuple) or not value:
        return (0,) if isinstance(value, list | tuple) else ()
    return (len(value), *shape_of(value[0]))


def _is_jax(value: Any) -> bool:
    return kind_of(value) == JAX


def _as_sympy(name: str, value: Any, dimensions: int) -> sp.ImmutableMatrix:
    matrix = sp.ImmutableMatrix(value if isinstance(value, sp.MatrixBase) else _rows(name, value))
    if dimensions == 1 and matrix.shape[1] != 1:
        if matrix.shape[0] != 1:
            raise ShapeError(
                f"{name} is not a vector",
                got=f"shape {matrix.shape}",
                allowed="one column",
                mend=f"hand in {name} as a column",
            )
        matrix = matrix.T
    if matrix.has(sp.I):
        raise DomainError(f"{name} is not real", got=str(matrix), allowed="real expressions", mend=f"mend {name}")
    if matrix.has(sp.nan, sp.oo, -sp.oo, sp.zoo):
        raise NonFiniteError(
            f"{name} holds a NaN or an infinity", got=str(matrix), allowed="finite expressions", mend="remove it"
        )
    return matrix


def _rows(name: str, value: Any) -> list[Any]:
    entries = checked_entries(name, value)
    if entries.ndim > 2:
        raise ShapeError(
            f"{name} has the wrong number of dimensions",
            got=f"shape {entries.shape}",
            allowed="a matrix or a column",
            mend=f"put {name} together as one sympy.Matrix",
        )
    return list((entries if entries.ndim else entries.reshape(1, 1)).tolist())


def checked_entries(name: str, value: Any) -> np.ndarray:
    """Return an array of SymPy expressions from whatever holds numbers and expressions.

    Every entry is looked at, whatever holds it, and its type decides: SymPy would run a text as code.

    Raises
    ------
    DomainError
        If an entry is neither a real number nor an expression.
    NonFiniteError
        If an entry is NaN or infinite.
    ShapeError
        If the rows have different lengths.

    Examples
    --------
    >>> checked_entries("the start", [1, sp.Symbol("x")]).tolist()
    [1, x]
    """
    ragged = ShapeError(
        f"{name} is ragged", got="rows of different lengths", allowed="a rectangular array", mend=f"mend {name}"
    )
    if np.ma.isMaskedArray(value):
        raise DomainError(
            f"{name} has masked entries", got="a masked array", allowed="a plain array", mend="call filled(...) on it"
        )
    try:
        entries = np.asarray(value, dtype=object)
    except ValueError:
        raise ragged from None
    if any(isinstance(entry, list | tuple | np.ndarray | sp.MatrixBase) for entry in entries.flat):
        raise ragged
    checked = np.empty(entries.shape, dtype=object)
    for place, entry in np.ndenumerate(entries):
        checked[place] = checked_expression(f"entry {place} of {name}" if place else name, entry)
    return checked


def check_square(name: str, matrix: Any) -> None:
    """Refuse a matrix that is not square."""
    if matrix.shape[0] != matrix.shape[1]:
        raise ShapeError(
            f"{name} is not square",
            got=f"shape {tuple(matrix.shape)}",
            allowed="shape (d, d)",
            mend=f"hand in one row and one column of {name} for each parameter",
        )
    if matrix.shape[0] == 0:
        raise ShapeError(f"{name} is empty", got="shape (0, 0)", allowed="at least one parameter", mend=f"fill {name}")


def symmetric(name: str, matrix: Any, given: Any = None) -> Any:
    """Return a symmetric matrix, or a stack (..., d, d) of them; rounding is mended, a real asymmetry refused.

    What was ``given`` for it says in which precision it was rounded.
    """
    if not isinstance(matrix, sp.MatrixBase) and not is_concrete(matrix):
        return matrix
    if isinstance(matrix, sp.MatrixBase):
        difference = (matrix - matrix.T).applyfunc(sp.expand)
        worst, where, limit = (0, (0, 0), 0) if difference.is_zero_matrix else (1, _first_nonzero(difference), 0)
        size = str(difference[where])
    else:
        gaps = np.abs(np.asarray(matrix) - np.asarray(matrix).swapaxes(-1, -2))
        where = tuple(int(i) for i in np.unravel_index(np.argmax(gaps), gaps.shape))
        worst = gaps[where]
        # Rounding of a product such as X'X, in the precision that the matrix has or had.
        precisions = [getattr(each, "dtype", None) for each in (matrix, given)]
        unit = max(np.finfo(each).eps for each in precisions if each is not None and np.dtype(each).kind == "f")
        limit = 8 * unit * np.abs(np.asarray(matrix)).max()
        size = f"{worst:.3g}"
    if worst > limit:
        raise DomainError(
            f"{name} is not symmetric",
            got=f"entries {where} and {(*where[:-2], *where[:-3:-1])} differ by {size}",
            allowed="a symmetric matrix",
            mend=f"if it is meant to be, hand in ({name} + {name}.T) / 2",
        )
    return matrix if isinstance(matrix, sp.MatrixBase) or worst == 0 else (matrix + matrix.swapaxes(-1, -2)) / 2


def _first_nonzero(matrix: sp.MatrixBase) -> tuple[int, int]:
    return next((i, j) for i in range(matrix.rows) for j in range(matrix.cols) if matrix[i, j] != 0)


def check_positive_semidefinite(name: str, matrix: Any) -> None:
    """Refuse a covariance with a negative eigenvalue; symbols and tracers pass."""
    if not is_concrete(matrix):
        return
    numbers = np.array(matrix, dtype=float) if isinstance(matrix, sp.MatrixBase) else np.asarray(matrix)
    eigenvalues = np.linalg.eigvalsh(numbers)
    slack = 8 * len(numbers) * np.finfo(numbers.dtype).eps * max(abs(eigenvalues[-1]), abs(eigenvalues[0]))
    if eigenvalues[0] < -slack:
        raise DomainError(
            f"{name} is not positive semidefinite, so it is no covariance",
            got=f"an eigenvalue {eigenvalues[0]:.6g}",
            allowed="eigenvalues >= 0",
            mend="check how it was estimated; a sample covariance never has a negative eigenvalue",
        )


def solve(matrix: Any, right: Any) -> Any:
    """Return the solution of a linear system in the kind of the matrix."""
    kind = kind_of(matrix, right)
    if kind == SYMPY:
        return sp.ImmutableMatrix(matrix).LUsolve(right)
    if kind == JAX:
        import jax.numpy as jnp

        return jnp.linalg.solve(matrix, right)
    return np.linalg.lstsq(matrix, right, rcond=None)[0]


def zeros(like: Any) -> Any:
    """Return a vector of zeros with one entry for each row of a matrix, in its kind."""
    if isinstance(like, sp.MatrixBase):
        return sp.ImmutableMatrix.zeros(like.shape[0], 1)
    return 0 * like[:, 0]


def dot(first: Any, second: Any) -> Any:
    """Return the inner product of two vectors, or the sum of products of two matrices."""
    if isinstance(first, sp.MatrixBase):
        return sum((a * b for a, b in zip(first, second, strict=True)), sp.Integer(0))
    return (first * second).sum()
