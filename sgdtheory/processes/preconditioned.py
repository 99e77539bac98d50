"""SGD with a preconditioner P = R R' on a quadratic loss: plain SGD in the coordinates phi, with theta = R phi."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import sympy as sp

from sgdtheory.processes.additive_noise import environments as environments_of_sgd
from sgdtheory.processes.forms import Form, squared
from sgdtheory.processes.process import Environment, H, Process, d, point

DIGITS = 60  # of the factor R, whose entries are roots


def gradient(parameters: Any, noise: Any, *, factor: Any, curvature: Any, minimum: Any) -> Any:
    """Return the mini-batch gradient of the loss at R phi as a function of phi."""
    return factor.T @ (curvature @ (factor @ parameters - minimum) + noise)


def environments(values: Mapping[str, Any]) -> tuple[Environment, ...]:
    """Return the one setting of a point: Hessian and minimum are those of phi.

    The point's preconditioner is a matrix in the eigenbasis of the Hessian of theta, or its diagonal; if it has none,
    the identity.
    """
    (env,) = environments_of_sgd(values)
    factor = env.basis * _factor(values.get("preconditioner", (1,) * env.basis.rows)) * env.basis.T
    minimum = sp.ImmutableMatrix(factor.inv() * env.minimum)
    return (
        Environment(
            weight=env.weight,
            model={"factor": sp.ImmutableMatrix(factor), "curvature": env.hessian, "minimum": env.minimum},
            noise=env.noise,
            hessian=sp.ImmutableMatrix(factor.T * env.hessian * factor),
            basis=env.basis,
            minimum=minimum,
            truth=minimum,
        ),
    )


def mode_squares(env: Environment) -> tuple[Form, ...]:
    """Return the square of theta - theta* along each eigenvector of the Hessian of theta."""
    seen = env.model["factor"].T * env.basis
    return tuple(squared(seen[:, i] * seen[:, i].T, env.minimum) for i in range(seen.cols))


def point_with_best_preconditioner(*, learning_rate: Any, batch_size: Any, dataset_size: Any, **words: Any) -> Any:
    """Return a point with the preconditioner (2 m/eta) (D C + m H)^-1, in the eigenbasis of H."""
    inverse = dataset_size * sp.Matrix(words["noise"]) + batch_size * sp.diag(*words["curvature"])
    best = 2 * batch_size / learning_rate * inverse.inv()
    knobs = {"learning_rate": learning_rate, "batch_size": batch_size, "dataset_size": dataset_size}
    return point(preconditioner=best.tolist(), **knobs, **words)


def point_with_shares(*shares: Any, **words: Any) -> Mapping[str, Any]:
    """Return a point with the diagonal preconditioner that gives these shares of the posterior's variances."""
    eta, m, size = (words[word] for word in ("learning_rate", "batch_size", "dataset_size"))
    modes = zip(shares, words["curvature"], words["noise"], strict=True)
    steps = tuple(
        2 * m * share / (eta * (size * row[number] + m * share * curvature))
        for number, (share, curvature, row) in enumerate(modes)
    )
    return point(preconditioner=steps, **words)


def _factor(preconditioner: Any) -> sp.Matrix:
    """Return a rational R with R R' = P, to DIGITS digits."""
    diagonal = not isinstance(preconditioner[0], tuple | list)
    matrix = sp.diag(*preconditioner) if diagonal else sp.Matrix(preconditioner)
    return matrix.cholesky().applyfunc(lambda entry: sp.Rational(str(sp.N(entry, DIGITS))))


preconditioned = Process(
    name="SGD with a preconditioner",
    description="theta' = theta - eta P (g + n), with the full gradient g of a quadratic loss and noise n that is"
    " independent of theta, with mean zero and covariance C/m; it is written for phi, where theta = R phi and"
    " P = R R'",
    gradient=gradient,
    environments=environments,
    notation=MappingProxyType(
        {
            "parameters": sp.MatrixSymbol("phi", d, 1),
            "noise": sp.MatrixSymbol("n", d, 1),
            "factor": sp.MatrixSymbol("R", d, d),
            "curvature": H,
            "minimum": sp.MatrixSymbol("theta^*", d, 1),
        }
    ),
)
