"""Preconditioned conjugate gradients for symmetric operators on arrays of any shape."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sgdtheory.errors import DomainError

Linear = Callable[[np.ndarray], np.ndarray]
TOLERANCE = 1e-12


class NotPositiveError(ArithmeticError):
    """The operator has a direction that it does not keep positive."""


def conjugate_gradients(
    operator: Linear, right: np.ndarray, precondition: Linear, *, tolerance: float | None = None, most: int = 2000
) -> tuple[np.ndarray, int]:
    """Return x with operator(x) = right, and the number of products with the operator.

    Parameters
    ----------
    operator, precondition
        Symmetric in the inner product that sums the products of entries; the second one positive definite.
    right
        An array.
    tolerance
        Residual over right side at which to stop, both measured by the preconditioner. If left out, the residual is
        worked out afresh at ``TOLERANCE`` and removed once more, to rounding.
    most
        Products after which to give up.

    Raises
    ------
    NotPositiveError
        If the operator is not positive definite. It is always seen where the right side has a part of more than
        the tolerance in a direction of negative eigenvalue, because such a part grows with each iteration.
    DomainError
        If ``most`` products do not suffice.

    Examples
    --------
    >>> found, products = conjugate_gradients(lambda x: 4 * x, np.array([1.0, 2.0]), lambda x: x)
    >>> found
    array([0.25, 0.5 ])
    """
    if tolerance is not None:
        return _descend(operator, right, precondition, tolerance, most)
    first, products = _descend(operator, right, precondition, TOLERANCE, most)
    second, more = _descend(operator, right - operator(first), precondition, 1e-3, most)
    return first + second, products + 1 + more


def _descend(
    operator: Linear, right: np.ndarray, precondition: Linear, tolerance: float, most: int
) -> tuple[np.ndarray, int]:
    found, residual = np.zeros_like(right), right
    step = turned = precondition(residual)
    size = start = np.vdot(residual, turned)
    for products in range(most):
        if size <= tolerance**2 * start:
            return found, products
        image = operator(step)
        curvature = np.vdot(step, image)
        if not curvature > 0:
            raise NotPositiveError
        found = found + size / curvature * step
        residual = residual - size / curvature * image
        turned = precondition(residual)
        before, size = size, np.vdot(residual, turned)
        step = turned + size / before * step
    raise DomainError(
        "conjugate gradients did not converge",
        got=f"a residual of {float(size / start) ** 0.5:.2g} after {most} products",
        allowed=f"{tolerance:.2g}",
        mend="the problem is close to its stability limit; take a smaller learning rate",
    )
