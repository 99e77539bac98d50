"""From a formula of one pair of modes to an identity between matrices.

A value f(lambda_i, lambda_j) C_ij with f = numerator/denominator rational is the solution X of

    denominator(L, R) X = numerator(L, R) C,

where L multiplies by the Hessian from the left, R from the right, and lambda_i, lambda_j are replaced by L, R.
Powers with a symbolic exponent and exponentials of one mode become matrix functions that are multiplied in the
same way. No eigenvector is needed, so the identity serves symbols and automatic derivatives alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import sympy as sp

from sgdtheory.symbols import lambda_i, lambda_j


@dataclass(frozen=True)
class Atom:
    """A function of one mode that is not rational: base**exponent or exp(base * exponent)."""

    kind: str  # "power" or "exp"
    base: sp.Expr  # a polynomial in lambda_i, of powers affine
    exponent: sp.Expr


Terms = tuple[tuple[sp.Expr, tuple[int, ...], tuple[int, ...]], ...]


@dataclass(frozen=True)
class OperatorForm:
    """Numerator and denominator as sums of (coefficient, powers on the left, powers on the right).

    The generators, to which the powers refer, are lambda followed by the atoms.
    """

    atoms: tuple[Atom, ...]
    numerator: Terms
    denominator: Terms


@lru_cache(maxsize=256)
def operator_form(factor: sp.Expr) -> OperatorForm:
    """Return the operator form of a function of lambda_i and lambda_j.

    Examples
    --------
    >>> operator_form(1 / (lambda_i + lambda_j)).denominator
    ((1, (1,), (0,)), (1, (0,), (1,)))
    """
    factor = sp.expand_power_exp(sp.expand_power_base(sp.powdenest(factor)))
    factor = factor.replace(lambda e: isinstance(e, sp.exp), lambda e: sp.exp(sp.expand(e.exp)).expand(power_exp=True))
    replaced: dict[sp.Expr, sp.Dummy] = {}
    kinds: dict[Atom, tuple[sp.Dummy, sp.Dummy]] = {}
    for power in factor.atoms(sp.Pow, sp.exp):
        modes = power.free_symbols & {lambda_i, lambda_j}
        if not modes or (isinstance(power, sp.Pow) and power.exp.is_Integer and not isinstance(power, sp.exp)):
            continue
        if len(modes) > 1:
            raise NotImplementedError(f"{power} couples two modes")
        (mode,) = modes
        atom = _atom(power.subs(mode, lambda_i))
        left, right = kinds.setdefault(atom, (sp.Dummy(), sp.Dummy()))
        replaced[power] = left if mode == lambda_i else right
    lefts = (lambda_i, *(pair[0] for pair in kinds.values()))
    rights = (lambda_j, *(pair[1] for pair in kinds.values()))
    numerator, denominator = sp.fraction(sp.cancel(sp.together(factor.xreplace(replaced))))

    def terms(expression: sp.Expr) -> Terms:
        polynomial = sp.Poly(expression, *lefts, *rights)
        n = len(lefts)
        return tuple((coefficient, powers[:n], powers[n:]) for powers, coefficient in polynomial.terms())

    return OperatorForm(tuple(kinds), terms(numerator), terms(denominator))


def _atom(power: sp.Expr) -> Atom:
    if isinstance(power, sp.exp):
        return Atom("exp", power.exp / lambda_i, sp.Integer(1))
    return Atom("power", power.base, power.exp)


def linear_parts(value: sp.Expr, inputs: Mapping[sp.Expr, str]) -> dict[str, sp.Expr]:
    """Split a value that is linear in some inputs into their factors, by the inputs' names."""
    dummies = {expression: sp.Dummy() for expression in inputs}
    opened = value.xreplace(dummies)
    parts = {name: sp.diff(opened, dummies[expression]) for expression, name in inputs.items()}
    rest = opened.xreplace({dummy: sp.Integer(0) for dummy in dummies.values()})
    if rest != 0 or any(part.has(*dummies.values()) for part in parts.values()):
        raise NotImplementedError(f"{value} is not linear in {list(inputs)}")
    return {name: part for name, part in parts.items() if part != 0}
