"""The step with a matrix learning rate, in the coordinates in which it has modes."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.momentum._premises import v_i, v_j
from sgdtheory.derivations.quadratic._premises import n_i, n_j, x_i, x_j
from sgdtheory.processes.matrix_rate import matrix_rate_with_momentum
from sgdtheory.symbols import eta, lambda_i, lambda_j, mu

ROOT = sp.Matrix(2, 2, sp.symbols("R_ii R_ij R_ij R_jj", real=True))


def pair_of_modes(d: Derivation) -> tuple[sp.Expr, ...]:
    """State the step for two eigenvectors of P^(1/2) H P^(1/2); return x_i, v_i, x_j, v_j after it."""
    curvatures = sp.diag(lambda_i, lambda_j)
    back = ROOT.inv()
    # By theta, in the eigenbasis of R H R: the Hessian and the noise whose images under R are diagonal and n.
    model = {"factor": ROOT, "curvature": back * curvatures * back, "minimum": sp.zeros(2, 1)}
    noise, place = back * sp.Matrix([n_i, n_j]), sp.Matrix([x_i, x_j])
    slope = matrix_rate_with_momentum.gradient(place, noise, **model).applyfunc(sp.cancel)
    for number, row in enumerate(("i", "j")):
        d.add(
            "The gradient by phi = R^-1 theta, R being the root of P, along a mode of R H R; the noise of its batch is"
            " written n, and has the covariance R C R/m"
            if number == 0
            else "and along another",
            f"g_{row}",
            slope[number],
            ((lambda_i * x_i + n_i), (lambda_j * x_j + n_j))[number],
        )
    by_theta = back * curvatures * back * (ROOT * place) + noise
    d.add(
        "Times R, a move along it is one along P times the gradient by theta: the learning rate is eta P",
        "(R g)_i",
        sp.cancel((ROOT * slope)[0]),
        sp.expand(sp.cancel((ROOT * ROOT * by_theta)[0])),
    )
    knobs = {"learning_rate": eta, "momentum": mu}
    parameters, velocity = d.process.move(place, sp.Matrix([v_i, v_j]), noise, **knobs, **model)
    parameters, velocity = (part.applyfunc(sp.cancel) for part in (parameters, velocity))
    pushes = [mu * v_i + lambda_i * x_i + n_i, mu * v_j + lambda_j * x_j + n_j]
    return (
        d.add("The step, x being the displacement of phi from rest", "x_i'", parameters[0], x_i - eta * pushes[0]),
        d.add("and the velocity", "v_i'", velocity[0], pushes[0]),
        d.add("Along mode j likewise", "x_j'", parameters[1], x_j - eta * pushes[1]),
        d.add("and", "v_j'", velocity[1], pushes[1]),
    )
