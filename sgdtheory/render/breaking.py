"""Long formulas on several lines: where they may break, and how wide they are on paper.

Widths are estimates in em of the running font. A formula breaks before the plus and minus signs of its sums, also
inside brackets, and between the factors of its products; a fraction that is too wide becomes a product with a power
of minus one, so that every part can break.
"""

from __future__ import annotations

import re

import sympy as sp

from sgdtheory.render.document import Equation, Math
from sgdtheory.render.tex import RELATIONS, Printer, brackets, factor_key

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
    rows, taken = [[pieces[0]]], width(pieces[0])
    for piece in pieces[1:]:
        if taken + width(piece) <= room:
            rows[-1].append(piece)
            taken += width(piece)
            continue
        last = rows[-1][-1]
        moves = len(rows[-1]) > 1 and _opens(last) and 2.0 + width(last) + width(piece) <= room
        rows.append([rows[-1].pop(), piece] if moves else [piece])
        taken = 1.0 + width(_lead(rows[-1][0])) + sum(map(width, rows[-1]))
    return [" ".join(rows[0]), *(_lead(row[0]) + " ".join(row) for row in rows[1:])]


def _lead(piece: str) -> str:
    """Return what a line that begins with a piece begins with: an empty operand of its sign, or a times sign."""
    return "{}" if piece[0] in "+-" else r"{}\times "


def _opens(piece: str) -> bool:
    """Return whether a piece opens a bracket that it does not close; it had better not end a line."""
    return len(re.findall(r"\\[bB]igg?l\(", piece)) > len(re.findall(r"\\[bB]igg?r\)", piece))


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
        whole = printer.single_fraction(value)
        return [whole] if whole and width(whole) <= most else _product_pieces(value, most, printer)
    if isinstance(value, sp.exp | sp.log):
        first, *rest = _bracketed(value.args[0], most, "")
        return [rf"\{value.func.__name__}{first}", *rest]
    if value.is_Pow and (value.base.is_Add or value.base.is_Mul):
        exponent = printer.doprint(value.exp)
        return _bracketed(value.base, most, exponent) if width(exponent) <= most / 2 else [tex]
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
    found = _fractions(narrow, most, printer)
    for factor in wide:
        if factor.is_Add:
            found += _bracketed(factor, most, "")
        else:
            found += _pieces(factor, most) if factor != value else [printer.doprint(factor)]
    return found


def _fractions(factors: list[sp.Expr], most: float, printer: Printer) -> list[str]:
    """Return factors as few products, none of them wider than it may be, in brackets where they stand beside others."""
    groups: list[list[sp.Expr]] = []
    for factor in factors:
        if groups and width(printer.doprint(sp.Mul(*groups[-1], factor))) <= most:
            groups[-1].append(factor)
        else:
            groups.append([factor])
    products = [sp.Mul(*group) for group in groups]
    shown = [(product, printer.doprint(product)) for product in products if product != 1]
    return [
        brackets(tex) if product.is_Add or (tex[0] == "-" and place) else tex
        for place, (product, tex) in enumerate(shown)
    ]


def _bracketed(value: sp.Expr, most: float, exponent: str) -> list[str]:
    found = _in_brackets(_pieces(value, most))
    found[-1] += f"^{{{exponent}}}" if exponent else ""
    return found


def _in_brackets(pieces: list[str]) -> list[str]:
    """Return pieces in brackets of a fixed size, which may stand on different lines."""
    whole = " ".join(pieces)
    sizes = ((r"\left", "Bigg"), (r"\frac", "bigg"), (r"\Bigl", "bigg"), (r"\bigl", "Big"))
    size = next((size for inner, size in sizes if inner in whole), "big")
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
