"""What derivations with momentum start from: a step of parameters and velocity, in the eigenbasis of the Hessian."""

from __future__ import annotations

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.stability import inside_unit_circle
from sgdtheory.derivations.quadratic._premises import n_i, n_j, x_i, x_j
from sgdtheory.symbols import C_ii, C_ij, eta, lambda_i, lambda_j, lambda_max, mu

v_i, v_j = sp.symbols("v_i v_j", real=True)
STATE = (x_i, v_i, x_j, v_j)
ONE_MODE = {lambda_j: lambda_i, C_ij: C_ii}
TURNED = {lambda_i: lambda_j, lambda_j: lambda_i}


def pair_of_modes(d: Derivation) -> tuple[sp.Expr, ...]:
    """State the step of the derivation's process for two modes; return x_i, v_i, x_j, v_j after it."""
    origin = sp.Matrix(sp.symbols("theta*_i theta*_j", real=True))
    parameters, velocity = d.process.move(
        origin + sp.Matrix([x_i, x_j]),
        sp.Matrix([v_i, v_j]),
        sp.Matrix([n_i, n_j]),
        learning_rate=eta,
        momentum=mu,
        curvature=sp.diag(lambda_i, lambda_j),
        minimum=origin,
    )
    slope = lambda_i * x_i + n_i
    moved = slope + mu * (mu * v_i + slope) if d.process.nesterov else mu * v_i + slope
    faster = d.add(
        "The step, in the eigenbasis of H, for the displacement x = theta - theta* along mode i, the velocity v and the"
        " noise n: the velocity",
        "v_i'",
        velocity[0],
        mu * v_i + slope,
    )
    place = d.add("and the displacement", "x_i'", parameters[0] - origin[0], x_i - eta * moved)
    turn = {x_i: x_j, v_i: v_j, n_i: n_j, lambda_i: lambda_j}
    other = d.add("Along mode j likewise", "x_j'", parameters[1] - origin[1], place.xreplace(turn))
    return place, faster, other, velocity[1]


def largest_rate(d: Derivation) -> sp.Expr:
    """Derive the learning rate up to which all modes forget their start."""
    after = pair_of_modes(d)
    (bound,) = (condition for condition in settling(d, after) if condition.subs({eta: 0, mu: 1}) == 4)
    (limit,) = sp.solve(bound, eta)
    d.add(
        "For a positive curvature the first is positive up to its root eta_0 in eta, the others are for mu < 1",
        "c_1",
        bound,
        bound.coeff(eta * lambda_i) * lambda_i * (eta - limit),
    )
    smallest = limit.subs(lambda_i, lambda_max)
    d.add(
        "No root lies below that of the largest curvature",
        "eta_0 - eta_max",
        limit - smallest,
        smallest * (lambda_max - lambda_i) / lambda_i,
    )
    return smallest


def settling(d: Derivation, after: tuple[sp.Expr, ...]) -> list[sp.Expr]:
    """Derive when a mode forgets its start; return the expressions that must be positive."""
    z = sp.Symbol("z")
    matrix = sp.Matrix([[sp.expand(part).coeff(name) for name in (x_i, v_i)] for part in after[:2]])
    polynomial = sp.Poly((z * sp.eye(2) - matrix).det(), z)
    d.add(
        "Each step multiplies the mean of (x_i, v_i) by a matrix A_i, whose eigenvalues z are the roots of",
        "det(z - A_i)",
        polynomial.as_expr(),
    )
    found = []
    for place, condition in enumerate(inside_unit_circle(polynomial.all_coeffs()), 1):
        reason = "Both lie inside the unit circle if and only if three expressions are positive (Jury): the first"
        found.append(d.add(reason if place == 1 else "the next", f"c_{place}", condition))
    return found
