"""``solve_lyapunov``: Lyapunov equations, in symbols or in numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from sgdtheory.algebra import lyapunov as symbolic
from sgdtheory.errors import DomainError, NonFiniteError, StabilityError, check_choice
from sgdtheory.numeric.arrays import JAX, NUMPY, SYMPY, is_concrete, kind_of
from sgdtheory.numeric.scalars import known, scalar
from sgdtheory.numeric.solvers import lyapunov_equation
from sgdtheory.numeric.solvers.lyapunov_equation import Equation, LyapunovSolution, Modes, in_blocks, modes
from sgdtheory.numeric.solvers.lyapunov_input import check_finite, leaves_of, pair

_SINGULAR = "h_i + h_j - learning_rate * h_i h_j = 0 for two eigenvalues of the matrix"


def solve_lyapunov(matrix: Any, right: Any, *, discrete: bool = False, learning_rate: Any = None) -> Any:
    """Solve H S + S H' = Q, or S - A S A' = Q, or SGD's H S + S H' - learning_rate * H S H' = Q.

    Symbols and exact numbers are solved exactly, floating-point arrays of NumPy and JAX numerically.

    Parameters
    ----------
    matrix
        (d, d) H or A: a SymPy matrix or rows of exact numbers and expressions, symmetric or not. Or symmetric arrays,
        (..., d, d); rows with a floating-point number count as an array. Of two precisions the wider one is used;
        integers become float64.
    right
        Q of the same kind; the batches of two arrays are broadcast. S is symmetric if Q is.
    discrete
        Solve S - A S A' = Q, the stationary covariance of x -> A x + noise. Arrays must be stable, every
        absolute eigenvalue of A below one.
    learning_rate
        Positive: solve H S + S H' - learning_rate * H S H' = Q. It is the discrete equation of A = I - learning_rate H
        and learning_rate * Q, but stated in H no digits are lost where the learning rate is small, and S tends to the
        solution of H S + S H' = Q. Arrays must be stable: 0 < learning_rate * h < 2 for each eigenvalue h.

    Returns
    -------
    sympy.ImmutableMatrix or LyapunovSolution
        (d, d) S for symbols and exact numbers; see :func:`sgdtheory.algebra.lyapunov.solve_lyapunov`. For arrays the
        named tuple ``(solution, residual, condition)``, in the precision of the input. ``numpy.asarray`` of it is S;
        its relative error is about ``condition`` rounding units, however small ``residual`` is; see
        :class:`~sgdtheory.numeric.solvers.lyapunov_equation.LyapunovSolution`.

    Raises
    ------
    ShapeError
        If a matrix is not square or the shapes do not fit.
    NonFiniteError
        If an entry is NaN or infinite, or the solution or a sum of two eigenvalues overflows.
    DomainError
        If the solution is not unique: h_i + h_j = 0 (or a_i a_j = 1) for a pair of eigenvalues, for arrays to
        rounding. If an array is not symmetric, complex, boolean, or of another precision than float32 or float64.
    StabilityError
        If an array A is not stable, or the learning rate is not stable for an array H. H S + S H = Q alone is solved
        for indefinite H too; S is then no covariance.

    Notes
    -----
    Arrays are solved through the eigenvectors of H; a residual above d rounding units is refined once. In JAX the
    function can be jitted, vmapped and differentiated, to any order also where eigenvalues are equal, because
    derivatives are those of the equation and not of eigenvectors; ``residual`` and ``condition`` count as constants.
    Traced values cannot be looked at: they are not checked, and a singular equation gives infinities or NaN.

    Examples
    --------
    >>> solve_lyapunov([[2, 1], [1, 2]], [[1, 0], [0, 1]])
    Matrix([
    [ 1/3, -1/6],
    [-1/6,  1/3]])
    >>> found = solve_lyapunov(np.array([[2.0, 1.0], [1.0, 2.0]]), np.eye(2), learning_rate=0.1)
    >>> found.solution.round(6)
    array([[ 0.361197, -0.165119],
           [-0.165119,  0.361197]])
    >>> float(round(found.condition, 6)), bool(found.residual < 1e-15)
    (3.631579, True)
    """
    discrete = bool(discrete) if isinstance(discrete, np.bool_) else discrete
    check_choice("discrete", discrete, (False, True))
    if discrete and learning_rate is not None:
        raise DomainError(
            "discrete and learning_rate are two different equations",
            got=f"discrete=True with learning_rate={learning_rate!r:.40}",
            allowed="S - A S A' = Q with discrete, H S + S H' - learning_rate * H S H' = Q with learning_rate",
            mend="leave one of them out",
        )
    kind = _kind(matrix, right)
    if kind == SYMPY:
        return _in_symbols(matrix, right, discrete, learning_rate)
    if kind == NUMPY and kind_of(learning_rate) == JAX:
        kind = JAX
    rate = _positive(learning_rate)
    H, Q = pair(matrix, right, kind)
    equation = Equation(1, None, -1) if discrete else Equation(None, 1, None if rate is None else -rate)
    if kind == JAX:
        from sgdtheory.numeric.solvers import (
            jax_lyapunov,  # the one optional import: only where an array of JAX came in
        )

        return _solved(jax_lyapunov, equation, rate, H, Q)
    with np.errstate(over="ignore", invalid="ignore"):
        return in_blocks(lambda *block: _solved(lyapunov_equation, equation, rate, *block), H, Q)


def _solved(solver: Any, equation: Equation, rate: Any, H: Any, Q: Any) -> LyapunovSolution:
    found_modes = modes(equation, solver.eigensystem(H))
    if is_concrete(found_modes.pairs):
        _check_modes(equation, Modes(*map(np.asarray, found_modes)), None if rate is None else known(rate))
    found = solver.solved(equation, H, Q, found_modes)
    if is_concrete(found.solution):
        check_finite("the solution", found.solution, mend="rescale the matrices")
    return found


def _in_symbols(matrix: Any, right: Any, discrete: bool, learning_rate: Any) -> sp.ImmutableMatrix:
    if learning_rate is None:
        return symbolic.solve_lyapunov(matrix, right, discrete=discrete)
    H, Q = symbolic.checked_pair(matrix, right)
    rate = symbolic.checked_entry("learning_rate", learning_rate)
    if rate.is_positive is False:
        raise _not_positive(learning_rate)
    return symbolic.solve_lyapunov(sp.eye(H.rows) - rate * H, rate * Q, discrete=True)


def _kind(*values: Any) -> str:
    """Return the kind of two matrices: exact unless one holds an array or a floating-point number."""
    if kind_of(*values) == SYMPY:
        return SYMPY
    leaves = [leaf for value in values for leaf in leaves_of(value)]
    kind = kind_of(*leaves)
    if kind == NUMPY and not any(isinstance(leaf, float | np.floating | np.ndarray) for leaf in leaves):
        return SYMPY
    return kind


def _positive(learning_rate: Any) -> Any:
    if learning_rate is None:
        return None
    rate = scalar("learning_rate", learning_rate)
    if isinstance(rate, sp.Basic):
        if rate.free_symbols:
            raise DomainError(
                "learning_rate is a symbol and the matrices are arrays",
                got=rate,
                allowed="a number with arrays, or symbols and exact numbers throughout",
                mend="hand in sympy.Matrix objects of exact numbers, or a number as learning_rate",
            )
        rate = float(rate)
    if is_concrete(rate) and not known(rate) > 0:
        raise _not_positive(learning_rate)
    return rate


def _not_positive(learning_rate: Any) -> DomainError:
    return DomainError(
        "learning_rate is not positive",
        got=learning_rate,
        allowed="a number > 0",
        mend="leave it out for H S + S H' = Q, the limit of small learning rates",
    )


def _check_modes(equation: Equation, modes: Modes, learning_rate: Any) -> None:
    """Refuse what has no unique solution, to rounding, and recursions that diverge."""
    eigenvalues, discrete = modes.eigenvalues, equation.constant is not None
    if not discrete and not np.isfinite(modes.size).all():
        raise NonFiniteError(
            "the equation overflows",
            got="a pair of eigenvalues whose sum or product is beyond floating point",
            allowed="matrices whose largest eigenvalue is far below the largest number of their precision",
            mend="solve for matrix / c, with learning_rate * c if there is one; then S is 1 / c times that solution",
        )
    if learning_rate is not None and ((eigenvalues <= 0) | (learning_rate * eigenvalues >= 2)).any():
        raise StabilityError(
            "SGD with this learning rate diverges",
            got=f"learning rate {float(learning_rate):.6g}, eigenvalues from {eigenvalues.min():.6g} to"
            f" {eigenvalues.max():.6g}",
            allowed="positive eigenvalues, and learning rates below 2 / (largest eigenvalue)",
            mend="take a smaller learning rate; a direction of negative curvature has no stationary law",
        )
    singular = modes.smallest <= eigenvalues.shape[-1] * np.finfo(eigenvalues.dtype).eps * modes.size
    if singular.any() and np.isfinite(modes.size).all():
        values = eigenvalues.reshape(-1, eigenvalues.shape[-1])[np.argmax(singular)]
        pair = symbolic.SINGULAR[discrete] if learning_rate is None else _SINGULAR
        raise DomainError(
            f"{pair} to rounding, so there is no unique solution",
            got=f"a matrix with eigenvalues from {values.min():.6g} to {values.max():.6g}",
            allowed="eigenvalues with no such pair",
            mend="leave out the directions in which nothing is forgotten, or add a small ridge",
        )
    if discrete and (np.abs(eigenvalues) >= 1).any():
        raise StabilityError(
            "the recursion x -> A x + noise diverges",
            got=f"an eigenvalue {eigenvalues.flat[np.abs(eigenvalues).argmax()]:.6g}",
            allowed="absolute eigenvalues below 1",
            mend="check A; for SGD it is I - learning_rate * Hessian",
        )
