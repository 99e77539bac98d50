"""Symmetric matrices that are known by a function of JAX: their products stay on its device."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from scipy.sparse.linalg import LinearOperator

from sgdtheory.errors import DomainError, PrecisionError, ShapeError
from sgdtheory.numeric.scalars import scalar

PRECISIONS = (np.dtype(np.float32), np.dtype(np.float64))
TOGETHER = 8  # vectors that go to the device together: always so many, or it would compile for each number of them


class Look(NamedTuple):
    """How the vectors of an operator look: a tree, and the shapes of its arrays."""

    tree: Any
    shapes: tuple[tuple[int, ...], ...]

    def of(self, flat: jax.Array) -> Any:
        """Return a vector (d,) as it looks."""
        ends = np.cumsum([math.prod(shape) for shape in self.shapes])[:-1]
        parts = jnp.split(flat, ends)
        return jax.tree.unflatten(
            self.tree, [part.reshape(shape) for part, shape in zip(parts, self.shapes, strict=True)]
        )


def _flat(leaves: list[jax.Array]) -> jax.Array:
    return jnp.concatenate([leaf.reshape(-1) for leaf in leaves])


def _times(multiply: Callable[..., Any], vector: jax.Array) -> jax.Array:
    return multiply(vector)


@partial(jax.jit, static_argnames=("product", "look", "method", "together"))
def _run(vectors, scale, arguments, *, product, look, method, together):
    """Return what a method makes of the product and each of the vectors."""

    def multiply(vector: jax.Array) -> jax.Array:
        return _flat(jax.tree.leaves(product(look.of(vector), *arguments))) * scale

    each = partial(method, multiply)
    return jax.vmap(each)(vectors) if together == TOGETHER else lax.map(each, vectors, batch_size=together)


class JaxOperator(LinearOperator):
    """A symmetric matrix (d, d) whose products with vectors are a function of JAX, such as a network's Hessian.

    Parameters
    ----------
    product
        ``product(vector, *arguments)`` returns the matrix times a vector, which looks like ``like``. JAX traces it, so
        it must be pure; it may be jitted.
    like
        How vectors look: an array (d,) or a tree of arrays with d numbers in all, such as a network's parameters. All
        of them in one precision, in which the products are taken; float32 means about seven digits.
    arguments
        What else the product needs, arrays or trees of them, such as parameters and data. Arrays that the function
        closes over are compiled into it, which is slow for large ones.

    Hand it to ``Quadratic`` as Hessian and noise, or to ``evaluate``: where both are such operators, traces are
    estimated on the device, with Lanczos's method and random vectors of the library ``matfree``. Everything else takes
    their products with vectors of NumPy.

    Raises
    ------
    PrecisionError
        If ``like`` holds NumPy's float64 while JAX's double precision is off, here or in a later product.
    DomainError, ShapeError
        If ``like`` holds no real numbers, or several precisions, or the product does not look like it.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> curvatures = jnp.array([1.0, 2.0])
    >>> hessian = JaxOperator(lambda vector, scale: scale * vector, curvatures, curvatures)
    >>> hessian @ np.array([3.0, 4.0])
    array([3., 8.])
    """

    in_jax = True

    def __init__(self, product: Callable[..., Any], like: Any, *arguments: Any) -> None:
        if not callable(product):
            raise DomainError(
                "product is no function",
                got=f"{type(product).__name__}: {product!r:.60}",
                allowed="product(vector, *arguments)",
                mend="for a matrix that you have, hand in the array itself in place of an operator",
            )
        leaves, tree = jax.tree.flatten(_checked(like))
        self._look = Look(tree, tuple(leaf.shape for leaf in leaves))
        flat = _flat(leaves)
        self.arguments, self._product, self._scale = _in_jax(arguments), product, 1.0
        super().__init__(np.dtype(flat.dtype), (flat.size, flat.size))
        self._check_product(flat)

    def rows(self, vectors: jax.Array) -> jax.Array:
        """Return the products with some vectors of JAX, (p, d)."""
        return self.of_each(_times, vectors)

    def of_each(self, method: Callable[..., Any], vectors: jax.Array, together: int = TOGETHER) -> Any:
        """Return ``method(multiply, vector)`` for each of some vectors (p, d), with ``multiply`` from (d,) to (d,).

        Up to ``together`` vectors are on their way at a time. What is compiled serves all operators of the same
        product, method and shapes.
        """
        self.check_precision()
        scale, found = jnp.asarray(self._scale, self.dtype), []
        fixed = {"product": self._product, "look": self._look, "method": method, "together": together}
        with jax.default_matmul_precision("highest"):
            for first in range(0, len(vectors), TOGETHER):
                some = vectors[first : first + TOGETHER]
                padded = jnp.pad(some, [(0, TOGETHER - len(some)), (0, 0)], constant_values=1.0)
                found.append(_run(padded, scale, self.arguments, **fixed))
            return jax.tree.map(lambda *parts: jnp.concatenate(parts)[: len(vectors)], *found)

    def check_precision(self) -> None:
        """Refuse double precision where JAX no longer has it, which would halve the digits in silence."""
        if self.dtype == np.float64 and jax.dtypes.canonicalize_dtype(float) != np.float64:
            raise _no_float64("an operator in float64")

    def _matmat(self, block: np.ndarray) -> np.ndarray:
        self.check_precision()
        if not block.shape[1]:
            return np.zeros(block.shape)
        return np.asarray(self.rows(jnp.asarray(block.T.astype(self.dtype)))).T.astype(float)

    def _matvec(self, vector: np.ndarray) -> np.ndarray:
        return self._matmat(vector.reshape(-1, 1)).reshape(vector.shape)

    def _adjoint(self) -> JaxOperator:
        return self

    def __mul__(self, other: Any) -> Any:
        if not np.isscalar(other):
            return super().__mul__(other)
        scaled = object.__new__(JaxOperator)
        vars(scaled).update(vars(self) | {"_scale": self._scale * float(scalar("the factor", other))})
        return scaled

    def __rmul__(self, other: Any) -> Any:
        return self * other

    def __truediv__(self, number: Any) -> Any:
        return self * (1 / number)

    def _check_product(self, flat: jax.Array) -> None:
        with jax.default_matmul_precision("highest"):
            found = jax.eval_shape(lambda v, a: self._product(self._look.of(v), *a), flat, self.arguments)
        wanted = jax.eval_shape(self._look.of, flat)
        if jax.tree.map(_looks, found) != jax.tree.map(_looks, wanted):
            raise ShapeError(
                "the product does not look like the vectors",
                got=str(jax.tree.map(_looks, found)),
                allowed=str(jax.tree.map(_looks, wanted)),
                mend="let the product return what its vector looks like, in the same precision",
            )


def _looks(array: Any) -> str:
    return f"{np.dtype(array.dtype)}{list(array.shape)}"


def _checked(like: Any) -> Any:
    """Return a tree as arrays of JAX, in one precision."""
    leaves = jax.tree.leaves(like)
    if any(isinstance(leaf, jax.core.Tracer) for leaf in leaves):
        raise DomainError(
            "an operator must be made outside of traced code",
            got="a tracer of JAX",
            allowed="arrays with numbers",
            mend="make the operator outside of jit, grad and vmap",
        )
    kinds = {np.asarray(leaf).dtype for leaf in leaves}
    if len(kinds) != 1 or not kinds <= set(PRECISIONS):
        raise DomainError(
            "what vectors look like is not of one precision",
            got=", ".join(sorted(map(str, kinds))) or "no arrays",
            allowed="arrays of float32, or arrays of float64",
            mend="convert them with jax.numpy.asarray(..., dtype=...)",
        )
    return _in_jax(like)


def _in_jax(tree: Any) -> Any:
    """Return a tree as arrays of JAX, which would turn NumPy's float64 into float32 without a word."""
    halved = jax.dtypes.canonicalize_dtype(float) != np.float64
    if halved and any(getattr(leaf, "dtype", None) == np.float64 for leaf in jax.tree.leaves(tree)):
        raise _no_float64("arrays of float64")
    return jax.tree.map(jnp.asarray, tree)


def _no_float64(what: str) -> PrecisionError:
    return PrecisionError(
        "JAX computes in float32 until float64 is enabled",
        got=what,
        allowed="float64 in a JAX that has it enabled, or float32",
        mend='call jax.config.update("jax_enable_x64", True) first, or hand in arrays of float32',
    )
