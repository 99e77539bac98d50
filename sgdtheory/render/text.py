"""Statements and derivations as plain text for a terminal.

ASCII only, so that any terminal shows it: products are written with spaces, powers with ``^``.
"""

from __future__ import annotations

import importlib
import re
import textwrap
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy.printing.precedence import PRECEDENCE, precedence
from sympy.printing.str import StrPrinter

import sgdtheory.symbols as names
from sgdtheory.render.bibliography import citation
from sgdtheory.symbols import glossary

if TYPE_CHECKING:
    from sgdtheory.algebra.derivation import Derivation
    from sgdtheory.closed_form import ClosedForm, Erratum, Source

WIDTH = 100
_GLUE = "\N{NO-BREAK SPACE}"  # keeps a relation on one line; written as a plain space in the end

# Symbols whose name is not what a person would write; the others are written by name.
_WRITTEN = {
    names.sigma2: "sigma^2",
    names.s2: "s^2",
    names.g2: "|g|^2",
    names.gHg: "g'Hg",
    names.trHC: "tr(HC)",
    names.Sigma_t_ij: "Sigma_ij(t)",
    names.Gamma_ij: "Gamma_ij(k)",
    names.mean_i: "E[theta_i(t)] - theta*_i",
    names.excess_loss: "E[L] - L*",
    names.gradient_norm: "E|grad L|^2",
    names.batch_noise_ij: "Cov[g_B]_ij",
    names.eta_star: "eta*",
    names.decrease: "E[Delta L]*",
    names.m_star: "m*",
    names.variance: "Var[theta]",
    names.gap: "E[L_test - L_train]",
    names.excess_test: "E[L_test] - L*_test",
    names.penalty: "E[L_test(SGD) - L_test(batch)]",
}
_ORDER = {symbol: place for place, symbol in enumerate(glossary)}


class _TextPrinter(StrPrinter):
    """Write expressions as a person types them into a message."""

    def _print_Symbol(self, expr: sp.Symbol) -> str:  # noqa: N802
        return _WRITTEN.get(expr, expr.name)

    def _print_Add(self, expr: sp.Add, order: Any = None) -> str:  # noqa: N802
        terms = sorted(expr.args, key=lambda x: (x.could_extract_minus_sign(), x.count_ops(), _factor_key(x)))
        text = ""
        for term in terms:
            negative = term.could_extract_minus_sign()
            part = self.parenthesize(-term if negative else term, PRECEDENCE["Add"])
            text += (" - " if negative else " + ") + part if text else ("-" if negative else "") + part
        return text

    def _print_Mul(self, expr: sp.Mul) -> str:  # noqa: N802
        if expr.could_extract_minus_sign():
            return f"-{self._print(-expr)}" if not (-expr).is_Add else f"-({self._print(-expr)})"
        numerator, denominator = sp.fraction(expr, exact=True)
        above = self._factors(numerator)
        if denominator == 1:
            return above
        below = self._factors(denominator)
        single = len(sp.Mul.make_args(denominator)) == 1 and not denominator.is_Add
        whole = single or " " not in below or _closed(below.removeprefix("sqrt"))
        return f"{above} / {below if whole else f'({below})'}"

    def _factors(self, product: sp.Expr) -> str:
        factors = sorted(sp.Mul.make_args(product), key=_factor_key)
        roots = [factor.base for factor in factors if factor.is_Pow and factor.exp == sp.S.Half]
        rest = [
            self.parenthesize(factor, PRECEDENCE["Mul"])
            for factor in factors
            if not (factor.is_Pow and factor.exp == sp.S.Half)
        ]
        # SymPy splits the root of a product of positive symbols; one root reads better.
        return " ".join([*rest, *([f"sqrt({self._factors(sp.Mul(*roots))})"] if roots else [])])

    def _print_Pow(self, expr: sp.Pow, rational: bool = False) -> str:  # noqa: N802
        if expr.exp == sp.S.Half:
            return f"sqrt({self._print(expr.base)})"
        if expr.exp.could_extract_minus_sign():
            return f"1 / {self.parenthesize(1 / expr, PRECEDENCE['Pow'])}"
        exponent = self._print(expr.exp)
        short = expr.exp.is_Symbol or (expr.exp.is_Integer and expr.exp > 0)
        return f"{self.parenthesize(expr.base, PRECEDENCE['Pow'])}^{exponent if short else f'({exponent})'}"

    def _print_Abs(self, expr: sp.Abs) -> str:  # noqa: N802
        return f"|{self._print(expr.args[0])}|"

    def _print_Relational(self, expr: sp.Rel) -> str:  # noqa: N802
        return f"{self._print(expr.lhs)} {expr.rel_op} {self._print(expr.rhs)}"

    def parenthesize(self, item: sp.Basic, level: int, strict: bool = False) -> str:
        """Bracket a sum or a spaced product wherever it would be misread."""
        text = self._print(item)
        spaced = isinstance(item, sp.Add) or " / " in text or (item.is_Mul and level >= PRECEDENCE["Pow"])
        power = level >= PRECEDENCE["Pow"] and item.is_Symbol and not text.isidentifier()
        needed = precedence(item) < level or (spaced and level > PRECEDENCE["Add"]) or power
        return f"({text})" if needed and not _closed(text) else text


def _closed(text: str) -> bool:
    """Return whether one pair of brackets encloses the whole text."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return letter == ")" and place == len(text) - 1
    return False


def _factor_key(factor: sp.Expr) -> tuple[Any, ...]:
    kind = 0 if factor.is_number else 1 if factor.is_Symbol else 2
    return kind, _ORDER.get(factor, len(_ORDER)), factor.count_ops(), str(factor)


def expression(value: sp.Basic | str) -> str:
    """Return an expression as one line of text.

    Examples
    --------
    >>> from sgdtheory.symbols import C_ij, eta, lambda_i, lambda_j, m
    >>> expression(eta * C_ij / (m * (lambda_i + lambda_j - eta * lambda_i * lambda_j)))
    'eta C_ij / (m (lambda_i + lambda_j - eta lambda_i lambda_j))'
    """
    return value if isinstance(value, str) else _TextPrinter().doprint(value)


def statement(form: ClosedForm, value: sp.Expr | None = None) -> str:
    """Return what a closed form says, or a variant ``value`` of it, as one line of text.

    Examples
    --------
    >>> from sgdtheory.catalogue import results
    >>> statement(results["quadratic.stationary_excess_loss_diffusion"])
    'E[L] - L* = sum_i eta C_ii / (4 m)'
    """
    from sgdtheory.closed_form import index_letters

    value = form.value if value is None else value
    summed = [letter for letter in index_letters(value) if letter not in glossary[form.symbol].indices]
    right = expression(value)
    if summed:
        right = f"sum_{''.join(summed)} {f'({right})' if value.is_Add else right}"
    return f"{expression(form.symbol)} = {right}"


def derivation(derived: Derivation) -> str:
    """Return a derivation as numbered steps: the reason, then the equality."""
    lines = [
        *filter(None, [derived.name]),
        f"process: {derived.process.name}",
        *textwrap.wrap(derived.process.description, WIDTH, initial_indent="  ", subsequent_indent="  "),
        "",
    ]
    for number, step in enumerate(derived.steps, 1):
        lines += textwrap.wrap(step.reason, WIDTH, initial_indent=f"{number:>3}. ", subsequent_indent="     ")
        shown, left, right = expression(step.shown), expression(step.left), expression(step.right)
        chain = [part for part in dict.fromkeys((left, right)) if part != shown]
        lines += _formula(shown, "       ")
        for part in chain:
            lines += _formula(f"= {part}", "         ")
    return "\n".join(lines)


def page(form: ClosedForm) -> str:
    """Return everything that a closed form carries, for a person to read."""
    rows = [
        ("kind", [_kind(form)]),
        ("holds for", [_domain(form)]),
        ("assumptions", [f"- {sentence}" for sentence in form.assumptions]),
        ("symbols", _symbols(form)),
        ("process", [f"{form.process.name}: {form.process.description}"]),
        ("observable", [form.observable.description]),
        ("sources", [f"- {_source(source)}" for source in form.sources] or ["no printed source"]),
        ("errata", [line for erratum in form.errata for line in _erratum(form, erratum)]),
        ("checked at", [f"- {_point(point)}" for point in form.points]),
    ]
    lines = [form.name, form.title, "", *_formula(statement(form), "    "), ""]
    for paragraph in _reading(form):
        lines += [*textwrap.wrap(paragraph, WIDTH), ""]
    for label, entries in rows:
        for place, entry in enumerate(entries):
            head = f"{label if place == 0 else '':<13}"
            hang = re.match(r"- |  |\S.*? {2,}|", entry).end()
            lines += textwrap.wrap(
                entry,
                WIDTH,
                initial_indent=head,
                subsequent_indent=" " * (13 + hang),
                break_long_words=False,
                break_on_hyphens=False,
            )
    return "\n".join(lines).replace(_GLUE, " ")


def _kind(form: ClosedForm) -> str:
    if form.limit is None:
        return form.kind.value
    limit = form.limit
    small = glossary[limit.small].word
    fixed = "".join(
        f", {word} times {small} held fixed" if power == -1 else f", {word} moving as {small}^{power}"
        for word, power in limit.scaling.items()
    )
    order, letter = expression(limit.small**limit.order), expression(limit.small)
    return f"{form.kind.value}: {limit.exact.name} minus this is O({order}) as {letter} -> 0{fixed}"


def _domain(form: ClosedForm) -> str:
    # A relation such as eta > 0 is already in the symbol's assumptions, where SymPy evaluates it to True.
    relations = [relation for relation in form.domain if relation != sp.true]
    bounded = {relation.lhs for relation in relations if relation.rel_op in (">", ">=")}
    symbols = [symbol for group in form.parameters.values() for symbol in group if symbol not in bounded]
    bounds = [
        f"{expression(symbol)} {'>' if symbol.is_positive else '>='} 0"
        for symbol in symbols
        if symbol.is_positive or symbol.is_nonnegative
    ]
    return ", ".join(text.replace(" ", _GLUE) for text in [*map(expression, relations), *bounds])


def _symbols(form: ClosedForm) -> list[str]:
    entries = [(form.symbol, "the left-hand side")]
    entries += [(symbol, f"keyword {word}") for word, group in form.parameters.items() for symbol in group]
    width = max(len(expression(symbol)) for symbol, _ in entries)
    return [f"{expression(symbol):<{width}}  {glossary[symbol].meaning} ({role})" for symbol, role in entries]


def _source(source: Source) -> str:
    convention = f"; its notation: {source.convention}" if source.convention else ""
    return f"{citation(source.key)}: {source.locator}{convention}"


def _erratum(form: ClosedForm, erratum: Erratum) -> list[str]:
    return [f"- {_source(erratum.source)}", f"  printed: {statement(form, erratum.printed)}", f"  {erratum.says}"]


def _point(point: Any) -> str:
    return ", ".join(f"{word} = {value}" for word, value in point.items())


def _reading(form: ClosedForm) -> list[str]:
    """Return the paragraphs that the form's file says about it, below its first line."""
    family, quantity = form.name.split(".")
    try:
        text = importlib.import_module(f"sgdtheory.{family}._{quantity}").__doc__ or ""
    except ModuleNotFoundError:  # a form made outside the catalogue
        return []
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")[1:]]


def _formula(text: str, indent: str) -> list[str]:
    """Wrap a formula, at its sums and quotients only."""
    glued = re.sub(rf"{_GLUE}([-+/=]){_GLUE}", rf" \1{_GLUE}", text.replace(" ", _GLUE))
    lines = textwrap.wrap(
        glued,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_GLUE, " ") for line in lines]
