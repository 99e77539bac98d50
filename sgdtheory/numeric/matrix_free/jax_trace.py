"""Traces of operators that live in JAX: their products, and functions of the Hessian, are found on its device."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from sgdtheory.numeric.matrix_free.jax_function import OnDevice
from sgdtheory.numeric.matrix_free.stochastic_trace import Estimate, stochastic_trace
from sgdtheory.numeric.matrix_free.symmetric_operator import SymmetricOperator


def jax_trace(factor: Any, scalars: dict[Any, Any], hessian: SymmetricOperator, noise: SymmetricOperator) -> Estimate:
    """Estimate tr(f(H) C) for operators H and C in JAX, as the Hessian's probing says.

    Only random vectors and what f(H) C makes of them come to NumPy. The error bar is that of ``stochastic_trace``, by
    the jackknife where ``matfree`` would take the scatter of leave-one-out estimates, which is too small; it holds what
    rounding may have done to f, which counts in single precision.

    Raises
    ------
    DomainError, NonFiniteError
        If the problem lies outside the domain of the formula, or is too ill-conditioned, or a product is not finite.
    """
    of_hessian, taken = OnDevice(factor, hessian.inner, scalars, hessian.probing.tolerance), [0]

    def product(block: np.ndarray) -> np.ndarray:
        if not block.shape[1]:
            return block
        taken[0] += block.shape[1]
        rows = noise.inner.rows(jnp.asarray(block.T.astype(noise.inner.dtype)))
        return np.asarray(of_hessian(rows.astype(hessian.inner.dtype)), dtype=float).T

    found = stochastic_trace(product, hessian.shape[0], hessian.probing)
    rounded = 0.0 if found.method == "exact" else of_hessian.rounding * abs(found.value)
    error, products = float(np.hypot(found.standard_error, rounded)), taken[0] + of_hessian.products
    tolerance = max(of_hessian.tolerance, of_hessian.rounding)
    return Estimate(found.value, error, found.probes, products, found.method, tolerance)
