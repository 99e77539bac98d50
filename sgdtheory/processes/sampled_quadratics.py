"""SGD on a finite data set whose samples share one Hessian: each sample is a quadratic bowl around its own centre."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import sympy as sp

from sgdtheory.processes.noise import BatchMean
from sgdtheory.processes.process import Environment, H, Process, d, point, rotation, theta


def gradient(parameters: Any, batch_mean: Any, *, curvature: Any) -> Any:
    """Return the mini-batch gradient; for bowls of one Hessian it needs only the mean of the batch's centres."""
    return curvature @ (parameters - batch_mean)


def environments(values: Mapping[str, Any]) -> tuple[Environment, ...]:
    """Return the settings of a point: its data set, or every data set of its size that its law can draw."""
    if "data" in values:
        return (_environment(values, values["data"], sp.Integer(1)),)
    size = int(values["dataset_size"])
    return tuple(
        _environment(values, tuple(centre for centre, _ in drawn), sp.prod([chance for _, chance in drawn]))
        for drawn in itertools.product(values["data_law"], repeat=size)
    )


def _environment(values: Mapping[str, Any], data: tuple[Any, ...], weight: sp.Expr) -> Environment:
    eigenvalues = values["curvature"] if isinstance(values["curvature"], tuple) else (values["curvature"],)
    basis = rotation(len(eigenvalues))
    samples = tuple(sp.ImmutableMatrix(basis * sp.Matrix(centre)) for centre in data)
    hessian = sp.ImmutableMatrix(basis * sp.diag(*eigenvalues) * basis.T)
    return Environment(
        weight=weight,
        model={"curvature": hessian},
        noise=BatchMean(samples, int(values["batch_size"]), values["sampling"]),
        hessian=hessian,
        basis=basis,
        minimum=sp.ImmutableMatrix(sum(samples, sp.zeros(len(eigenvalues), 1)) / len(samples)),
        truth=sp.ImmutableMatrix.zeros(len(eigenvalues), 1),
    )


def point_with_data(*, curvature: Any, data: Any, sampling: str, **values: Any) -> Mapping[str, Any]:
    """Return a point with this data set: its size, its unbiased variance and its gradient covariance worked out.

    ``data`` lists the centres in the eigenbasis, one tuple each.
    """
    base = point(curvature=curvature, data=data, sampling=sampling, **values)
    centres = [sp.Matrix(centre) for centre in base["data"]]
    size = len(centres)
    mean = sum(centres, sp.zeros(*centres[0].shape)) / size
    scatter = sum(((c - mean) * (c - mean).T for c in centres), sp.zeros(len(mean), len(mean)))
    return point(
        **base,
        dataset_size=size,
        sample_variance=scatter[0, 0] / (size - 1),
        noise=_gradient_covariance(base["curvature"], scatter / size),
    )


def point_with_law(*, curvature: Any, law: Any, dataset_size: int, sampling: str, **values: Any) -> Mapping[str, Any]:
    """Return a point whose data sets are drawn from a finite law, its moments worked out.

    ``law`` lists pairs (centre in the eigenbasis, probability); the mean, which is the true optimum, must be zero.
    """
    base = point(curvature=curvature, data_law=law, dataset_size=dataset_size, sampling=sampling, **values)
    centres = [(sp.Matrix(centre), chance) for centre, chance in base["data_law"]]
    zero = sp.zeros(*centres[0][0].shape)
    if sum(chance for _, chance in centres) != 1 or sum((c * chance for c, chance in centres), zero) != zero:
        raise TypeError("the data law must have total probability one and mean zero")
    covariance = sum((chance * c * c.T for c, chance in centres), zero * zero.T)
    return point(**base, data_variance=covariance[0, 0], noise=_gradient_covariance(base["curvature"], covariance))


def _gradient_covariance(curvature: Any, covariance: sp.Matrix) -> tuple[tuple[sp.Expr, ...], ...]:
    eigenvalues = sp.diag(*curvature) if isinstance(curvature, tuple) else sp.Matrix([[curvature]])
    return tuple(map(tuple, (eigenvalues * covariance * eigenvalues).tolist()))


sampled_quadratics = Process(
    name="SGD on sampled quadratics",
    description="each of the D samples has the same Hessian H and its own centre; cbar_B is the mean of the centres of"
    " the batch B",
    gradient=gradient,
    environments=environments,
    notation=MappingProxyType(
        {"parameters": theta, "batch_mean": sp.MatrixSymbol("cbar_B", d, 1), "curvature": H},
    ),
)
