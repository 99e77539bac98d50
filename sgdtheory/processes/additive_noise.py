"""SGD on a quadratic loss whose mini-batch gradient carries additive noise of constant covariance."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import sympy as sp

from sgdtheory.processes.noise import GaussianNoise
from sgdtheory.processes.process import Environment, H, Process, d, point, rotation, theta, with_momentum


def gradient(parameters: Any, noise: Any, *, curvature: Any, minimum: Any) -> Any:
    """Return the mini-batch gradient: the full gradient at the parameters plus noise."""
    return curvature @ (parameters - minimum) + noise


def environments(values: Mapping[str, Any]) -> tuple[Environment, ...]:
    """Return the one setting of a point: Gaussian noise, a rotated Hessian, a minimum away from zero."""
    eigenvalues = _vector(values.get("curvature", values.get("largest_curvature")))
    basis = rotation(len(eigenvalues))
    hessian = basis * sp.diag(*eigenvalues) * basis.T
    if "noise" in values:
        noise = sp.Matrix(values["noise"])
    else:  # one dimension, noise from data of the given variance
        noise = sp.Matrix([[eigenvalues[0] ** 2 * values["data_variance"]]])
    minimum = sp.ImmutableMatrix([sp.Rational(i + 1, 2) for i in range(len(eigenvalues))])
    return (
        Environment(
            weight=sp.Integer(1),
            model={"curvature": hessian, "minimum": minimum},
            noise=GaussianNoise(sp.ImmutableMatrix(basis * noise * basis.T / values.get("batch_size", 1))),
            hessian=hessian,
            basis=basis,
            minimum=minimum,
            truth=minimum,
        ),
    )


def point_with_invariants(*, curvature: Any, noise: Any, displacement: Any, **values: Any) -> Mapping[str, Any]:
    """Return a point at a place ``displacement`` from the minimum, with g'g, g'Hg and tr(HC) worked out."""
    base = point(curvature=curvature, noise=noise, displacement=displacement, **values)
    eigenvalues, offset = base["curvature"], base["displacement"]
    gradients = [lam * x for lam, x in zip(eigenvalues, offset, strict=True)]
    return point(
        **base,
        gradient_norm_squared=sum(g * g for g in gradients),
        gradient_curvature=sum(lam * g * g for lam, g in zip(eigenvalues, gradients, strict=True)),
        noise_curvature=sum(lam * base["noise"][i][i] for i, lam in enumerate(eigenvalues)),
    )


def _vector(values: Any) -> tuple[Any, ...]:
    return values if isinstance(values, tuple) else (values,)


additive_noise = Process(
    name="SGD with additive noise",
    description="the full gradient of a quadratic loss plus noise n that is independent of theta, with mean zero and"
    " covariance C/m",
    gradient=gradient,
    environments=environments,
    notation=MappingProxyType(
        {
            "parameters": theta,
            "noise": sp.MatrixSymbol("n", d, 1),
            "curvature": H,
            "minimum": sp.MatrixSymbol("theta^*", d, 1),
        }
    ),
)

additive_noise_with_momentum = with_momentum(additive_noise)
additive_noise_with_nesterov = with_momentum(additive_noise, nesterov=True)
