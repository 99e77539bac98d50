"""Hessian and noise as operators: what a quadratic problem checks before it takes them."""

from __future__ import annotations

from typing import Any

from sgdtheory.errors import check_type
from sgdtheory.numeric.arrays import NUMPY, as_array
from sgdtheory.numeric.matrix_free.stochastic_trace import Probing
from sgdtheory.numeric.matrix_free.symmetric_operator import (
    SymmetricOperator,
    as_symmetric_operator,
    check_covariance,
    check_fits,
    zero_vector,
)


def checked_operators(
    hessian: Any, noise: Any, minimum: Any, probing: Any
) -> tuple[SymmetricOperator, SymmetricOperator, Any]:
    """Return Hessian and noise as checked operators (d, d), and the minimum (d,) as an array.

    Raises
    ------
    ShapeError, DomainError, NonFiniteError
        If one is not square, real or symmetric, makes NaNs, is of another size, or is no covariance.
    """
    if probing is not None:
        check_type("probing", probing, Probing)
    hessian = as_symmetric_operator("hessian", hessian, probing)
    noise = as_symmetric_operator("noise", noise)
    check_fits("noise", noise.shape[0], hessian)
    check_covariance("noise", noise)
    if minimum is None:
        return hessian, noise, zero_vector(hessian)
    minimum = as_array("minimum", minimum, NUMPY, 1)
    check_fits("minimum", minimum.shape[0], hessian)
    return hessian, noise, minimum
