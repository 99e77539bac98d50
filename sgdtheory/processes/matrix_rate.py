"""SGD with a matrix eta P for a learning rate and momentum, in settings stated in the coordinates of its modes.

It is ``preconditioned`` with a velocity: phi = P^(-1/2) theta is plain SGD on the same loss, whose Hessian by phi is
P^(1/2) H P^(1/2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from sgdtheory.processes.noise import GaussianNoise
from sgdtheory.processes.preconditioned import preconditioned
from sgdtheory.processes.process import Environment, rotation, with_momentum


def environments(values: Mapping[str, Any]) -> tuple[Environment, ...]:
    """Return the one setting of a point, which gives the root of P, and curvature and noise by phi in their eigenbasis.

    The Hessian by theta then commutes with P by luck only.
    """
    eigenvalues, root = values["curvature"], sp.Matrix(values["rate_root"])
    basis = rotation(len(eigenvalues))
    hessian = basis * sp.diag(*eigenvalues) * basis.T
    covariance = basis * sp.Matrix(values["noise"]) * basis.T / values["batch_size"]
    back = root.inv()
    minimum = sp.ImmutableMatrix([sp.Rational(i + 1, 2) for i in range(len(eigenvalues))])
    return (
        Environment(
            weight=sp.Integer(1),
            model={"factor": sp.ImmutableMatrix(root), "curvature": back * hessian * back, "minimum": root * minimum},
            noise=GaussianNoise(sp.ImmutableMatrix(back * covariance * back)),
            hessian=sp.ImmutableMatrix(hessian),
            basis=basis,
            minimum=minimum,
            truth=minimum,
        ),
    )


matrix_rate_with_momentum = with_momentum(replace(preconditioned, environments=environments))
