"""Moments about zero of the families of ``sympy.stats``, in closed form.

SymPy's own expectation may integrate for minutes, so that only these formulas, and sums over finitely many values, are
used. The parameters stand in the order of ``sympy.stats``.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations_with_replacement
from typing import Any

import sympy as sp
from sympy.functions.combinatorial.numbers import stirling


def moment_of(family: str, order: int, parameters: tuple[sp.Expr, ...]) -> sp.Expr | None:
    """Return E[x**order], or None where it is not known to exist or the family is not among ``MOMENTS``.

    Examples
    --------
    >>> k = sp.Symbol("k", positive=True)
    >>> moment_of("Poisson", 3, (k,))
    k**3 + 3*k**2 + k
    >>> moment_of("StudentT", 4, (sp.Integer(3),)) is None
    True
    """
    if family not in MOMENTS:
        return None
    return sp.Integer(1) if order == 0 else MOMENTS[family](order, *parameters)


def _shifted(order: int, place: sp.Expr, scale: sp.Expr, standard: Callable[[int], sp.Expr]) -> sp.Expr:
    """Return E[(place + scale u)**order] from the moments of u."""
    terms = (
        sp.binomial(order, k) * place ** (order - k) * scale**k * standard(k) if k else place**order
        for k in range(order + 1)
    )
    return sp.expand(sp.Add(*terms))


def _symmetric(even: Callable[[int], sp.Expr]) -> Callable[..., sp.Expr]:
    """Return the moments of place + scale u from those of even order of a symmetric u."""
    return lambda n, place, scale: _shifted(n, place, scale, lambda k: even(k) if k % 2 == 0 else sp.Integer(0))


def _counted(order: int, factorial_moment: Callable[[int], sp.Expr]) -> sp.Expr:
    """Return a moment from the expectations of x (x - 1) ... (x - k + 1)."""
    return sp.expand(sp.Add(*(stirling(order, k) * factorial_moment(k) for k in range(1, order + 1))))


def _homogeneous(order: int, *places: sp.Expr) -> sp.Expr:
    """Return the average of all products of that many factors out of the places, with repetition."""
    products = [sp.Mul(*factors) for factors in combinations_with_replacement(places, order)]
    return sp.expand(sp.Add(*products) / len(products))


def _binomial(order: int, size: sp.Expr, chance: sp.Expr, success: sp.Expr, failure: sp.Expr) -> sp.Expr:
    def successes(k: int) -> sp.Expr:
        return _counted(k, lambda j: _down(size, j) * chance**j)

    return _shifted(order, failure * size, success - failure, successes)


def _existing(formula: Callable[..., sp.Expr]) -> Callable[..., sp.Expr | None]:
    """Return a formula that only holds for orders below the tail's exponent, which stands last."""

    def moment(order: int, *parameters: sp.Expr) -> sp.Expr | None:
        return formula(order, *parameters) if (parameters[-1] - order).is_positive else None

    return moment


def _student(order: int, freedom: sp.Expr) -> sp.Expr:
    if order % 2:
        return sp.Integer(0)
    return sp.Mul(*(freedom * (2 * i - 1) / (freedom - 2 * i) for i in range(1, order // 2 + 1)))


def _falling(order: int, start: sp.Expr) -> sp.Expr:
    """Return (start - 1) (start - 2) ... (start - order)."""
    return sp.Mul(*(start - i for i in range(1, order + 1)))


def _down(start: sp.Expr, order: int) -> sp.Expr:
    """Return start (start - 1) ... (start - order + 1)."""
    return sp.Mul(*(start - i for i in range(order)))


def _rising(start: sp.Expr, order: int) -> sp.Expr:
    """Return start (start + 1) ... (start + order - 1)."""
    return sp.Mul(*(start + i for i in range(order)))


_inverse_gamma = _existing(lambda n, scale, shape: scale**n / _falling(n, shape))

MOMENTS: dict[str, Callable[..., Any]] = {
    "Normal": _symmetric(lambda k: sp.factorial2(k - 1)),
    "Laplace": _symmetric(sp.factorial),
    "Logistic": _symmetric(lambda k: (2**k - 2) * sp.pi**k * abs(sp.bernoulli(k))),
    "Uniform": _homogeneous,
    "Triangular": _homogeneous,
    "Exponential": lambda n, rate: sp.factorial(n) / rate**n,
    "Gamma": lambda n, shape, scale: sp.expand(scale**n * _rising(shape, n)),
    "ChiSquared": lambda n, freedom: sp.expand(2**n * _rising(freedom / 2, n)),
    "Beta": lambda n, alpha, beta: _rising(alpha, n) / _rising(alpha + beta, n),
    "LogNormal": lambda n, mean, deviation: sp.exp(n * mean + n**2 * deviation**2 / 2),
    "Rayleigh": lambda n, scale: scale**n * sp.sqrt(2) ** n * sp.gamma(1 + sp.Rational(n, 2)),
    "Maxwell": lambda n, scale: (
        scale**n * sp.sqrt(2) ** n * sp.gamma(sp.Rational(n + 3, 2)) / sp.gamma(sp.Rational(3, 2))
    ),
    "Weibull": lambda n, scale, shape: scale**n * sp.gamma(1 + n / shape),
    "StudentT": _existing(_student),
    "Pareto": _existing(lambda n, least, tail: tail * least**n / (tail - n)),
    "GammaInverse": lambda n, shape, scale: _inverse_gamma(n, scale, shape),
    "Bernoulli": lambda n, chance, success, failure: sp.expand(chance * success**n + (1 - chance) * failure**n),
    "Binomial": _binomial,
    "BetaBinomial": lambda n, size, alpha, beta: _counted(
        n, lambda k: _down(size, k) * _rising(alpha, k) / _rising(alpha + beta, k)
    ),
    "Hypergeometric": lambda n, size, marked, drawn: _counted(
        n, lambda k: sp.Integer(0) if (size - k).is_negative else _down(marked, k) * _down(drawn, k) / _down(size, k)
    ),
    "Poisson": lambda n, rate: _counted(n, lambda k: rate**k),
    "Geometric": lambda n, chance: _counted(n, lambda k: sp.factorial(k) * (1 - chance) ** (k - 1) / chance**k),
}
