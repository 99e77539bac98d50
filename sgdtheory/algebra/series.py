"""Exact expansions in a small parameter, and the leading error of a limit.

An expansion is a list of coefficients, SymPy expressions free of the small parameter, from a lowest power upwards.
Sums, products, powers, exponentials, logarithms and smooth functions of expansions are expansions again. The exponent
of a power may depend on the small parameter: ``(1 - x)**(s/x)`` is ``exp(-s) (1 - s x/2 + ...)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from sgdtheory.algebra import hypergeometric
from sgdtheory.algebra.derivation import tidy
from sgdtheory.algebra.expressions import checked_expression
from sgdtheory.algebra.identities import is_decided, is_zero
from sgdtheory.algebra.numerical_check import UndecidedError, looks_zero
from sgdtheory.algebra.truncated_series import Terms, composed, plus, settled, times
from sgdtheory.closed_form import index_letters
from sgdtheory.errors import DomainError, SGDTheoryError
from sgdtheory.symbols import glossary

if TYPE_CHECKING:
    from sgdtheory.closed_form import ClosedForm

MOST_TERMS = 24  # coefficients worked out before an expression is taken to be too flat


class SeriesError(SGDTheoryError):
    """An expression has no expansion in whole powers of the small parameter."""


class _TooFewTerms(Exception):  # noqa: N818  (no error: the caller starts again with more terms)
    """The terms worked out so far all vanish where a leading one is needed."""


@dataclass(frozen=True)
class Expansion:
    """The first terms of an expression in a small parameter.

    Attributes
    ----------
    small
        The parameter; it tends to zero from above.
    order
        Power of the first term, which is not zero.
    coefficients
        Of this power and the following ones.
    """

    small: sp.Symbol
    order: int
    coefficients: tuple[sp.Expr, ...]

    @property
    def expression(self) -> sp.Expr:
        """The sum of the terms."""
        powers = range(self.order, self.order + len(self.coefficients))
        return sp.Add(*(c * self.small**power for power, c in zip(powers, self.coefficients, strict=True)))


def expansion(expression: sp.Expr, small: sp.Symbol, terms: int) -> Expansion:
    """Return the first terms of an expression as a parameter tends to zero from above.

    Parameters
    ----------
    expression
        Built of arithmetic, powers, ``exp``, ``log``, ``Abs`` and smooth functions of one argument.
    small
        The parameter.
    terms
        How many, counted from the first that is not zero.

    Raises
    ------
    SeriesError
        If the expression is zero, or has no expansion in whole powers.

    Examples
    --------
    >>> x, s = sp.symbols("x s", positive=True)
    >>> expansion((1 - x) ** (s / x), x, 2).coefficients
    (exp(-s), -s*exp(-s)/2)
    >>> expansion(-1 / sp.log(1 - x), x, 3).expression
    -x/12 - 1/2 + 1/x
    """
    expression = checked_expression("the expression", expression)
    if not isinstance(small, sp.Symbol):
        raise DomainError(
            "the small parameter is no symbol",
            got=repr(small)[:60],
            allowed="a SymPy symbol",
            mend="hand in the symbol",
        )
    found = _expanded(expression, small, terms)
    if any(coefficient.has(small) for coefficient in found.coefficients):
        raise _refusal(expression, small, "log is not smooth at 0")
    return found


def _expanded(expression: sp.Expr, small: sp.Symbol, terms: int) -> Expansion:
    """Return the first terms, among whose coefficients the logarithm of the small parameter may be."""
    for count in range(terms, MOST_TERMS + 1, 2):
        try:
            start, found = _stripped(*_terms(expression, small, count, expression), small, expression)
        except _TooFewTerms:
            continue
        if len(found) >= terms:
            return Expansion(small, start, tuple(settled(c) for c in found[:terms]))
        if not found:
            _refuse_zero(expression, small, expression, "it")
    raise _refusal(expression, small, f"its first {MOST_TERMS} terms vanish")


def leading_term(expression: sp.Expr, small: sp.Symbol) -> tuple[int, sp.Expr]:
    """Return the power and the coefficient of the leading term as a parameter tends to zero from above.

    Raises
    ------
    SeriesError
        If the expression is zero, or has no expansion in whole powers.

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> leading_term(sp.exp(x) - 1 / (1 - x), x)
    (2, -1/2)
    """
    found = expansion(expression, small, 1)
    return found.order, found.coefficients[0]


@dataclass(frozen=True)
class LeadingError:
    """By how much a limit is wrong, to leading order.

    Attributes
    ----------
    order
        Power of the small parameter in the remainder, exact minus value, at fixed values of what the limit holds fixed.
    exact_order
        Power of the small parameter in the exact value.
    is_limit
        Whether the value has the leading term of the exact one, or both vanish: it is a limit, and not only near.
    term
        Leading term of the remainder, in the symbols of the closed form.
    factor
        The value over the exact one up to the first term that is not one. None where this is no rational function: the
        value is zero, or is made of parts that decay differently.
    direction
        ``"low"`` or ``"high"``: the value is smaller or larger in size than the exact one, for all parameters. None
        where that depends on them.
    summed
        Letters of the modes that the result sums over: term, factor and direction are those of one such mode.
    """

    order: int
    exact_order: int
    is_limit: bool
    term: sp.Expr
    factor: sp.Expr | None
    direction: str | None
    summed: str


def leading_error(form: ClosedForm) -> LeadingError:
    """Return by how much a limit is wrong, from the expansion of the exact result that it approximates.

    Parameters
    ----------
    form
        An ASYMPTOTIC closed form.

    Raises
    ------
    DomainError
        If the form is no limit.
    SeriesError
        If its remainder has no expansion in whole powers, or vanishes.

    Examples
    --------
    >>> from sgdtheory.catalogue import results
    >>> error = leading_error(results["quadratic.stationary_excess_loss_diffusion"])
    >>> error.order, error.term, error.factor, error.direction
    (2, C_ii*eta**2*lambda_i/(8*m), -eta*lambda_i/2 + 1, 'low')
    """
    if form.limit is None:
        raise DomainError(
            "only a limit has a leading error",
            got=f"{form.name}, which is {form.kind.value}",
            allowed="an ASYMPTOTIC closed form",
            mend="choose one of those that `sgdtheory list --kind asymptotic` shows",
        )
    small, exact = form.limit.small, form.limit.exact.value
    there, back = _scaled(form)
    # Coefficients may hold the logarithm of the small parameter: exact values may grow with it, values miss its factor.
    (order, remainder), (exact_order, leading) = (
        (found.order, found.coefficients[0])
        for found in (_expanded(e.xreplace(there), small, 1) for e in (exact - form.value, exact))
    )
    relative = tidy(remainder / leading)
    whole = form.value != 0 and not relative.atoms(sp.Function)
    return LeadingError(
        order=order,
        exact_order=exact_order,
        is_limit=order > (exact_order if form.value != 0 else 0),
        term=_in_order(tidy((remainder * small**order).xreplace(back))),
        factor=1 - tidy((relative * small ** (order - exact_order)).xreplace(back)) if whole else None,
        direction={True: "low", False: "high", None: None}[_is_positive(relative, form.domain)],
        summed="".join(sorted(set(index_letters(exact)) - set(glossary[form.symbol].indices))),
    )


def _scaled(form: ClosedForm) -> tuple[dict[sp.Symbol, sp.Expr], dict[sp.Symbol, sp.Expr]]:
    """Return how parameters move with the small one, in terms of what is held fixed, and the way back."""
    there, back = {}, {}
    for word, power in form.limit.scaling.items():
        for symbol in dict.fromkeys((*form.parameters.get(word, ()), *form.limit.exact.parameters.get(word, ()))):
            fixed = sp.Dummy(symbol.name, positive=True)
            there[symbol], back[fixed] = fixed * form.limit.small**power, symbol / form.limit.small**power
    return there, back


def _is_positive(expression: sp.Expr, domain: tuple[sp.Rel, ...]) -> bool | None:
    """Return the sign of a nonzero expression if the symbols' assumptions decide it, alone or with one relation."""
    excess = sp.Dummy("excess", nonnegative=True)
    bounds = [
        (relation.gts, relation.lts + excess)
        for relation in domain
        if isinstance(relation, sp.Le | sp.Lt | sp.Ge | sp.Gt) and relation.gts.is_Symbol
    ]
    for bound in [(), *bounds]:
        bounded = sp.factor(expression.subs(*bound)) if bound else expression
        if bounded.is_nonnegative or bounded.is_nonpositive:
            return bool(bounded.is_nonnegative)
    return None


def _in_order(expression: sp.Expr) -> sp.Expr:
    """Return a product with its sums ordered by exponentials."""
    decays = sorted(expression.atoms(sp.exp), key=sp.default_sort_key)
    factors = sp.Mul.make_args(expression)
    return sp.Mul(*(sp.collect(f, decays, func=sp.factor) if f.is_Add and decays else f for f in factors))


def _terms(node: sp.Expr, small: sp.Symbol, count: int, whole: sp.Expr) -> Terms:
    """Return the lowest power and the coefficients that are known of a node of the expression ``whole``."""
    if not node.has(small) or node == sp.log(small):
        return 0, [node] + [sp.S.Zero] * (count - 1)
    if node == small:
        return 1, [sp.S.One] + [sp.S.Zero] * (count - 1)
    if node.is_Add or node.is_Mul:
        join = plus if node.is_Add else times
        parts = [_terms(argument, small, count, whole) for argument in node.args]
        total = parts[0]
        for part in parts[1:]:
            total = join(total, part)
        return total
    if isinstance(node, sp.Pow):
        return _power(node, small, count, whole)
    if isinstance(node, sp.Abs):
        start, found = _leading(node.args[0], small, count, whole)
        if not found[0].is_positive and not found[0].is_negative:
            raise _refusal(whole, small, f"the sign of {node.args[0]} is not known for small {small}")
        return start, found if found[0].is_positive else [-c for c in found]
    if isinstance(node, sp.log):
        start, found = _leading(node.args[0], small, count, whole)
        smooth = _function(sp.log, (0, found), small, whole)
        return smooth if start == 0 else plus((0, [start * sp.log(small)] + [sp.S.Zero] * (count - 1)), smooth)
    if isinstance(node, sp.Function) and not any(argument.has(small) for argument in node.args[:-1]):
        inner = _terms(node.args[-1], small, count, whole)
        if inner[0] < 0 and hasattr(node.func, "for_large"):
            return _terms(node.func.for_large(*node.args, count), small, count, whole)
        if len(node.args) == 1:
            return _function(node.func, inner, small, whole)
    if isinstance(node, sp.hyper):
        found = hypergeometric.expanded(node, small, count, lambda part: _terms(part, small, count, whole))
        if found is not None:
            return found
    raise _refusal(whole, small, f"{node.func.__name__} of {small} has none that is known")


def _power(node: sp.Pow, small: sp.Symbol, count: int, whole: sp.Expr) -> Terms:
    base, exponent = node.args
    if exponent.has(small):
        logarithm = sp.log(base) if base.has(small) else None
        found = _terms(logarithm, small, count, whole) if logarithm else (0, [sp.log(base)] + [sp.S.Zero] * (count - 1))
        return _function(sp.exp, times(_terms(exponent, small, count, whole), found), small, whole)
    start, found = _leading(base, small, count, whole)
    shift = start * exponent
    if not shift.is_Integer:
        raise _refusal(whole, small, f"{node} is not a whole power of {small} times a smooth function")
    lead, rest = found[0], [sp.S.Zero] + [c / found[0] for c in found[1:]]
    taylor = [sp.ff(exponent, k) / sp.factorial(k) for k in range(len(found))]
    return int(shift), [lead**exponent * c for c in composed(taylor, rest)]


def _function(function: type[sp.Function], inner: Terms, small: sp.Symbol, whole: sp.Expr) -> Terms:
    """Return a smooth function of an expansion, by its Taylor coefficients where the small parameter is zero."""
    start, found = _stripped(*inner, small, whole)
    if start < 0 and not found:
        raise _TooFewTerms
    if start < 0 and function is sp.exp and settled(found[0]).is_negative:
        return 0, [sp.S.Zero] * len(found)  # smaller than every power
    if start < 0 and function is sp.erf and settled(found[0]).is_positive:
        return 0, [sp.S.One] + [sp.S.Zero] * (len(found) - 1)  # one, but for what is smaller than every power
    if start < 0:
        raise _refusal(whole, small, f"{function.__name__} of something that grows without bound")
    if start + len(found) == 0:
        raise _TooFewTerms
    found = [sp.S.Zero] * start + found
    centre = settled(found[0])
    if centre.has(small):
        raise _refusal(whole, small, f"{function.__name__} is not smooth at 0, nor at infinity")
    x = sp.Dummy("x", real=True)
    taylor, derivative = [], function(x)
    for k in range(len(found)):
        taylor.append(derivative.subs(x, centre) / sp.factorial(k))
        if taylor[-1].has(sp.zoo, sp.nan, sp.oo, -sp.oo, sp.Derivative, sp.DiracDelta):
            raise _refusal(whole, small, f"{function.__name__} is not smooth at {centre}")
        derivative = sp.diff(derivative, x)
    return 0, composed(taylor, [sp.S.Zero, *found[1:]])


def _leading(node: sp.Expr, small: sp.Symbol, count: int, whole: sp.Expr) -> Terms:
    """Return the terms of a node from the first that is not zero."""
    start, found = _stripped(*_terms(node, small, count, whole), small, whole)
    if not found:
        _refuse_zero(node, small, whole, str(node))
        raise _TooFewTerms
    return start, [settled(c) for c in found]


def _stripped(start: int, found: list[sp.Expr], small: sp.Symbol, whole: sp.Expr) -> Terms:
    """Return the terms from the first that is not zero; what cannot be told from zero is refused."""
    for place, coefficient in enumerate(found):
        if not is_zero(coefficient):
            if _may_vanish(coefficient):
                raise _refusal(whole, small, f"cannot decide whether {coefficient} is zero")
            return start + place, found[place:]
    return start + len(found), []


def _may_vanish(coefficient: sp.Expr) -> bool:
    """Return whether an expression that is not proved to be zero may be zero for all that its values show."""
    if is_decided(coefficient):
        return False
    try:
        return looks_zero(coefficient)
    except UndecidedError:
        return True


def _refuse_zero(node: sp.Expr, small: sp.Symbol, whole: sp.Expr, name: str) -> None:
    """Refuse what is zero, or zero at all points: more terms would not show a first one."""
    if is_zero(node):
        raise _refusal(whole, small, f"{name} is zero")
    try:
        vanishes = not is_decided(node) and looks_zero(node)
    except UndecidedError:
        return
    if vanishes:
        raise _refusal(whole, small, f"{name} is zero at all points that were tried")


def _refusal(expression: sp.Expr, small: sp.Symbol, found: str) -> SeriesError:
    return SeriesError(
        f"no expansion in whole powers of {small}",
        got=f"{expression}: {found}",
        allowed="arithmetic, powers, exp, log and smooth functions, with a leading term that is not zero",
        mend=f"scale the parameters that must grow or shrink with {small}, or expand a part of the expression",
    )
