"""The drift of a diffusion that has a given stationary density and keeps up a given current of probability.

Every current without divergence can be added to a diffusion without moving its stationary density: the density alone
does not tell where the drift vanishes, nor whether a run can be told from its reversal.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from sgdtheory.algebra.expressions import checked_expression, listed
from sgdtheory.algebra.fokker_planck import probability_current, residual
from sgdtheory.errors import DomainError, ShapeError


def drift_with_current(density: sp.Expr, current: Any, diffusion: Any, variables: Any) -> sp.ImmutableMatrix:
    """Return the drift b for which dx = b dt + G dW is stationary at a density, with a current of probability.

    Parameters
    ----------
    density
        p, an expression in the variables; its normalisation is that of the current.
    current
        (d,) J, expressions in the variables, with div J = 0.
    diffusion
        (d, d) B = G G', the covariance gained per unit of time.
    variables
        The d coordinates.

    Returns
    -------
    sympy.ImmutableMatrix
        (d, 1) b_i = J_i/p + sum_j (d_j B_ij + B_ij d_j log p)/2.

    Raises
    ------
    DomainError
        If the current has a divergence, so that the density would not stay; and as
        :func:`~sgdtheory.algebra.fokker_planck.residual`.
    ShapeError, NonFiniteError
        As :func:`~sgdtheory.algebra.fokker_planck.residual`.

    Notes
    -----
    Source: P. Chaudhari and S. Soatto, Stochastic gradient descent performs variational inference, converges to limit
    cycles for deep networks (2018), Example 19, with D = 1, beta = 1, so B = 2: p = exp(-Phi) for every strength of J.
    Their Assumption 4, that j = J/p has no divergence, fails there; what is needed, and holds, is div J = 0.

    Examples
    --------
    >>> x, y, w = sp.symbols("x y w", real=True)
    >>> gaussian = sp.exp(-(x**2 + y**2) / 2)
    >>> drift_with_current(gaussian, [-w * y * gaussian, w * x * gaussian], 2 * sp.eye(2), [x, y]).T
    Matrix([[-w*y - x, w*x - y]])
    """
    x, J = listed(variables), [checked_expression("an entry of the current", entry) for entry in listed(current)]
    if len(J) != len(x):
        raise ShapeError(
            "the current does not fit the variables",
            got=f"{len(J)} entries for {len(x)} variables",
            allowed="one entry for each variable",
            mend="hand in the d entries of J",
        )
    p = checked_expression("the density", density)
    spread = probability_current(p, [0] * len(x), diffusion, x)
    drift = [sp.expand(sp.powsimp(sp.expand((flow - part) / p))) for flow, part in zip(J, spread, strict=True)]
    left = residual(p, drift, diffusion, x)
    if left != 0:
        raise DomainError(
            "the current has a divergence, so that the density would not stay as it is",
            got=f"{left!s:.120} per unit of density",
            allowed="a current J with div J = 0",
            mend="add what closes its lines",
        )
    return sp.ImmutableMatrix(drift)
