"""Decide whether an expression is zero: rational functions, and those of powers with symbolic exponents."""

from __future__ import annotations

import sympy as sp

from sgdtheory.errors import check_type


def is_zero(expression: sp.Expr) -> bool:
    """Return whether the numerator of an expression expands to zero.

    Powers with a symbolic exponent are first written in independent atoms, one for each irreducible factor of their
    base, so that the test is one of rational functions. A base is split only where that is true: for an integer
    exponent, or where no more than one factor may be negative or complex.

    Examples
    --------
    >>> x, n = sp.Symbol("x"), sp.Symbol("n", integer=True)
    >>> is_zero((1 - x) ** (n + 1) - (-1) ** n * (x - 1) ** n * (1 - x))
    True
    >>> is_zero((1 - x) ** (n + 1) - (1 - x) ** n)
    False
    >>> s = sp.Symbol("s", positive=True)
    >>> is_zero((1 - 2 * x + x**2) ** s - (1 - x) ** (2 * s))
    False
    """
    check_type("the expression", expression, sp.Expr)  # SymPy would run a text
    numerator, denominator = sp.together(_Atoms().opened(expression)).as_numer_denom()
    return sp.expand(numerator) == 0 and sp.expand(denominator) != 0


def is_decided(expression: sp.Expr) -> bool:
    """Return whether ``is_zero`` is right about an expression even where it says no.

    It is for rational functions with rational numbers, and for integer powers of them with symbolic exponents.
    """
    atoms = _Atoms()
    opened = atoms.opened(expression)
    return _is_rational(opened) and all(_is_rational(base) and rest.is_integer for base, rest in atoms.found)


def _is_rational(expression: sp.Expr) -> bool:
    if expression.is_Pow:
        base, exponent = expression.args
        return (exponent.is_Integer and _is_rational(base)) or bool(base == -1 and exponent.is_integer)
    if expression.is_Add or expression.is_Mul:
        return all(map(_is_rational, expression.args))
    return expression.is_Symbol or expression.is_Rational or expression == sp.I


def is_symbolic_power(expression: sp.Basic) -> bool:
    """Return whether an expression is an exponential, or a power with symbols in its exponent."""
    if isinstance(expression, sp.exp):
        return True
    return isinstance(expression, sp.Pow) and not expression.exp.is_number


class _Atoms:
    """Symbols that stand for the powers with a symbolic exponent in an expression."""

    def __init__(self) -> None:
        self.found: dict[tuple[sp.Expr, sp.Expr], sp.Dummy] = {}  # of a base and an exponent without a coefficient

    def opened(self, expression: sp.Expr) -> sp.Expr:
        """Return the expression with its symbolic powers as products of integer powers of atoms."""
        if is_symbolic_power(expression):
            return self._power(*expression.as_base_exp())
        # What binds variables, an integral or a derivative, is left alone: in an atom the variable would be lost.
        inner = isinstance(expression, sp.Add | sp.Mul | sp.Pow | sp.Function) and expression.args
        if inner and all(isinstance(argument, sp.Expr) for argument in inner):
            return expression.func(*map(self.opened, inner))
        return expression

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
        factors = _factors(self.opened(base))
        if not exponent.is_integer:
            factors = _separable(factors)
        exponent = self.opened(exponent)
        return sp.prod([self._atom(factor, sp.expand(times * exponent)) for factor, times in factors.items()])

    def _atom(self, base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
        """Return a power whose base is not split further; its exponent may be: b**(n + 2 k) = b**n (b**k)**2."""
        if exponent.is_Add:
            return sp.prod([self._atom(base, term) for term in exponent.args])
        if exponent.is_Integer:
            return base**exponent
        inner = next((power for power, atom in self.found.items() if atom == base), None)
        if inner and exponent.is_integer:
            return self._atom(inner[0], sp.expand(inner[1] * exponent))
        number, rest = exponent.as_coeff_Mul(rational=True)
        count, rest = number.p, rest / number.q
        if base == -1:
            return _sign(count, rest)
        if (base, rest) not in self.found:
            known = {"positive": True} if base.is_positive and rest.is_real else {}
            self.found[base, rest] = sp.Dummy(**known)
        return self.found[base, rest] ** count


def _sign(count: int, rest: sp.Expr) -> sp.Expr:
    """Return (-1)**(count rest); where that is a sign only the parity counts, and n**2 has that of n."""
    if not rest.is_integer:
        return (-1) ** (count * rest)
    parts = [part.as_base_exp() for part in sp.Mul.make_args(rest)]
    bases = [base if base.is_integer and power.is_positive else base**power for base, power in parts]
    return (-1) ** (count % 2 * sp.Mul(*bases))


def _factors(base: sp.Expr) -> dict[sp.Expr, sp.Rational]:
    """Return the irreducible factors of a base with their multiplicities, negative ones for its denominator."""
    if base.is_number:
        return _factors_of_number(base)
    try:
        parts = [sp.factor_list(part) for part in sp.together(base).as_numer_denom()]
    except sp.PolynomialError:  # no polynomial in anything: kept whole
        return {base: sp.S.One}
    found: dict[sp.Expr, sp.Rational] = {}
    for (number, factors), side in zip(parts, (1, -1), strict=True):
        for factor, times in (*_factors_of_number(number).items(), *factors):
            found[factor] = found.get(factor, sp.S.Zero) + side * times
    return found


def _factors_of_number(number: sp.Expr) -> dict[sp.Expr, sp.Rational]:
    if number == sp.I:
        return {sp.S.NegativeOne: sp.S.Half}
    if not number.is_Rational or number == 0:
        return {number: sp.S.One}
    primes = sp.factorrat(number, limit=2**15)  # a part without small primes stays whole
    return {sp.Integer(prime): sp.Integer(times) for prime, times in primes.items()}


def _separable(factors: dict[sp.Expr, sp.Rational]) -> dict[sp.Expr, sp.Rational]:
    """Return factors that any exponent may be given to one by one: all but one of them are not negative."""
    free, bound = {}, {}
    for factor, times in factors.items():
        size = sp.Abs(factor) if factor.is_extended_real and times.is_even else factor
        part = free if size.is_nonnegative else bound
        part[size] = part.get(size, sp.S.Zero) + times
    if bound and list(bound.values()) != [1]:
        bound = {sp.Mul(*(factor**times for factor, times in bound.items())): sp.S.One}
    return free | bound
