"""Read a formula that a person typed into SymPy, without ever running it.

The text is read by the rules of `sgdtheory.algebra.grammar`; what the rules do not name does not exist: no attributes,
no keywords, no indexing, no Python. The tree is then built up with SymPy's own constructors. Budgets are checked
before each of them, so that a short text cannot ask for a large computation.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from typing import NamedTuple, NoReturn

import sympy as sp

from sgdtheory.algebra.grammar import Node, Reader, Token, nearest, refuse_size
from sgdtheory.algebra.grammar import check_symbol_name as check_symbol_name

NOT_REAL = {
    "I": "formulas here are real; give the symbol another name",
    "E": "write exp(1) for the number, or give the symbol another name",
    "oo": "infinity is not a number here",
    "zoo": "infinity is not a number here",
    "inf": "infinity is not a number here",
    "nan": "a formula must have a value",
}

REAL_IF = {"sqrt": "is_nonnegative", "log": "is_positive"}
HYPERBOLIC = ("sinh", "cosh", "tanh")

DEEPEST_CALLS = 3  # functions of functions, roots among them
LARGEST_EXPONENT = 16
LARGEST_DEGREE = 64
MOST_TERMS = 5000  # of the formula when it is multiplied out
MOST_BITS = 512  # of a number's numerator or denominator
LARGEST_SPLIT = 200  # of the argument of a hyperbolic function: SymPy works out its real and imaginary part
LARGEST_EXP = 100  # exp, sinh and cosh of a number: above, SymPy's own comparisons of numbers become slow


class _Size(NamedTuple):
    """How large a value may be: what it would cost to multiply it out."""

    degree: int = 0
    terms: int = 1
    parts: int = 1  # terms of its real and imaginary part; 1 if it is known to be real
    calls: int = 0

    def plus(self, other: _Size) -> _Size:
        parts = 1 if self.parts == other.parts == 1 else self.parts + other.parts
        calls = max(self.calls, other.calls)
        return _Size(max(self.degree, other.degree), self.terms + other.terms, parts, calls)

    def times(self, other: _Size) -> _Size:
        terms, parts = self.terms * other.terms, self.parts * other.parts
        return _Size(self.degree + other.degree, terms, parts, max(self.calls, other.calls))

    def power(self, exponent: sp.Rational) -> _Size:
        count = math.ceil(abs(exponent))
        double = count if exponent > 0 else 2 * count  # a complex denominator is made real
        terms, parts = (math.comb(n + k - 1, k) for n, k in ((self.terms, count), (self.parts, double)))
        return _Size(math.ceil(abs(exponent) * self.degree), terms, parts, self.calls)

    def call(self, *, real: bool) -> _Size:
        return _Size(1, 1, 1 if real and self.parts == 1 else max(self.split, 2), self.calls + 1)

    @property
    def split(self) -> int:
        """What it costs, roughly, to take real and imaginary part: nothing if it is known to be real."""
        return self.parts * self.degree if self.parts > 1 else 0


class _Value(NamedTuple):
    """What has been built."""

    expression: sp.Expr
    size: _Size = _Size()


def parse(text: str, names: Mapping[str, sp.Symbol] | None = None, *, strict: bool = False) -> sp.Expr:
    """Return the SymPy expression that a text states; nothing in the text is ever executed.

    Parameters
    ----------
    text
        A formula, for example ``"(theta - x)**2 / 2"``.
    names
        What names stand for, so that they carry their assumptions; other names become real symbols.
    strict
        Refuse the other names, and offer the nearest known ones.

    Raises
    ------
    ParseError
        If the text is not such a formula, divides by zero, is not real, or is beyond a budget (1000 characters, 300
        nodes, degree 64, 5000 terms, numbers of 512 bits, three functions inside each other). It says where.

    Examples
    --------
    >>> parse("(lambda - 0.1*x)^2 / 2")
    (lambda - x/10)**2/2
    >>> parse("2x + 1")
    Traceback (most recent call last):
        ...
    sgdtheory.errors.ParseError: an operator is missing. Got: '2x + 1', at column 2. Allowed: + - * / ** between two \
values. To mend: to multiply, write 2*x.
        2x + 1
         ^
    """
    builder = _Builder(text, names, strict=strict)
    formula = builder.reader.formula()
    builder.reader.end()
    return builder.build(formula)


def parse_assignment(
    text: str, functions: Mapping[str, tuple[str, ...]], names: Mapping[str, sp.Symbol] | None = None
) -> tuple[str, str, list[sp.Expr]]:
    """Return name, function and arguments of a text ``name = Function(a, b)``; nothing in it is executed.

    Parameters
    ----------
    text
        For example ``"x = Normal(mu, 2)"``.
    functions
        The functions that may stand there, each with the words of its arguments.
    names
        What names in the arguments stand for, as in `parse`.

    Raises
    ------
    ParseError
        If the text has another form, another function or another number of arguments.

    Examples
    --------
    >>> parse_assignment("x = Normal(mu, 2)", {"Normal": ("mean", "std")})
    ('x', 'Normal', [mu, 2])
    """
    builder = _Builder(text, names, strict=False)
    left, function, arguments = builder.reader.assignment(functions)
    return left.text, function.text, [builder.build(argument) for argument in arguments]


class _Builder:
    """From trees to SymPy, within the budgets."""

    def __init__(self, text: str, names: Mapping[str, sp.Symbol] | None, *, strict: bool) -> None:
        self.reader = Reader(text)
        self._names, self._strict = dict(names or {}), strict
        for name, symbol in self._names.items():
            check_symbol_name(name)
            if not isinstance(symbol, sp.Symbol):
                raise TypeError(f"names[{name!r}] must be a SymPy symbol, not {type(symbol).__name__}")

    def build(self, formula: Node) -> sp.Expr:
        found = self._value(formula).expression
        for number in found.atoms(sp.Rational):
            self._check_bits(number, formula.token)
        return found

    def _value(self, node: Node) -> _Value:
        return getattr(self, f"_{node.kind}")(node)

    def _number(self, node: Node) -> _Value:
        digits, _, power = node.token.text.lower().partition("e")
        if len(power) > 4 or abs(int(power or 0)) > MOST_BITS:
            self._refuse_bits(node.token)
        whole, _, fraction = digits.partition(".")
        number = sp.Integer(int(whole + fraction)) * sp.Integer(10) ** (int(power or 0) - len(fraction))
        return self._made(number, _Size(), node.token)

    def _name(self, node: Node) -> _Value:
        name = node.token.text
        if name in self._names:
            symbol = self._names[name]
            return _Value(symbol, _Size(1, parts=1 if symbol.is_extended_real else 2))
        if name == "pi":
            return _Value(sp.pi, _Size(1))
        if self._strict:
            known = [*self._names, "pi"]
            self._fail(f"unknown name {name!r}", node.token, ", ".join(known), nearest(name, known))
        if name in NOT_REAL:
            self._fail(f"{name!r} is not read as a symbol", node.token, "real symbols and pi", NOT_REAL[name])
        return _Value(sp.Symbol(name, real=True), _Size(1))

    def _negative(self, node: Node) -> _Value:
        value = self._value(node.parts[0])
        return value._replace(expression=-value.expression)

    def _sum(self, node: Node) -> _Value:
        values = [self._value(part) for part in node.parts]
        minus = [False, *(sign.text == "-" for sign in node.signs)]
        total = sp.Add(*(-v.expression if turned else v.expression for v, turned in zip(values, minus, strict=True)))
        return self._made(total, functools.reduce(_Size.plus, (value.size for value in values)), node.token)

    def _product(self, node: Node) -> _Value:
        total = self._value(node.parts[0])
        for sign, part in zip(node.signs, node.parts[1:], strict=True):
            factor = self._value(part)
            if sign.text == "/":
                self._check_divisor(factor.expression, sign)
                size = total.size.times(factor.size.power(sp.Integer(-1)))
                self._check_size(size, sign)
                total = self._made(total.expression / factor.expression, size, sign)
            else:
                size = total.size.times(factor.size)
                self._check_size(size, sign)
                total = self._made(total.expression * factor.expression, size, sign)
        return total

    def _power(self, node: Node) -> _Value:
        base, exponent = self._value(node.parts[0]), self._value(node.parts[1]).expression
        if not exponent.is_Rational or max(abs(exponent), exponent.q) > LARGEST_EXPONENT:
            allowed = f"a whole number or a fraction, at most {LARGEST_EXPONENT} in size and in its denominator"
            self._fail("the exponent is not such a number", node.token, allowed, "write exp(b*log(a)) for a**b")
        if exponent < 0:
            self._check_divisor(base.expression, node.token)
        size = base.size.power(exponent)
        self._check_size(size, node.token)
        if base.expression.is_Rational and _bits(base.expression) * abs(exponent) > MOST_BITS + LARGEST_EXPONENT:
            self._refuse_bits(node.token)
        if exponent.is_Integer:
            return self._made(base.expression**exponent, size, node.token)
        root = self._applied(lambda inner: inner**exponent, base, node.token, "is_nonnegative")
        return root._replace(size=root.size._replace(degree=size.degree))

    def _call(self, node: Node) -> _Value:
        name, argument = node.token.text, self._value(node.parts[0])
        inner = argument.expression
        if name in ("exp", "sinh", "cosh") and inner.is_number and not abs(inner.evalf(3)) <= LARGEST_EXP:
            refuse_size(self.reader.text, node.token.column, f"{name} of so large a number", LARGEST_EXP)
        if name in HYPERBOLIC and argument.size.split > LARGEST_SPLIT:
            allowed = "real symbols, and roots and logarithms of what is positive"
            mend = "declare the symbols as real or positive, or write a shorter formula"
            self._fail(f"the argument of {name} is too large where it may not be real", node.token, allowed, mend)
        return self._applied(getattr(sp, name), argument, node.token, REAL_IF.get(name))

    def _applied(
        self, function: Callable[[sp.Expr], sp.Expr], argument: _Value, token: Token, real_if: str | None
    ) -> _Value:
        """Return a function or root of a value; it is real where the value is, and is as ``real_if`` says."""
        if argument.size.calls >= DEEPEST_CALLS:
            refuse_size(self.reader.text, token.column, "too many functions inside each other", DEEPEST_CALLS)
        real = real_if is None or bool(getattr(argument.expression, real_if))
        value = self._made(function(argument.expression), argument.size.call(real=real), token)
        found = value.expression
        if found.has(sp.I) or (found.is_number and not found.is_extended_real):
            self._fail("the formula is not real", token, "real values", "check the signs under roots and logarithms")
        return value

    def _made(self, expression: sp.Expr, size: _Size, token: Token) -> _Value:
        """Return what a constructor gave, once it is known to be finite and no number has become too long."""
        if expression.is_Rational:
            self._check_bits(expression, token)
            return _Value(expression)
        if expression in (sp.nan, sp.zoo, sp.oo, -sp.oo):
            self._fail("the formula is not finite", token, "finite values", "take no logarithm of zero")
        return _Value(expression, size._replace(degree=max(size.degree, 1)))

    def _check_divisor(self, divisor: sp.Expr, token: Token) -> None:
        if divisor == 0 or (divisor.is_number and divisor.is_zero is not False):
            self._refuse_zero(token)

    def _check_size(self, size: _Size, token: Token) -> None:
        if size.degree > LARGEST_DEGREE:
            refuse_size(self.reader.text, token.column, f"the degree is {size.degree}", LARGEST_DEGREE)
        if size.terms > MOST_TERMS:
            refuse_size(self.reader.text, token.column, "too many terms when it is multiplied out", MOST_TERMS)

    def _check_bits(self, number: sp.Rational, token: Token) -> None:
        if _bits(number) > MOST_BITS:
            self._refuse_bits(token)

    def _refuse_bits(self, token: Token) -> NoReturn:
        refuse_size(self.reader.text, token.column, "a number is too long or too large", f"{MOST_BITS} bits")

    def _refuse_zero(self, token: Token) -> NoReturn:
        self._fail("the formula divides by zero", token, "finite values", "check the denominators")

    def _fail(self, what: str, token: Token, allowed: str, mend: str) -> NoReturn:
        self.reader.fail(what, token.column, allowed, mend)


def _bits(number: sp.Rational) -> int:
    return max(abs(number.p), number.q).bit_length()
