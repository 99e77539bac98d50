"""Hypergeometric functions of JAX arrays: worked out on the host, with derivatives by their argument of any order."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.custom_derivatives import SymbolicZero

from sgdtheory.numeric import hypergeometric as host
from sgdtheory.numeric.exit_variance import exit_variance as variance_on_host
from sgdtheory.numeric.gegenbauer import gegenbauer as host_gegenbauer


def log_hypergeometric(numerators: int, *arguments: Any) -> Any:
    """Return log pFq, with derivatives as of pFq."""
    *parameters, z = (jnp.asarray(argument, float) for argument in arguments)
    return _function(int(numerators), len(parameters), logarithm=True)(z, *parameters)


def hypergeometric(numerators: int, *arguments: Any) -> Any:
    """Return pFq; its derivative is (a_1 ... a_p / b_1 ... b_q) times pFq with all parameters one higher.

    Raises
    ------
    TypeError
        On a derivative by a parameter, such as the number of steps.
    """
    *parameters, z = (jnp.asarray(argument, float) for argument in arguments)
    return _function(int(numerators), len(parameters))(z, *parameters)


@lru_cache(maxsize=64)
def _function(numerators: int, count: int, *, logarithm: bool = False) -> Any:
    @jax.custom_jvp
    def function(z: Any, *parameters: Any) -> Any:
        shape = jnp.broadcast_shapes(z.shape, *(parameter.shape for parameter in parameters))
        like = jax.ShapeDtypeStruct(shape, z.dtype)
        host_function = host.log_hypergeometric if logarithm else host.hypergeometric
        compute = partial(_on_host, host_function, numerators, z.dtype)
        return jax.pure_callback(compute, like, *parameters, z, vmap_method="broadcast_all")

    def slope(primals: Any, tangents: Any) -> tuple[Any, Any]:
        if not all(isinstance(tangent, SymbolicZero) for tangent in tangents[1:]):
            raise TypeError("a hypergeometric function has no derivative by its parameters, such as a number of steps")
        z, *parameters = primals
        value = function(z, *parameters)
        if isinstance(tangents[0], SymbolicZero):
            return value, jnp.zeros_like(value)
        one, ratio = jnp.ones((), z.dtype), jnp.ones((), z.dtype)
        for place, parameter in enumerate(parameters):
            ratio = ratio * parameter if place < numerators else ratio / parameter
        raised = function(z, *(parameter + one for parameter in parameters))
        return value, ratio * (jnp.exp(raised - value) if logarithm else raised) * tangents[0]

    function.defjvp(slope, symbolic_zeros=True)
    return function


def _on_host(function: Callable[..., Any], numerators: int, dtype: Any, *arguments: Any) -> np.ndarray:
    return np.asarray(function(numerators, *map(np.asarray, arguments)), dtype=dtype)


def gegenbauer(degree: Any, order: Any, x: Any) -> Any:
    """Return ``Gegenbauer``, with derivatives by x of any order.

    Raises
    ------
    TypeError
        On a derivative by the degree, such as the number of steps.
    """
    x = jnp.asarray(x, float)
    return _gegenbauer(x, jnp.asarray(degree, x.dtype), jnp.asarray(order, x.dtype))


@jax.custom_jvp
def _gegenbauer(x: Any, degree: Any, order: Any) -> Any:
    def compute(*arguments: Any) -> np.ndarray:
        return np.asarray(host_gegenbauer(*map(np.asarray, arguments)), dtype=x.dtype)

    shape = jnp.broadcast_shapes(x.shape, degree.shape, order.shape)
    like = jax.ShapeDtypeStruct(shape, x.dtype)
    return jax.pure_callback(compute, like, degree, order, x, vmap_method="broadcast_all")


def _slope_of_gegenbauer(primals: Any, tangents: Any) -> tuple[Any, Any]:
    if not all(isinstance(tangent, SymbolicZero) for tangent in tangents[1:]):
        raise TypeError("a polynomial has no derivative by its degree, such as a number of steps")
    x, degree, order = primals
    value = _gegenbauer(x, degree, order)
    if isinstance(tangents[0], SymbolicZero):
        return value, jnp.zeros_like(value)
    lower = _gegenbauer(x, jnp.maximum(degree - 1, 0), order + 1)  # at the degree zero its factor is zero
    factor = degree * (degree + 2 * order) / (2 * order + 1) / (-2 * jnp.sqrt(1 - x))
    return value, factor * lower * tangents[0]


_gegenbauer.defjvp(_slope_of_gegenbauer, symbolic_zeros=True)


def exit_variance(a: Any) -> Any:
    """Return ``ExitVariance``, which has derivatives of any order."""
    return _exit_variance(0)(jnp.asarray(a, float))


@lru_cache(maxsize=8)
def _exit_variance(order: int) -> Any:
    @jax.custom_jvp
    def function(a: Any) -> Any:
        def compute(numbers: Any) -> np.ndarray:
            return np.asarray(variance_on_host(np.asarray(numbers), order), dtype=a.dtype)

        return jax.pure_callback(compute, jax.ShapeDtypeStruct(a.shape, a.dtype), a, vmap_method="broadcast_all")

    function.defjvp(lambda primals, tangents: (function(*primals), _exit_variance(order + 1)(*primals) * tangents[0]))
    return function


FUNCTIONS = {
    "Hypergeometric": hypergeometric,
    "LogHypergeometric": log_hypergeometric,
    "Gegenbauer": gegenbauer,
    "ExitVariance": exit_variance,
    "erf": jax.scipy.special.erf,
}
