"""Long formulas on several lines: where they may break, and how wide they are on paper.

Widths are estimates in em of the running font. A formula breaks before the plus and minus signs of its sums, also
inside brackets, and between the factors of its products; a fraction that is too wide becomes a product with a power
of minus one, so that every part can break.
"""

from __future__ import annotations

import re

import sympy as sp

from sgdtheory.render.document import Equation, Math
from sgdtheory.render.tex import RELATIONS, Printer, factor_key

ROOM = 32.0  # em that a displayed equation may take, beside its mark
_LONG_LEFT = 4.5  # em of a left-hand side that stands on a line of its own if that helps
_WIDE = {
    "=": 1.35,
    "<": 1.35,
    ">": 1.35,
    "+": 1.25,
    "-": 1.25,
    "(": 0.42,
    ")": 0.42,
    "[": 0.3,
    "]": 0.3,
    ",": 0.45,
    "/": 0.55,
    "|": 0.3,
}
_COMMANDS = {
    "sum": 1.5,
    "quad": 1.0,
    "left": 0.1,
    "right": 0.1,
    **dict.fromkeys(("bigl", "bigr"), 0.05),
    **dict.fromkeys(("Bigl", "Bigr", "biggl", "biggr"), 0.2),
    "!": -0.17,
    ",": 0.17,
    " ": 0.33,
    "approx": 1.35,
    "le": 1.35,
    "ge": 1.35,
    "mid": 0.9,
    "exp": 1.7,
    "log": 1.5,
    "max": 1.9,
    "times": 1.25,
}


def width(tex: str) -> float:
    r"""Return how wide a formula is, in em.

    Examples
    --------
    >>> width(r"\frac{a + b}{m}") < width("a + b + m")
    True
    """
    return _width(_parse(tex))


def display(equation: Equation, room: float = ROOM) -> list[tuple[str, str]]:
    """Return the rows of an equation, each as what stands left of the relation and what stands from it on."""
    relation = RELATIONS[equation.relation]
    left = equation.left.tex
    beside = room - width(left) - 1.5
    hangs = width(left) > _LONG_LEFT and any(width(side.tex) > beside for side in equation.right)
    rows: list[tuple[str, str]] = [("", left)] if hangs else []
    for side in equation.right:
        first, *more = lines(side, room - 3.0 if hangs else beside)
        start = rf"\quad {relation} {first}" if hangs else f"{relation} {first}"
        indent = r"\quad\quad" if hangs else r"\quad"
        rows += [("" if rows else left, start), *(("", f"{indent} {line}") for line in more)]
    return rows


def lines(formula: Math, room: float) -> list[str]:
    """Return a formula on as many lines as it needs."""
    if formula.expression is None or width(formula.tex) <= room:
        return [formula.tex]
    bracketed = bool(formula.prefix) and formula.expression.is_Add  # a sum over modes of a sum
    pieces = _pieces(formula.expression, room - 2.0)
    if bracketed:
        pieces = _in_brackets(pieces)
    pieces[0] = formula.prefix + pieces[0]
    pieces += [formula.suffix] if formula.suffix else []
    found, taken = [pieces[0]], width(pieces[0])
    for piece in pieces[1:]:
        extra = width(piece)
        if taken + extra <= room:
            found[-1] += f" {piece}"
            taken += extra
        else:
            lead = "{}" if piece[0] in "+-" else r"{}\times "
            found.append(lead + piece)
            taken = 1.0 + extra + width(lead)
    return found


def _pieces(value: sp.Expr, most: float) -> list[str]:
    """Return a value as pieces between which a line may end."""
    printer = Printer()
    if value.is_Add:
        return _sum_pieces(value, most, printer)
    tex = printer.doprint(value)
    if width(tex) <= most:
        return [tex]
    if value.could_extract_minus_sign():
        first, *rest = _bracketed(-value, most, "") if (-value).is_Add else _pieces(-value, most)
        return [f"-{first}", *rest]
    if value.is_Mul:
        return _product_pieces(value, most, printer)
    if isinstance(value, sp.exp):
        first, *rest = _bracketed(value.exp, most, "")
        return [rf"\exp{first}", *rest]
    if value.is_Pow and value.exp.is_number and value.base.is_Add:
        return _bracketed(value.base, most, printer.doprint(value.exp))
    return [tex]


def _sum_pieces(value: sp.Add, most: float, printer: Printer) -> list[str]:
    found: list[str] = []
    for term in printer._as_ordered_terms(value):
        negative = term.could_extract_minus_sign()
        first, *rest = _pieces(-term if negative else term, most)
        sign = "-" if negative else "+"
        found += [f"{sign} {first}" if found or negative else first, *rest]
    return found


def _product_pieces(value: sp.Mul, most: float, printer: Printer) -> list[str]:
    """Return the narrow factors as one fraction, then each wide one."""
    numerator, denominator = sp.fraction(value, exact=True)
    above = sorted(sp.Mul.make_args(numerator), key=factor_key)
    below = sorted(sp.Mul.make_args(denominator), key=factor_key)
    narrow = [factor for factor in above if width(printer.doprint(factor)) <= most / 2]
    narrow += [1 / factor for factor in below if width(printer.doprint(factor)) <= most / 2]
    wide = [factor for factor in above if width(printer.doprint(factor)) > most / 2]
    wide += [sp.Pow(factor, -1) for factor in below if width(printer.doprint(factor)) > most / 2]
    head = printer.doprint(sp.Mul(*narrow))
    found = [head] if width(head) <= most else [printer.doprint(factor) for factor in narrow]
    if found == ["1"] and wide:
        found = []
    for factor in wide:
        base, exponent = factor.as_base_exp()
        if base.is_Add and exponent.is_number:
            found += _bracketed(base, most, "" if exponent == 1 else printer.doprint(exponent))
        else:
            found += _pieces(factor, most) if factor != value else [printer.doprint(factor)]
    return found


def _bracketed(value: sp.Expr, most: float, exponent: str) -> list[str]:
    found = _in_brackets(_pieces(value, most))
    found[-1] += f"^{{{exponent}}}" if exponent else ""
    return found


def _in_brackets(pieces: list[str]) -> list[str]:
    """Return pieces in brackets of a fixed size, which may stand on different lines."""
    size = "Big" if any(r"\frac" in piece for piece in pieces) else "big"
    found = [rf"\{size}l({pieces[0]}", *pieces[1:]]
    found[-1] += rf"\{size}r)"
    return found


def _parse(tex: str) -> list[str | list]:
    """Return LaTeX as nested lists of groups, commands and letters."""
    stack: list[list] = [[]]
    for token in re.findall(r"\\[A-Za-z]+|\\.|[{}]|\S", tex):
        if token == "{":
            stack.append([])
        elif token == "}" and len(stack) > 1:
            group = stack.pop()
            stack[-1].append(group)
        else:
            stack[-1].append(token)
    return stack[0]


def _width(tokens: list | str) -> float:
    if isinstance(tokens, str):
        tokens = [tokens]
    total, place, below = 0.0, 0, 0.0
    while place < len(tokens):
        token, after = tokens[place], tokens[place + 1 : place + 3]
        place += 1
        if token == r"\frac":
            total += max(map(_width, after)) + 0.3
            place += 2
        elif token in (r"\text", r"\mathrm", r"\operatorname"):
            total += 0.5 * len(after[0]) + (0.2 if token != r"\mathrm" else 0)
            place += 1
        elif token in ("_", "^") and after:
            script = 0.7 * _width(after[0]) + 0.05
            total += max(0.0, script - below)
            below = script if token == "_" else 0.0
            place += 1
            continue
        elif isinstance(token, list):
            total += _width(token)
        elif token.startswith("\\"):
            total += _COMMANDS.get(token[1:], 0.62)
        else:
            total += _WIDE.get(token, 0.3 if token in "'.;:!" else 0.8 if token.isupper() else 0.56)
        below = 0.0
    return total
