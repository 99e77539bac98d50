"""The covariance that steps of falling learning rates leave, as numbers and as a recursion of matrices."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from sgdtheory.algebra.falling_rates_sum import FallingRatesSum
from sgdtheory.symbols import C_ij, lambda_i, lambda_j


def falling_rates_sum(a: Any, c: Any, steps: int) -> Any:
    """Return ``FallingRatesSum`` at numbers or arrays, step by step.

    Examples
    --------
    >>> float(falling_rates_sum(1.0, 1.0, 4))
    0.25
    """
    total = np.zeros(np.broadcast_shapes(np.shape(a), np.shape(c)))
    for k in range(1, int(steps) + 1):
        total = (1 - a / k) * (1 - c / k) * total + 1 / k**2
    return total[()]


@lru_cache(maxsize=64)
def as_recursion(value: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr] | None:
    """Return f, b and t of f C_ij FallingRatesSum(b lambda_i, b lambda_j, t), or None for any other value.

    It is f times what X' = (1 - b H/k) X (1 - b H/k) + C/k^2 makes of zero in the steps k = 1 ... t: no eigenvector is
    needed.
    """
    found = value.atoms(FallingRatesSum)
    if not found:
        return None
    (function,) = found
    left, right, steps = function.args
    factor, constant = value.xreplace({function: sp.S.One}) / C_ij, left / lambda_i
    if constant.has(lambda_i) or right != constant * lambda_j or factor.has(C_ij, lambda_i, lambda_j):
        raise NotImplementedError(f"{value} is not linear in the noise, with one rate for both modes")
    return factor, constant, steps
