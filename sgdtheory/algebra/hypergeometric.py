"""Power series as hypergeometric functions: built from the ratio of their terms, expanded in a small parameter.

A series whose terms T_0 = 1, T_1, ... have a ratio T_(j+1)/T_j that is rational in j is a hypergeometric function. As a
parameter tends to zero it is expanded where its argument stays finite though its upper parameters grow, which is how
sums of finitely many terms turn into power series, and where its argument runs to minus infinity.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from sgdtheory.algebra.derivation import tidy

Terms = tuple[int, list[sp.Expr]]  # the lowest power and the coefficients that are known


def from_ratio(ratio: sp.Expr, index: sp.Symbol) -> sp.Expr:
    """Return the sum of the terms T_0 = 1, T_1, ... with this ratio T_(j+1)/T_j, j being the index.

    Numerator and denominator must factor into terms that are linear in the index.

    Examples
    --------
    >>> j, x = sp.Symbol("j"), sp.Symbol("x")
    >>> from_ratio(-x / ((j + 1) * (j + 2)), j)
    hyper((), (2,), -x)
    """
    above, below = (_roots(part, index) for part in sp.together(ratio).as_numer_denom())
    argument = tidy(above[0] / below[0])
    upper, lower = above[1], below[1]
    if sp.S.One in lower:
        lower.remove(sp.S.One)  # it makes the factorial
    else:
        upper.append(sp.S.One)
    return sp.hyper(sorted(upper, key=sp.default_sort_key), sorted(lower, key=sp.default_sort_key), argument)


def _roots(polynomial: sp.Expr, index: sp.Symbol) -> tuple[sp.Expr, list[sp.Expr]]:
    """Return c and a_1, a_2, ... of c (index + a_1) (index + a_2) ..."""
    number, factors = sp.factor_list(polynomial, index)
    found: list[sp.Expr] = []
    for factor, times in factors:
        slope, constant = sp.Poly(factor, index).all_coeffs()  # of degree one
        number *= slope**times
        found += [constant / slope] * times
    return number, found


def as_bessel(function: sp.Expr) -> sp.Expr:
    """Return 0F1(; b; -x) as a Bessel function of 2 sqrt(x), for x that is not negative; all else as it is.

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> as_bessel(sp.hyper((), (2,), -(x**2)))
    besselj(1, 2*x)/x
    """
    if not isinstance(function, sp.hyper) or function.ap or len(function.bq) != 1:
        return function
    (lower,), root = function.bq, sp.powdenest(sp.sqrt(-function.argument))
    if not root.is_nonnegative or root.is_zero:
        return function
    return sp.gamma(lower) * root ** (1 - lower) * sp.besselj(lower - 1, 2 * root)


def expanded(node: sp.hyper, small: sp.Symbol, count: int, terms: Callable[[sp.Expr], Terms]) -> Terms | None:
    """Return the expansion of a hypergeometric function in a small parameter, None where it has none that is known.

    Parameters
    ----------
    node
        The function.
    small
        The parameter; it tends to zero from above.
    count
        Coefficients to be worked out.
    terms
        From an expression to its own expansion.
    """
    start, found = terms(node.argument)
    if start < 0 and not any(parameter.has(small) for parameter in (*node.ap, *node.bq)):
        return _far(node, small, found[0], start) if node.argument == found[0] * small**start else None
    return _confluent(node, count, terms)


def _confluent(node: sp.hyper, count: int, terms: Callable[[sp.Expr], Terms]) -> Terms | None:
    """Expand the terms of the series one by one, and sum each order again.

    Each term is that of the limit, times a series in the small parameter whose coefficients are polynomials in j.
    """
    j = sp.Dummy("j", integer=True, nonnegative=True)
    power, ratio = _relative(terms(node.argument), sp.S.Zero)
    limit, upper, lower = ratio[0], [], []
    ratio = [part / limit for part in ratio]
    for parameters, kept, sign in ((node.ap, upper, 1), (node.bq, lower, -1)):
        for parameter in parameters:
            start, found = terms(parameter)
            if start >= 0 and not any(found[1:]):
                kept.append(found[0])
                continue
            start, found = _relative((start, found), j)
            power, limit = power + sign * start, limit * found[0] ** sign
            found = [part / found[0] for part in found]
            ratio = _product(ratio, found if sign > 0 else _inverse(found))
    if power != 0 or limit.has(j):
        return None
    logs = [_added_up(part, j) for part in _logarithm(ratio[:count])]
    return 0, [_summed(part, j, upper, lower, limit) for part in _exponential(logs)]


def _relative(series: Terms, shift: sp.Expr) -> Terms:
    """Return a series plus a shift."""
    start, found = series
    return start, [part + (shift if start + place == 0 else 0) for place, part in enumerate(found)]


def _product(first: list[sp.Expr], second: list[sp.Expr]) -> list[sp.Expr]:
    count = min(len(first), len(second))
    return [sp.expand(sum(first[i] * second[n - i] for i in range(n + 1))) for n in range(count)]


def _inverse(series: list[sp.Expr]) -> list[sp.Expr]:
    """Return one over a series that begins with one."""
    found = [sp.S.One]
    for n in range(1, len(series)):
        found.append(sp.expand(-sum(series[i] * found[n - i] for i in range(1, n + 1))))
    return found


def _logarithm(series: list[sp.Expr]) -> list[sp.Expr]:
    """Return the logarithm of a series that begins with one."""
    found = [sp.S.Zero]
    for n in range(1, len(series)):
        found.append(sp.expand(series[n] - sum(i * found[i] * series[n - i] for i in range(1, n)) / n))
    return found


def _exponential(series: list[sp.Expr]) -> list[sp.Expr]:
    """Return the exponential of a series that begins with zero."""
    found = [sp.S.One]
    for n in range(1, len(series)):
        found.append(sp.expand(sum(i * series[i] * found[n - i] for i in range(1, n + 1)) / n))
    return found


def _added_up(polynomial: sp.Expr, index: sp.Symbol) -> sp.Expr:
    """Return the sum of a polynomial's values at 0 ... index - 1."""
    i = sp.Dummy("i", integer=True, nonnegative=True)
    return sp.expand(sp.summation(polynomial.xreplace({index: i}), (i, 0, index - 1)))


def _summed(
    polynomial: sp.Expr, index: sp.Symbol, upper: list[sp.Expr], lower: list[sp.Expr], argument: sp.Expr
) -> sp.Expr:
    """Return the sum of the terms of a hypergeometric function, each times a polynomial in its number.

    The polynomial is written in falling powers j (j - 1) ..., each of which moves all parameters by one.
    """
    total, order, rest = sp.S.Zero, 0, polynomial
    while rest != 0:
        weight = rest.subs(index, 0) / sp.factorial(order)
        shifted = as_bessel(sp.hyper([a + order for a in upper], [b + order for b in lower], argument))
        steps = sp.Mul(*(sp.rf(a, order) for a in upper)) / sp.Mul(*(sp.rf(b, order) for b in lower))
        total += weight * argument**order * steps * shifted
        rest, order = sp.expand(rest.subs(index, index + 1) - rest), order + 1
    return total


def _far(node: sp.hyper, small: sp.Symbol, lead: sp.Expr, start: int) -> Terms | None:
    """Expand where the argument is minus infinity: the residues of the Mellin-Barnes integral at its simple poles.

    What comes after the first double pole, which brings a logarithm, or the first oscillation is not known.
    """
    upper, lower = node.ap, node.bq
    if not upper or len(lower) != len(upper) + 1 or not all(p.is_Integer and p > 0 for p in upper):
        return None
    if not (-lead).is_positive:
        return None
    shared = [other for place, other in enumerate(sorted(upper)) if place]
    oscillation = (sum(lower) - sum(upper) - sp.S.Half) / 2
    beyond = min([*shared, sp.floor(oscillation)])
    found = []
    for exponent in range(1, int(beyond)):
        terms = [exponent - a for a in upper if a <= exponent]
        others = sp.Mul(*(sp.gamma(a - exponent) for a in upper if a > exponent))
        below = sp.Mul(*(1 / sp.gamma(b - exponent) for b in lower))
        residue = (-1) ** terms[0] / sp.factorial(terms[0]) if terms else sp.S.Zero
        found.append(sp.gamma(exponent) * residue * others * below * (-lead) ** (-exponent))
    scale = sp.Mul(*map(sp.gamma, lower)) / sp.Mul(*map(sp.gamma, upper))
    coefficients = [sp.S.Zero] * (-start * int(beyond))
    for exponent, value in enumerate(found, 1):
        coefficients[-start * exponent] = scale * value
    return 0, coefficients
