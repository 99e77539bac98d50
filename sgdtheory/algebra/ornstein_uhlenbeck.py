"""Gaussian densities of the Ornstein-Uhlenbeck process dx = -H x dt + G dW with B = G G'.

Stationary: mean zero, and the covariance S of H S + S H' = B. From a point x_0: mean exp(-H t) x_0 and covariance
S - exp(-H t) S exp(-H' t). ``fokker_planck.residual`` proves both.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from sgdtheory.algebra.expressions import checked_expression, listed
from sgdtheory.algebra.lowest_terms import in_lowest_terms
from sgdtheory.algebra.lyapunov import solve_lyapunov
from sgdtheory.errors import DomainError, ShapeError


def gaussian_density(mean: Any, covariance: Any, variables: Any) -> sp.Expr:
    """Return the density of a Gaussian.

    Parameters
    ----------
    mean
        (d,) mean.
    covariance
        (d, d) covariance.
    variables
        The d coordinates.

    Returns
    -------
    sympy.Expr
        exp(-(x - mean)' covariance^-1 (x - mean) / 2) / sqrt((2 pi)^d det covariance).

    Raises
    ------
    ShapeError
        If the sizes differ.
    DomainError
        If an entry is no expression, or the covariance is not symmetric, singular, or not positive definite as far as
        numbers and the symbols' assumptions tell.
    NonFiniteError
        If an entry is NaN or infinite.

    Examples
    --------
    >>> x, v = sp.symbols("x v", positive=True)
    >>> gaussian_density([0], [[v]], [x])
    sqrt(2)*exp(-x**2/(2*v))/(2*sqrt(pi)*sqrt(v))
    """
    x, mu = _column("variables", variables), _column("mean", mean)
    rows = covariance.tolist() if isinstance(covariance, sp.MatrixBase) else list(map(listed, listed(covariance)))
    S = sp.Matrix(
        [
            [checked_expression(f"entry ({i}, {j}) of the covariance", entry) for j, entry in enumerate(row)]
            for i, row in enumerate(rows)
        ]
    )
    d = x.rows
    if mu.rows != d or S.shape != (d, d):
        raise ShapeError(
            "mean or covariance do not fit the variables",
            got=f"a mean of {mu.rows}, a covariance of {S.rows} x {S.cols} for {d} variables",
            allowed="d and d x d",
            mend="hand in one entry, row and column for each variable",
        )
    for i in range(d):
        for j in range(i):
            if S[i, j] != S[j, i] and not _vanishes(S[i, j] - S[j, i]):
                raise DomainError(
                    "the covariance is not symmetric",
                    got=f"{S[i, j]!s:.60} and {S[j, i]!s:.60} at ({i}, {j}) and ({j}, {i})",
                    allowed="a symmetric matrix",
                    mend="check how it was found",
                )
    if not _may_be_positive_definite(S):
        raise DomainError(
            "there is no density, for the covariance is not positive definite",
            got=f"{S.tolist()!s:.200}",
            allowed="a covariance with positive eigenvalues",
            mend="leave out directions without noise; check signs",
        )
    offset = x - mu
    plain, entries = _with_letters(S)
    determinant = plain.det(method="berkowitz").xreplace(entries)
    adjugate = plain.adjugate(method="berkowitz").xreplace(entries)
    exponent = (offset.T * adjugate * offset)[0] / (2 * determinant)
    return sp.exp(-exponent) / sp.sqrt((2 * sp.pi) ** d * determinant)


def stationary_density(matrix: Any, noise: Any, variables: Any) -> sp.Expr:
    """Return the stationary density of dx = -H x dt + G dW.

    Parameters
    ----------
    matrix
        (d, d) H.
    noise
        (d, d) B = G G', the covariance gained per unit of time.
    variables
        The d coordinates.

    Returns
    -------
    sympy.Expr
        The Gaussian with mean zero and the covariance ``solve_lyapunov(matrix, noise)``.

    Raises
    ------
    ShapeError, DomainError, NonFiniteError
        As from :func:`~sgdtheory.algebra.lyapunov.solve_lyapunov` and :func:`gaussian_density`. DomainError also if a
        matrix of numbers has an eigenvalue that is not in the right half-plane, or a noise of numbers is no covariance.

    Notes
    -----
    The process forgets its start if and only if all eigenvalues of H have positive real parts. By Lyapunov's theorem
    that holds just where H P + P H' = 1 has a positive definite solution P, which is what is checked, exactly.

    Examples
    --------
    >>> x, h, c = sp.symbols("x h c", positive=True)
    >>> stationary_density([[h]], [[c]], [x])
    sqrt(h)*exp(-h*x**2/c)/(sqrt(pi)*sqrt(c))
    """
    covariance = solve_lyapunov(matrix, noise)
    _check_noise(sp.Matrix(noise))
    identity = sp.eye(covariance.rows)
    if not sp.Matrix(matrix).free_symbols and not _may_be_positive_definite(solve_lyapunov(matrix, identity)):
        raise DomainError(
            "the process has no stationary density",
            got=f"{sp.Matrix(matrix).tolist()!s:.200}, with an eigenvalue that is not in the right half-plane",
            allowed="dx = -H x dt + G dW with a stable H: eigenvalues with positive real parts",
            mend="check the sign of H",
        )
    return gaussian_density([0] * len(listed(variables)), covariance, variables)


def transient_density(matrix: Any, noise: Any, start: Any, variables: Any, time: sp.Symbol) -> sp.Expr:
    """Return the density of dx = -H x dt + G dW at a time after it left a point, for a diagonal H or a 2x2 one.

    Parameters
    ----------
    matrix
        (d, d) H.
    noise
        (d, d) B = G G', the covariance gained per unit of time.
    start
        (d,) point at time 0.
    variables
        The d coordinates.
    time
        The time.

    Returns
    -------
    sympy.Expr
        The Gaussian with mean exp(-H t) x_0 and covariance S - exp(-H t) S exp(-H' t).

    Raises
    ------
    ShapeError, DomainError, NonFiniteError
        As from :func:`~sgdtheory.algebra.lyapunov.solve_lyapunov` and :func:`gaussian_density`; DomainError also for a
        matrix that is larger than 2x2 and not diagonal, and a noise of numbers that is no covariance.

    Examples
    --------
    >>> x, x0, t = sp.symbols("x x0 t", positive=True)
    >>> density = transient_density([[1]], [[2]], [x0], [x], t)
    >>> density.subs({x0: 0, t: 1}).subs(x, 1).evalf(6)  # variance 1 - exp(-2)
    0.240631
    """
    S, x0 = solve_lyapunov(matrix, noise), _column("start", start)
    if x0.rows != S.rows:
        raise ShapeError(
            "start does not fit the matrix",
            got=f"{x0.rows} entries for a matrix of size {S.rows}",
            allowed="one entry for each row",
            mend="hand in the d coordinates of the start",
        )
    _check_noise(sp.Matrix(noise))
    decay = _decay(sp.Matrix(matrix), checked_expression("the time", time))
    return gaussian_density(decay * x0, S - decay * S * decay.T, variables)


def _column(name: str, value: Any) -> sp.Matrix:
    return sp.Matrix([checked_expression(f"entry {i} of {name}", entry) for i, entry in enumerate(listed(value))])


def _with_letters(S: sp.MatrixBase) -> tuple[sp.Matrix, dict[sp.Symbol, sp.Expr]]:
    """Return a matrix with a symbol for each long entry, and what they stand for: SymPy's determinants are slow."""
    long = {entry: sp.Dummy() for entry in S if not entry.is_Atom}
    return sp.Matrix(S.rows, S.cols, lambda i, j: long.get(S[i, j], S[i, j])), {x: entry for entry, x in long.items()}


def _may_be_positive_definite(S: sp.MatrixBase) -> bool:
    """Return False if a leading principal minor is known not to be positive (Sylvester's criterion)."""
    plain, entries = _with_letters(S)
    minors = (plain[:k, :k].det(method="berkowitz").xreplace(entries) for k in range(1, S.rows + 1))
    return not any(minor.is_nonpositive or minor.is_real is False or _vanishes(minor) for minor in minors)


def _vanishes(expression: sp.Expr) -> bool:
    """Return whether an expression is identically zero; one that is not shows it at a point, which saves minutes."""
    symbols = sorted(expression.free_symbols, key=str)
    value = expression.xreplace({s: sp.Rational(sp.prime(k + 7), sp.prime(k + 5)) for k, s in enumerate(symbols)}).n(20)
    if value.is_number and value.is_finite and abs(value) > sp.Float("1e-10"):
        return False
    return bool(in_lowest_terms(expression) == 0)


def _check_noise(B: sp.Matrix) -> None:
    if not B.free_symbols and (B != B.T or B.is_positive_semidefinite is False):
        raise DomainError(
            "the noise is no covariance",
            got=f"{B.tolist()!s:.200}",
            allowed="B = G G': symmetric, without negative eigenvalues",
            mend="hand in G * G.T, not G",
        )


def _decay(H: sp.Matrix, t: sp.Symbol) -> sp.Matrix:
    """Return exp(-H t)."""
    if H.is_diagonal():
        return sp.diag(*(sp.exp(-H[i, i] * t) for i in range(H.rows)))
    if H.rows > 2:
        raise DomainError(
            "the exponential of a large symbolic matrix that is not diagonal has no short closed form",
            got=f"a full matrix of size {H.rows}",
            allowed="a diagonal matrix of any size, or any 2x2 matrix",
            mend="turn to the eigenbasis of the matrix first",
        )
    mean = H.trace() / 2
    spread = sp.sqrt(sp.expand(H.trace() ** 2 - 4 * H.det())) / 2  # no denominator under the root
    if spread == 0:
        return sp.exp(-mean * t) * (sp.eye(2) - t * (H - mean * sp.eye(2)))
    slow, fast = sp.exp(-(mean - spread) * t), sp.exp(-(mean + spread) * t)
    return (slow + fast) / 2 * sp.eye(2) - (slow - fast) / (2 * spread) * (H - mean * sp.eye(2))
