"""The second-order stochastic modified equation of SGD on a quadratic loss, looked at at times eta apart.

Between two looks a linear equation multiplies the state by a matrix exponential and adds Gaussian noise, so that the
looks are taken without any error of time steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import mpmath
import sympy as sp

from sgdtheory.processes.additive_noise import environments as environments_of_sgd
from sgdtheory.processes.noise import GaussianNoise
from sgdtheory.processes.process import Environment, Process, d, theta

DIGITS = 60  # of what exponentials give


def gradient(parameters: Any, noise: Any, *, decay: Any, minimum: Any) -> Any:
    """Return what the equation loses in the time eta, over eta; ``decay`` is (1 - exp(-eta K))/eta."""
    return decay @ (parameters - minimum) + noise


def environments(values: Mapping[str, Any]) -> tuple[Environment, ...]:
    """Return the one setting of a point: that of SGD, with the equation's own decay and noise."""
    (env,) = environments_of_sgd(values)
    rate = values["learning_rate"]
    drift = env.hessian + rate / 2 * env.hessian**2
    kept, gained = over_a_time(drift, rate * env.noise.covariance, rate)
    lost = sp.ImmutableMatrix((sp.eye(drift.rows) - kept) / rate)
    noise = GaussianNoise(sp.ImmutableMatrix(gained / rate**2))
    return (replace(env, model={"decay": lost, "minimum": env.minimum}, noise=noise),)


def over_a_time(drift: sp.Matrix, diffusion: sp.Matrix, time: Any) -> tuple[sp.Matrix, sp.Matrix]:
    """Return exp(-K s) and the covariance that dx = -K x ds + G dW gains in the time s, for symmetric K and B = G G'.

    Both stand in one matrix exponential, that of ((K, B), (0, -K)) s: no equation for the covariance is solved.
    """
    size = drift.rows
    context = mpmath.mp.clone()
    context.dps = DIGITS + 10
    blocks = sp.Matrix(sp.BlockMatrix([[drift, diffusion], [sp.zeros(size), -drift]])) * time
    whole = context.expm(context.matrix([[context.mpf(x.p) / x.q for x in row] for row in blocks.tolist()]))
    found = sp.Matrix(2 * size, 2 * size, lambda i, j: sp.Rational(context.nstr(whole[i, j], DIGITS)))
    kept = found[size:, size:]
    return _symmetric(kept), _symmetric(kept.T * found[:size, size:])


def _symmetric(matrix: sp.Matrix) -> sp.Matrix:
    return (matrix + matrix.T) / 2


modified_equation = Process(
    name="second-order stochastic modified equation",
    description="dx = -grad(L + (eta/4) |grad L|^2) ds + sqrt(eta) R dW on a quadratic loss, with R R' = C/m, looked at"
    " at times eta apart: A = (1 - exp(-eta K))/eta with K = H + (eta/2) H^2, and n is Gaussian with mean zero and"
    " 1/eta^2 of the covariance that the equation gains in the time eta",
    gradient=gradient,
    environments=environments,
    notation=MappingProxyType(
        {
            "parameters": theta,
            "noise": sp.MatrixSymbol("n", d, 1),
            "decay": sp.MatrixSymbol("A", d, d),
            "minimum": sp.MatrixSymbol("theta^*", d, 1),
        }
    ),
)
