"""SGD on a finite sum of quadratics: a step sees the curvature and the slope of its own batch."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import sympy as sp

from sgdtheory.processes.noise import BatchCurvature
from sgdtheory.processes.process import Environment, Process, d, point, rotation, theta, with_momentum


def gradient(parameters: Any, batch: Any, *, minimum: Any) -> Any:
    """Return the mini-batch gradient, from a batch's curvature and its gradient at the minimum."""
    curvature, slope = batch
    return curvature @ (parameters - minimum) + slope


def environments(values: Mapping[str, Any]) -> tuple[Environment, ...]:
    """Return the one setting of a point: its samples, in a rotated basis, and a minimum away from zero."""
    curvatures, slopes = _samples(values)
    size = len(curvatures)
    dimension = curvatures[0].rows
    basis = rotation(dimension)
    minimum = sp.ImmutableMatrix([sp.Rational(i + 1, 2) for i in range(dimension)])
    samples = tuple(
        (sp.ImmutableMatrix(basis * A * basis.T), sp.ImmutableMatrix(basis * g))
        for A, g in zip(curvatures, slopes, strict=True)
    )
    hessian = sum((A for A, _ in samples), sp.zeros(dimension)) / size
    return (
        Environment(
            weight=sp.Integer(1),
            model={"minimum": minimum},
            noise=BatchCurvature(samples, int(values["batch_size"]), values["sampling"]),
            hessian=sp.ImmutableMatrix(hessian),
            basis=basis,
            minimum=minimum,
            truth=minimum,
        ),
    )


def point_with_samples(*, curvatures: Any, gradients: Any, sampling: str, **values: Any) -> Mapping[str, Any]:
    """Return a point with these samples, and what formulas say of them.

    Parameters
    ----------
    curvatures
        One for each sample, in the eigenbasis of their mean, which must be diagonal: a number in one dimension, the
        d numbers of a diagonal matrix, or the rows of a (d, d) matrix.
    gradients
        The samples' gradients at the minimum, numbers or d numbers each; they must add up to zero.
    sampling
        How batches are drawn.

    Returns
    -------
    Mapping
        With ``dataset_size``, ``batches_per_epoch``, ``batch_share`` (1/m with replacement, (D - m)/(m (D - 1)) for
        subsets), and averages over the samples: ``curvature``; ``noise`` and ``curvature_spread``, the covariances of
        the gradients and of the curvatures' diagonal entries; ``curvature_gradient``, the mean of a curvature's
        diagonal entry i times a gradient's entry j.
    """
    base = point(sample_curvatures=curvatures, sample_gradients=gradients, sampling=sampling, **values)
    matrices, slopes = _samples(base)
    size, m = sp.Integer(len(matrices)), base["batch_size"]
    hessian = sum(matrices, sp.zeros(*matrices[0].shape)) / size
    if not hessian.is_diagonal() or any(sum(slopes, sp.zeros(*slopes[0].shape))):
        raise TypeError("the mean curvature must be diagonal and the gradients must add up to zero")
    modes = [A.diagonal().T for A in matrices]
    mean = hessian.diagonal().T

    def average(pairs: Any) -> Any:
        total = sum((first * second.T for first, second in pairs), sp.zeros(len(mean))) / size
        return total[0, 0] if scalar else tuple(map(tuple, total.tolist()))

    scalar = not isinstance(base["sample_curvatures"][0], tuple)
    return point(
        **base,
        dataset_size=size,
        batches_per_epoch=sp.ceiling(size / m),
        batch_share=1 / m if sampling == "replacement" else (size - m) / (m * (size - 1)),
        curvature=mean[0] if scalar else tuple(mean),
        noise=average((g, g) for g in slopes),
        curvature_spread=average((h - mean, h - mean) for h in modes),
        curvature_gradient=average(zip(modes, slopes, strict=True)),
    )


def _samples(values: Mapping[str, Any]) -> tuple[list[sp.Matrix], list[sp.Matrix]]:
    """Return the samples' curvatures as matrices and their gradients as columns."""
    rows = [entry if isinstance(entry, tuple) else (entry,) for entry in values["sample_curvatures"]]
    columns = [entry if isinstance(entry, tuple) else (entry,) for entry in values["sample_gradients"]]
    matrices = [sp.Matrix(entry) if isinstance(entry[0], tuple) else sp.diag(*entry) for entry in rows]
    return matrices, [sp.Matrix(entry) for entry in columns]


sampled_curvature = Process(
    name="SGD on a sum of quadratics",
    description="each of the D samples has its own Hessian H_k and its own gradient g_k at the minimum; H_B and g_B are"
    " their means over the batch B",
    gradient=gradient,
    environments=environments,
    notation=MappingProxyType(
        {
            "parameters": theta,
            "batch": (sp.MatrixSymbol("H_B", d, d), sp.MatrixSymbol("g_B", d, 1)),
            "minimum": sp.MatrixSymbol("theta^*", d, 1),
        }
    ),
)

sampled_curvature_with_momentum = with_momentum(sampled_curvature)
sampled_curvature_with_nesterov = with_momentum(sampled_curvature, nesterov=True)
