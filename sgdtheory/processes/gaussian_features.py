"""SGD on least squares with fresh Gaussian features at each step, one pass over endless data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from sgdtheory.processes.noise import FeatureNoise
from sgdtheory.processes.process import Environment, rotation, with_momentum
from sgdtheory.processes.sampled_curvature import sampled_curvature


def environments(values: Mapping[str, Any]) -> tuple[Environment, ...]:
    """Return the one setting of a point: rotated features, and a minimum away from zero."""
    eigenvalues = values["curvature"] if isinstance(values["curvature"], tuple) else (values["curvature"],)
    basis = rotation(len(eigenvalues))
    hessian = sp.ImmutableMatrix(basis * sp.diag(*eigenvalues) * basis.T)
    minimum = sp.ImmutableMatrix([sp.Rational(i + 1, 2) for i in range(len(eigenvalues))])
    return (
        Environment(
            weight=sp.Integer(1),
            model={"minimum": minimum},
            noise=FeatureNoise(hessian, values["noise_variance"], int(values["batch_size"])),
            hessian=hessian,
            basis=basis,
            minimum=minimum,
            truth=minimum,
        ),
    )


gaussian_features = replace(
    sampled_curvature,
    name="SGD on Gaussian features",
    description="at each step m fresh samples of features x, Gaussian with covariance H, and of targets x' theta* + e,"
    " e Gaussian with variance sigma_y^2; H_B is the batch's mean of x x', and g_B that of -e x",
    environments=environments,
)

gaussian_features_with_momentum = with_momentum(gaussian_features)
gaussian_features_with_nesterov = with_momentum(gaussian_features, nesterov=True)
