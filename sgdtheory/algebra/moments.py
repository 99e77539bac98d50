"""Expectations of polynomials in correlated random symbols, from their means, covariances and higher cumulants.

Every moment follows from the cumulants by one recursion over monomials,

    E[x x^a] = sum over b <= a of  binomial(a, b) kappa(x x^b) E[x^(a - b)],

which only visits the cumulants that are not zero. For Gaussian symbols it is Stein's identity
E[x f] = E[x] E[f] + sum_y Cov[x, y] E[df/dy], and its full expansion is the theorem of Isserlis and Wick.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from math import comb, prod
from typing import Literal

import sympy as sp
from sympy.polys.rings import PolyElement, PolyRing

from sgdtheory.algebra.expressions import checked_expression
from sgdtheory.errors import DomainError, check_type

Means = Mapping[sp.Symbol, sp.Expr]
Covariances = Mapping[tuple[sp.Symbol, sp.Symbol], sp.Expr]
Higher = Literal["gaussian"] | Mapping[tuple[sp.Symbol, ...], sp.Expr] | None
Powers = tuple[int, ...]


def expectation(expression: sp.Expr, means: Means, covariances: Covariances, *, higher: Higher = None) -> sp.Expr:
    """Return the exact expectation of a polynomial in random symbols.

    Parameters
    ----------
    expression
        Polynomial in the random symbols; any other symbol in it is a constant.
    means
        The mean of each random symbol.
    covariances
        The covariance of each pair, in either order; pairs left out are uncorrelated.
    higher
        What is known beyond the covariances. ``None``: nothing, so the degree may not exceed two.
        ``"gaussian"``: the symbols are jointly Gaussian. A mapping from tuples of three or more symbols, in any order,
        to joint cumulants: those left out are zero.

    Raises
    ------
    DomainError
        If the expression is no polynomial in the random symbols, if its degree exceeds two and nothing is known of
        higher moments, or if a covariance or cumulant names a symbol without a mean or is given twice.
    NonFiniteError
        If a mean, covariance or cumulant is infinite or not a number.

    Examples
    --------
    >>> x, y, c = sp.symbols("x y c")
    >>> expectation((x + 2 * y) ** 2, {x: 0, y: 0}, {(x, x): 1, (y, y): 1, (x, y): c})
    4*c + 5
    >>> expectation(x**2 * y**2, {x: 0, y: 0}, {(x, x): 1, (y, y): 1, (x, y): c}, higher="gaussian")
    2*c**2 + 1
    >>> expectation(x**4, {x: 0}, {(x, x): 1}, higher={(x, x, x, x): 6})
    9
    """
    check_type("means", means, Mapping)
    check_type("covariances", covariances, Mapping)
    cumulants = _cumulants(means, covariances, higher)
    polynomial = polynomial_in(list(means) or [sp.Dummy("none")], "the expression", expression)
    degree = max((sum(powers) for powers in polynomial.monoms()), default=0)
    if higher is None and degree > 2:
        raise DomainError(
            f"an expectation of degree {degree} needs moments beyond the covariance",
            got=expression,
            allowed="degree at most two while nothing is known of higher moments",
            mend='pass higher="gaussian" or the joint cumulants of order three and more',
        )
    moment, values = moment_function(cumulants, max(len(means), 1))
    terms = [coefficient * moment(powers).as_expr(*values) for powers, coefficient in polynomial.terms()]
    return sp.expand(sp.Add(*terms))


def covariance(
    first: sp.Expr, second: sp.Expr, means: Means, covariances: Covariances, *, higher: Higher = None
) -> sp.Expr:
    """Return the covariance of two polynomials in random symbols; without ``higher`` both must be linear.

    The arguments and errors are those of :func:`expectation`.

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> covariance(x + y, y, {x: 0, y: 7}, {(y, y): 5, (x, y): -2})
    3
    >>> covariance(x**2, x**2, {x: 0}, {(x, x): 1}, higher="gaussian")
    2
    """
    parts = [checked_expression(name, part) for name, part in (("first", first), ("second", second))]
    product = expectation(sp.Mul(*parts), means, covariances, higher=higher)
    apart = [expectation(part, means, covariances, higher=higher) for part in parts]
    return sp.expand(product - apart[0] * apart[1])


def moment_function(
    cumulants: Mapping[Powers, sp.Expr], count: int
) -> tuple[Callable[[Powers], PolyElement], list[sp.Expr]]:
    """Return the moments of ``count`` random symbols as a function of the powers of a monomial.

    A moment is a polynomial over the rationals in as many unknowns as there are different cumulants that are no
    rational numbers; the second result lists what these unknowns stand for. Whatever the cumulants look like, the
    recursion then only multiplies polynomials.
    """
    unknowns = list(dict.fromkeys(value for value in cumulants.values() if not value.is_Rational))
    ring = PolyRing([f"u{i}" for i in range(max(len(unknowns), 1))], sp.QQ, sp.lex)
    element = dict(zip(unknowns, ring.gens, strict=False))
    rows: list[list[tuple[Powers, PolyElement]]] = [[] for _ in range(count)]
    for powers, value in cumulants.items():
        for place in range(count):
            if powers[place] and value != 0:
                inside = element[value] if value in element else ring(sp.QQ(value.p, value.q))
                rows[place].append((_lowered(powers, place), inside))
    known: dict[Powers, PolyElement] = {(0,) * count: ring.one}

    def moment(powers: Powers) -> PolyElement:
        if powers not in known:
            first = next(place for place, power in enumerate(powers) if power)
            rest = _lowered(powers, first)
            total = ring.zero
            for taken, value in rows[first]:
                if all(b <= a for a, b in zip(rest, taken, strict=True)):
                    ways = prod(comb(a, b) for a, b in zip(rest, taken, strict=True))
                    total += value * moment(tuple(a - b for a, b in zip(rest, taken, strict=True))) * ways
            known[powers] = total
        return known[powers]

    return moment, unknowns or [sp.Integer(0)]


def _lowered(powers: Powers, place: int) -> Powers:
    return (*powers[:place], powers[place] - 1, *powers[place + 1 :])


def powers_of(names: Sequence[sp.Symbol], key: Sequence[sp.Symbol]) -> Powers:
    """Return how often each of the names stands in a tuple of symbols.

    Examples
    --------
    >>> x, y, z = sp.symbols("x y z")
    >>> powers_of([x, y, z], (y, x, y))
    (1, 2, 0)
    """
    counts = Counter(key)
    return tuple(counts[name] for name in names)


def _cumulants(means: Means, covariances: Covariances, higher: Higher) -> dict[Powers, sp.Expr]:
    """Return all cumulants by the powers of their monomial."""
    if higher is not None and higher != "gaussian" and not isinstance(higher, Mapping):
        raise DomainError(
            "unknown kind of higher moments",
            got=repr(higher)[:60],
            allowed="None, 'gaussian' or a mapping of joint cumulants",
            mend="see the documentation of expectation",
        )
    names = list(means)
    found: dict[Powers, sp.Expr] = {}
    _collect(found, names, "mean", 1, 1, {(name,): value for name, value in means.items()})
    _collect(found, names, "covariance", 2, 2, covariances)
    if isinstance(higher, Mapping):
        _collect(found, names, "cumulant", 3, None, higher)
    return found


def _collect(
    found: dict[Powers, sp.Expr],
    names: list[sp.Symbol],
    kind: str,
    least: int,
    most: int | None,
    given: Mapping[tuple[sp.Symbol, ...], sp.Expr],
) -> None:
    """Add the given cumulants of order ``least`` to ``most`` to those found."""
    for key, value in given.items():
        if (
            not isinstance(key, tuple)
            or len(key) < least
            or (most is not None and len(key) > most)
            or not all(isinstance(name, sp.Expr) for name in key)
            or not set(key) <= set(names)
        ):
            count = f"{least} symbols" if most else f"{least} or more symbols"
            raise DomainError(
                f"the key of a {kind} must be a tuple of random symbols",
                got=key,
                allowed=f"{count} out of {', '.join(map(str, names))}",
                mend="give every random symbol a mean, and check the names and assumptions of the symbols",
            )
        powers = powers_of(names, key)
        value = checked_expression(f"the {kind} of {', '.join(map(str, key))}", value)
        if sp.expand(found.setdefault(powers, value) - value) != 0:
            raise DomainError(
                f"a {kind} is given twice with different values",
                got=f"{key}: {found[powers]} and {value}",
                allowed="one value, whatever the order of the symbols",
                mend="remove one of them",
            )


def polynomial_in(symbols: Sequence[sp.Symbol], name: str, expression: sp.Expr) -> sp.Poly:
    """Return an expression as a polynomial in some symbols; ``name`` says in an error what it is.

    Raises
    ------
    DomainError
        If it is no expression, or no polynomial.
    NonFiniteError
        If it holds a NaN or an infinity.

    Examples
    --------
    >>> x, a = sp.symbols("x a")
    >>> polynomial_in([x], "the step", (x + a) ** 2).coeff_monomial(x)
    2*a
    """
    polynomial = checked_expression(name, expression).as_poly(*symbols)
    if polynomial is None:
        raise DomainError(
            f"{name} is no polynomial in {', '.join(map(str, symbols))}",
            got=expression,
            allowed="sums of products of powers of these symbols",
            mend="expand it first, for example in a Taylor series",
        )
    return polynomial
