"""Hypergeometric functions of JAX arrays: worked out on the host, with derivatives by their argument of any order."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.custom_derivatives import SymbolicZero

from sgdtheory.numeric import hypergeometric as host


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
def _function(numerators: int, count: int) -> Any:
    @jax.custom_jvp
    def function(z: Any, *parameters: Any) -> Any:
        shape = jnp.broadcast_shapes(z.shape, *(parameter.shape for parameter in parameters))
        like = jax.ShapeDtypeStruct(shape, z.dtype)
        compute = partial(_on_host, numerators, z.dtype)
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
        return value, ratio * function(z, *(parameter + one for parameter in parameters)) * tangents[0]

    function.defjvp(slope, symbolic_zeros=True)
    return function


def _on_host(numerators: int, dtype: Any, *arguments: Any) -> np.ndarray:
    return np.asarray(host.hypergeometric(numerators, *map(np.asarray, arguments)), dtype=dtype)


FUNCTIONS = {"Hypergeometric": hypergeometric, "erf": jax.scipy.special.erf}
