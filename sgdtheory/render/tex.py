"""Expressions, statements and words as LaTeX; only amsmath is needed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy.printing.latex import LatexPrinter

from sgdtheory.render.notation import notation
from sgdtheory.symbols import glossary

if TYPE_CHECKING:
    from sgdtheory.closed_form import ClosedForm

_NAMES = {symbol: quantity.latex for symbol, quantity in glossary.items()}
_ORDER = {symbol: place for place, symbol in enumerate(glossary)}
RELATIONS = {"=": "=", "~": r"\approx", ">=": r"\geq", "<=": r"\leq"}
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
}


def expression(value: sp.Basic) -> str:
    """Return an expression as LaTeX, with the glossary's typesetting.

    Examples
    --------
    >>> from sgdtheory.symbols import eta, lambda_max
    >>> expression(eta * lambda_max)
    '\\\\eta \\\\lambda_{\\\\max}'
    """
    return Printer({"root_notation": True}).doprint(value)


class Printer(LatexPrinter):
    """Sums start with a positive term and short terms come first: 1 - eta lambda, not -eta lambda + 1."""

    def _print_Symbol(self, expr: sp.Symbol, style: str = "plain") -> str:  # noqa: N802
        return _NAMES.get(expr) or notation(expr.name)

    _print_Dummy = _print_MatrixSymbol = _print_Symbol  # noqa: N815

    def _add_parens(self, s: str) -> str:
        return brackets(s)

    _add_parens_lspace = _add_parens

    def _as_ordered_terms(self, expr: sp.Add, order: object = None) -> list[sp.Expr]:
        return sorted(expr.args, key=lambda term: (term.could_extract_minus_sign(), term.count_ops(), str(term)))

    def _print_Mul(self, expr: sp.Mul) -> str:  # noqa: N802
        """Set numbers first, then symbols in the order of the glossary, then brackets."""
        if expr.args and any(isinstance(arg, sp.MatrixExpr) for arg in expr.args):
            return super()._print_Mul(expr)
        if expr.could_extract_minus_sign():
            return f"- {self.parenthesize(-expr, 60)}" if (-expr).is_Add else f"- {self._print(-expr)}"
        sums = [factor for factor in expr.args if isinstance(factor, sp.Sum)]
        if sums:  # a sum over samples stands behind its weight
            weight = sp.Mul(*(factor for factor in expr.args if factor not in sums))
            return " ".join(self._print(factor) for factor in (weight, *sums) if factor != 1)
        numerator, denominator = sp.fraction(expr, exact=True)
        if denominator == 1:
            return self._product(numerator)
        root, numerator, denominator = self._root_of_quotient(numerator, denominator)
        if root:
            return root if numerator == denominator == 1 else f"{self._print(numerator / denominator)} {root}"
        below = self._product(denominator)
        # A tall or long bracket stands beside the fraction, not in its numerator.
        beside = [factor for factor in sp.Mul.make_args(numerator) if factor.is_Add and self._is_big(factor)]
        rest = sp.Mul(*(factor for factor in sp.Mul.make_args(numerator) if factor not in beside))
        fraction = rf"\frac{{{self._product(rest)}}}{{{below}}}"
        return " ".join([fraction, *(brackets(self._print(factor)) for factor in beside)])

    def single_fraction(self, product: sp.Expr) -> str:
        """Return a product as one fraction with all brackets in it, or nothing where there is none or one too tall."""
        numerator, denominator = sp.fraction(product, exact=True)
        above = self._product(numerator)
        tall = denominator == 1 or r"\frac" in above
        return "" if tall else rf"\frac{{{above}}}{{{self._product(denominator)}}}"

    def _print_MatMul(self, expr: sp.MatMul) -> str:  # noqa: N802
        number, matrices = expr.as_coeff_matrices()
        if number.could_extract_minus_sign():
            return f"- {self._print(-expr)}"
        factors = [number] * (number != 1) + matrices
        sums = sp.Add | sp.MatAdd
        return " ".join(brackets(self._print(x)) if isinstance(x, sums) else self._print(x) for x in factors)

    def _print_MatAdd(self, expr: sp.MatAdd) -> str:  # noqa: N802
        terms = sorted(map(self._print, expr.args), key=lambda tex: tex.startswith("-"))
        return " ".join([terms[0], *(tex if tex.startswith("-") else f"+ {tex}" for tex in terms[1:])])

    def _root_of_quotient(self, numerator: sp.Expr, denominator: sp.Expr) -> tuple[str, sp.Expr, sp.Expr]:
        """Return one root where there is one above and one below the line, and what is left there."""

        def is_root(factor: sp.Expr) -> bool:
            return factor.is_Pow and factor.exp == sp.S.Half

        above, below = (
            sp.Mul(*(factor.base for factor in sp.Mul.make_args(part) if is_root(factor)))
            for part in (numerator, denominator)
        )
        if above == 1 or below == 1:
            return "", numerator, denominator
        rest = [
            sp.Mul(*(factor for factor in sp.Mul.make_args(part) if not is_root(factor)))
            for part in (numerator, denominator)
        ]
        return rf"\sqrt{{\frac{{{self._product(above)}}}{{{self._product(below)}}}}}", *rest

    def _is_big(self, total: sp.Add) -> bool:
        tex = self._print(total)
        return r"\frac" in tex or "(" in tex or len(total.args) > 4

    def _print_Pow(self, expr: sp.Pow) -> str:  # noqa: N802
        name = _NAMES.get(expr.base, "")
        if name.endswith("^{2}") and expr.exp.is_Integer and expr.exp > 0:  # |g|^4 rather than (|g|^2)^2
            return f"{name[:-4]}^{{{2 * expr.exp}}}"
        return super()._print_Pow(expr)

    def _print_Abs(self, expr: sp.Abs, exp: str | None = None) -> str:  # noqa: N802
        inside = expr.args[0]
        if inside.is_Add and inside.as_coeff_Add()[0] < 0:
            inside = -inside
        return rf"\left|{self._print(inside)}\right|" + (f"^{{{exp}}}" if exp else "")

    def _print_log(self, expr: sp.log, exp: str | None = None) -> str:
        argument = expr.args[0]
        if exp or not isinstance(argument, sp.Abs):
            return super()._print_log(expr, exp)
        return rf"\log {self._print(argument)}"

    def _product(self, product: sp.Expr) -> str:
        factors = sorted(sp.Mul.make_args(product), key=factor_key)
        if len(factors) == 1:
            return self._print(factors[0])
        # SymPy splits the root of a product of positive symbols; one root reads better.
        roots = [factor.base for factor in factors if factor.is_Pow and factor.exp == sp.S.Half]
        rest = [factor for factor in factors if not (factor.is_Pow and factor.exp == sp.S.Half)]
        rest = [factor for factor in rest if factor != 1 or len(rest) == 1]
        pieces = [brackets(self._print(factor)) if factor.is_Add else self._print(factor) for factor in rest]
        return " ".join([*pieces, *([rf"\sqrt{{{self._product(sp.Mul(*roots))}}}"] if roots else [])])


def brackets(tex: str) -> str:
    """Return a formula in brackets of its own height."""
    if r"\frac" in tex or r"\sum" in tex:
        return rf"\left({tex}\right)"
    for inner, size in ((r"\Bigl", "bigg"), (r"\bigl", "Big"), ("(", "big")):
        if inner in tex:
            return rf"\{size}l({tex}\{size}r)"
    return f"({tex})"


def factor_key(factor: sp.Expr) -> tuple[Any, ...]:
    """Return where a factor stands in a product: numbers, symbols by the glossary, the rest."""
    symbol = factor.base if factor.is_Pow and factor.exp.is_number else factor
    if factor.is_number:
        kind = 0
    elif symbol.is_Symbol and not re.search(r"\\(top|operatorname|mathbb|\|)", _NAMES.get(symbol, "")):
        kind = 2 if symbol.name in ("t", "k") else 1
    else:
        kind = 3  # tr(HC), brackets, functions
    return kind, _ORDER.get(symbol, len(_ORDER)), factor.count_ops(), str(factor)


def summation(form: ClosedForm, value: sp.Expr) -> str:
    """Return the sum signs of a value: indices that stand on the right only are summed over."""
    left = set(glossary[form.symbol].indices)
    indices = {letter for s in value.free_symbols for letter in glossary[s].indices} - left
    return "".join(rf"\sum_{{{letter}}} " for letter in sorted(indices))


def statement(form: ClosedForm, value: sp.Expr | None = None) -> str:
    """Return ``left = right`` on one line; indices that stand on the right only are summed over."""
    value = form.value if value is None else value
    total, right = summation(form, value), expression(value)
    if total and value.is_Add:
        right = brackets(right)
    return f"{glossary[form.symbol].latex} {RELATIONS[form.relation]} {total}{right}"


def text(plain: str) -> str:
    """Return plain text with everything that TeX would read as a command escaped; controls become spaces."""
    spaced = "".join(letter if letter.isprintable() else " " for letter in plain)
    return "".join(_SPECIAL.get(letter, letter if letter.isascii() else _foreign(letter)) for letter in spaced)


def _foreign(letter: str) -> str:
    """Return a letter that the fonts have (Latin), or a question mark."""
    return letter if "\u00c0" <= letter <= "\u017f" else "?"
