"""The Lyapunov equations of a symmetric matrix in JAX: through its eigenvectors, differentiated as equations.

Derivatives of eigenvectors blow up where eigenvalues meet. Those of a solution X of D(H) X = R need none:
dX = D(H)^-1 (dR - dD(H) X), which is another solve and products.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from sgdtheory.numeric.operators import modal_quotient
from sgdtheory.numeric.solvers.lyapunov_equation import Equation, LyapunovSolution, Modes, residual_of


def eigensystem(H: Any) -> tuple[Any, Any]:
    """Return eigenvalues (..., d) and eigenvectors (..., d, d) of symmetric matrices, as constants."""
    return jnp.linalg.eigh(jax.lax.stop_gradient(H))


def solved(equation: Equation, H: Any, Q: Any, modes: Modes) -> LyapunovSolution:
    """Return the solution for (..., d, d) arrays of one precision, H having these modes."""
    Q = jnp.broadcast_to(Q, jnp.broadcast_shapes(H.shape, Q.shape))
    S = implicit_solution(lambda unknown: equation.applied(H, unknown), modes.vectors, modes.pairs, Q)
    residual = residual_of(modes, Q - equation.applied(H, S), S)
    condition = jnp.broadcast_to(modes.size / modes.smallest, residual.shape)
    return LyapunovSolution(S, *jax.lax.stop_gradient((residual, condition)))


def implicit_solution(operator: Callable[[Any], Any], vectors: Any, pairs: Any, right: Any) -> Any:
    """Return X with operator(X) = right, refined once and differentiable to any order.

    The operator is symmetric in X, as are products with a symmetric matrix from either side, and takes the values
    ``pairs``, (..., d, d), on the pairs of ``vectors``; those two need no derivatives.
    """
    pairs = jax.lax.stop_gradient(pairs)

    def solution(matvec: Callable[[Any], Any], side: Any) -> Any:
        first = modal_quotient(vectors, pairs, side)
        return first + modal_quotient(vectors, pairs, side - matvec(first))

    return jax.lax.custom_linear_solve(operator, right, solution, symmetric=True)
