"""What a page says about one result: built once from the closed form and its derivation, for every format."""

from __future__ import annotations

import importlib
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import sympy as sp

from sgdtheory.algebra.series import leading_error
from sgdtheory.catalogue import dependencies, results
from sgdtheory.closed_form import Point, value_at
from sgdtheory.render import plain, tex
from sgdtheory.render.document import (
    Block,
    Bullets,
    Cite,
    Code,
    Entry,
    Equation,
    Inlines,
    Link,
    Math,
    Paragraph,
    Quantities,
    Section,
    Step,
    Steps,
    Text,
)
from sgdtheory.render.edges import at_the_edge
from sgdtheory.render.notation import notation, prose
from sgdtheory.render.signs import turned
from sgdtheory.symbols import glossary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sgdtheory.algebra.derivation import Derivation
    from sgdtheory.algebra.series import LeadingError
    from sgdtheory.catalogue import Dependency
    from sgdtheory.closed_form import ClosedForm, Erratum, Source

CHECKS = {"proved": "proved", "numerical": "50 digits", "computed": "computed"}
_LONG = 400  # letters of a side of a step that nobody would read
_MOVES = {-1: "growing as one over", 1: "shrinking like"}
_SHAPES = {0: "scalar", 1: "(d,)", 2: "(d, d)"}


def entry(form: ClosedForm, derivation: Derivation | None = None) -> Entry:
    """Return all that is known about a result; its derivation is left out where none is given."""
    sections = [
        Section("Symbols", (_quantities(form),)),
        Section("Kind", _kind(form)),
        Section("Holds for", (_domain(form), *_listed(map(prose, form.assumptions)))),
        Section("Where it fails", _failures(form)),
    ]
    if derivation is None:
        sections.append(Section("Process", (_sentence(form.process.name, ": ", form.process.description),)))
    sections.append(Section("Observable", (_sentence(form.observable.description),)))
    if derivation is not None:
        sections.append(Section("Derivation", derivation_blocks(derivation)))
    sections += [
        Section("Errata", _listed_blocks(_erratum(form, erratum) for erratum in form.errata)),
        Section("Sources", _listed(map(_source, form.sources)) or (_sentence("no printed source"),)),
        Section("Checked at", _listed(at(form, point) for point in form.points)),
    ]
    return Entry(
        name=form.name,
        title=prose(form.title),
        lead=(*_opening(form), statement(form), *_reading(form, "Reads as")),
        sections=tuple(section for section in sections if section.blocks),
    )


def formula(value: sp.Basic | str) -> Math:
    """Return an expression, or a formula in light notation, for every format."""
    if isinstance(value, str):
        return Math(value, notation(value))
    value = turned(value)
    return Math(plain.expression(value), tex.expression(value), value)


def _inline(value: sp.Expr) -> Math:
    """Return an expression for the running text: its fractions are written with a slash."""
    shown = plain.expression(turned(value))
    return Math(shown, notation(shown))


def statement(form: ClosedForm, value: sp.Expr | None = None) -> Equation:
    """Return what a closed form says, or a variant of it."""
    value = form.value if value is None else value
    total = tex.summation(form, value)
    right = tex.expression(value)
    right = tex.brackets(right) if total and value.is_Add else right
    side = Math(plain.right_side(form, value), total + right, value, total)
    return Equation(formula(form.symbol), (side,), form.relation)


def derivation_blocks(derivation: Derivation) -> tuple[Block, ...]:
    """Return what a derivation stands on, its premise and its steps."""
    process = derivation.process
    premise = Paragraph((Text(f"Premise, one step of {process.name}: "), *prose(process.description), Text(".")))
    steps, left_out = [], []
    for number, step in enumerate(derivation.steps, 1):
        shown, left, right = formula(step.shown), formula(step.left), formula(step.right)
        if len(left.plain) > max(_LONG, len(right.plain)):
            left_out.append(str(number))
            left = right
        sides = tuple(side for side in (left, right) if side.plain != shown.plain)
        if len({side.plain for side in sides}) == 1 or len({side.tex for side in sides}) == 1:
            sides = sides[-1:]
        steps.append(Step(prose(step.reason), Equation(shown, sides), CHECKS[str(step.status)]))
    equations = [Equation(formula(left), (formula(right),)) for left, right in derivation.premise]
    return *_stands_on(derivation.name), premise, *equations, Steps(tuple(steps)), *_left_out(left_out)


def _left_out(numbers: list[str]) -> list[Paragraph]:
    """Return a sentence on the steps of which only the result is printed."""
    if not numbers:
        return []
    *most, last = numbers
    which = f"steps {', '.join(most)} and {last}" if most else f"step {last}"
    words = f"What was computed in {which} is too long to be printed beside the result; the derivation's "
    return [Paragraph((Text(words), Code("steps"), Text(" hold both.")))]


def _stands_on(name: str) -> list[Paragraph]:
    """Return which other results a derivation takes the value of as known, or shares steps with."""
    if name not in results:
        return []
    found = _dependencies()[name]
    parts = [(Link(other, other),) for other in found.values]
    parts += [(Text("steps of "), Link(other, other)) for other in found.steps]
    return [Paragraph((Text("Stands on: "), *_separated(parts, ", "), Text(".")))] if parts else []


@cache
def _dependencies() -> Mapping[str, Dependency]:
    return dependencies()


def _opening(form: ClosedForm) -> list[Paragraph]:
    """Return the first line of the file of a form."""
    first = _paragraphs(form)[:1]
    return [Paragraph(prose(paragraph)) for paragraph in first]


def _reading(form: ClosedForm, label: str) -> list[Paragraph]:
    """Return the paragraphs of the form's file that begin with a label, without it."""
    found = []
    for paragraph in _paragraphs(form)[1:]:
        head, _, rest = paragraph.partition(": ")
        if head == label or (label == "Reads as" and head not in ("Reads as", "Fails when")):
            found.append(Paragraph(sentence_case(prose(rest if head == label else paragraph))))
    return found


def _paragraphs(form: ClosedForm) -> list[str]:
    family, _, quantity = form.name.partition(".")
    if not re.fullmatch(r"[a-z0-9_]+\.[a-z0-9_]+", form.name):
        return []
    try:
        text = importlib.import_module(f"sgdtheory.{family}._{quantity}").__doc__ or ""
    except ModuleNotFoundError:  # a form made outside the catalogue
        return []
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]


def sentence_case(inlines: Inlines) -> Inlines:
    """Return a line that begins with a capital letter."""
    if inlines and isinstance(inlines[0], Text):
        first = inlines[0].plain
        return (Text(first[:1].upper() + first[1:]), *inlines[1:])
    return inlines


def _quantities(form: ClosedForm) -> Quantities:
    symbols = [(form.symbol, Text("left-hand side"))]
    symbols += [(symbol, Code(word)) for word, group in form.parameters.items() for symbol in group]
    return Quantities(
        tuple(
            (formula(symbol), prose(glossary[symbol].meaning), role, _SHAPES[len(glossary[symbol].indices)])
            for symbol, role in symbols
        )
    )


def _kind(form: ClosedForm) -> tuple[Block, ...]:
    if form.limit is None:
        words = {"exact": "exact for its process", "bound": "a bound"}
        return (_sentence(words[form.kind.value]),)
    error, limit = leading_error(form), form.limit
    small = glossary[limit.small].word.replace("_", " ")
    fixed = "".join(
        f", {word.replace('_', ' ')} {_MOVES.get(power, f'moving as the power {power} of')} the {small}"
        for word, power in limit.scaling.items()
    )
    head = (
        Text("Asymptotic, the exact result being "),
        Link(limit.exact.name, limit.exact.name),
        Text(". As "),
        formula(f"{plain.expression(limit.small)} -> 0"),
        Text(f"{fixed}, exact minus this is"),
    )
    total = "".join(rf"\sum_{{{letter}}} " for letter in error.summed)
    term, order = formula(error.term), limit.small ** (error.order + 1)
    suffix = f"+ O({tex.expression(order)})"
    remainder = Math(
        f"{'sum_' + error.summed + ' ' if total else ''}{term.plain} + O({plain.expression(order)})",
        f"{total}{term.tex} {suffix}",
        term.expression,
        total,
        suffix,
    )
    return (
        Paragraph(head),
        Equation(Math("exact - this", r"\mathrm{exact} - \mathrm{this}"), (remainder,)),
        *_factor(error),
    )


def _factor(error: LeadingError) -> list[Paragraph]:
    if error.factor is None:
        return []
    words = {"low": "This is low", "high": "This is high", None: "This is off"}[error.direction]
    mode = " in each mode" if error.summed else ""
    return [Paragraph((Text(f"{words} by the factor "), _inline(error.factor), Text(f"{mode}, to leading order.")))]


def _domain(form: ClosedForm) -> Paragraph:
    relations = [relation for relation in form.domain if relation != sp.true]
    bounded = {relation.lhs for relation in relations if relation.rel_op in (">", ">=")}
    symbols = [symbol for group in form.parameters.values() for symbol in group if symbol not in bounded]
    bounds = [
        (f"{plain.expression(s)} {sign} 0", rf"{tex.expression(s)} {command} 0")
        for s in symbols
        for sign, command in [(">", ">") if s.is_positive else (">=", r"\ge")]
        if s.is_positive or s.is_nonnegative
    ]
    formulas = [*map(formula, relations), *(Math(*both) for both in bounds)]
    return Paragraph((*_separated([(each,) for each in formulas], ", "), Text(".")))


def _failures(form: ClosedForm) -> tuple[Block, ...]:
    found = [
        Paragraph((Text("It fails when "), *paragraph.inlines)) for paragraph in _lowered(_reading(form, "Fails when"))
    ]
    for relation in form.domain:
        edge = at_the_edge(form, relation, formula)
        found += [Paragraph(edge)] if edge else []
    outside = [relation.negated for relation in form.domain if isinstance(relation, sp.Rel)]
    if outside:
        places = _separated([(formula(relation),) for relation in outside], " or ")
        found.append(Paragraph((Text("Nothing is claimed where "), *places, Text("."))))
    if form.limit is not None:
        found += _size_of_error(form)
    return (Paragraph(_separated([paragraph.inlines for paragraph in found], " ")),) if found else ()


def _lowered(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """Return sentences with a small first letter, for what stands before them."""
    lowered = []
    for paragraph in paragraphs:
        first, *rest = paragraph.inlines
        small = Text(first.plain[:1].lower() + first.plain[1:]) if isinstance(first, Text) else first
        lowered.append(Paragraph((small, *rest)))
    return lowered


def _size_of_error(form: ClosedForm) -> list[Paragraph]:
    """Return by how much a limit misses the exact value at its first point, in numbers."""
    point, exact = form.points[0], form.limit.exact
    if set(exact.parameters) - set(point) or form.value == 0:
        return []
    index, this, truth = _worst_entry(form, value_at(form, point), value_at(exact, point))
    share = 100 * abs(float(this / truth) - 1)
    percent = rounded(share, 2) if share < 100 else f"{share:.0f}"
    inlines = (
        Text("At "),
        *at(form, point, exact),
        Text(": exact "),
        equals(form, index, truth),
        Text(", this "),
        Math(rounded(this), rounded(this)),
        Text(f", which is {percent} % too {'small' if abs(sp.N(this)) < abs(sp.N(truth)) else 'large'}."),
    )
    return [Paragraph(inlines)]


def _erratum(form: ClosedForm, erratum: Erratum) -> tuple[Block, ...]:
    blocks: list[Block] = [Paragraph((*_source(erratum.source), Text(". Printed:"))), statement(form, erratum.printed)]
    blocks.append(Paragraph(sentence_case((*prose(erratum.says), Text(".")))))
    for point in erratum.points or form.points:
        claimed = value_at(form, point, erratum.printed)
        index, printed, right = _worst_entry(form, claimed, value_at(form, point))
        inlines = [Text("At "), *at(form, point), Text(": printed "), equals(form, index, printed)]
        inlines += [Text(", right "), Math(rounded(right), rounded(right))]
        if form.limit is not None and not set(form.limit.exact.parameters) - set(point):
            *_, truth = _worst_entry(form, claimed, value_at(form, point), value_at(form.limit.exact, point))
            inlines += [Text(" (the exact value is "), Math(rounded(truth), rounded(truth)), Text(")")]
        blocks.append(Paragraph((*inlines, Text("."))))
    return tuple(blocks)


def _worst_entry(form: ClosedForm, wrong: list[Any], *right: list[Any]) -> tuple[Any, ...]:
    """Return the place of the entry in which the first two lists differ most, and its value in all lists."""
    place = max(range(len(wrong)), key=lambda k: abs(sp.N(wrong[k] - right[0][k])))
    letters = glossary[form.symbol].indices
    modes = round(len(wrong) ** (1 / len(letters))) if letters else 1
    index = "".join(str(place // modes ** (len(letters) - 1 - n) % modes + 1) for n in range(len(letters)))
    return index, wrong[place], *(values[place] for values in right)


def equals(form: ClosedForm, index: str, value: Any) -> Math:
    """Return the entry of a form's left-hand side and its value: ``Sigma_22 = 0.3``."""
    shown, typeset = plain.expression(form.symbol), tex.expression(form.symbol)
    if index:
        letters = glossary[form.symbol].indices
        shown = shown.replace(f"_{letters}", f"_{index}")
        typeset = typeset.replace(f"_{{{letters}}}", f"_{{{index}}}").replace(f"_{letters}", f"_{index}")
    return Math(f"{shown} = {rounded(value)}", f"{typeset} = {rounded(value)}")


def rounded(value: Any, digits: int = 4) -> str:
    """Return a number with so many digits."""
    return f"{float(value):.{digits}g}"


def at(form: ClosedForm, point: Point, beside: ClosedForm | None = None) -> Inlines:
    """Return the values of a form's parameters at a point, and of one beside it, each named by its letter."""
    found = []
    for word, (symbol, *_) in {**form.parameters, **(beside.parameters if beside else {})}.items():
        value = _written(point[word])
        found.append(
            Math(
                f"{_letter(plain.expression(symbol), symbol)} = {value}",
                f"{_letter(tex.expression(symbol), symbol)} = {notation(value)}",
            )
        )
    return _separated([(each,) for each in found], ", ")


def _letter(name: str, symbol: sp.Symbol) -> str:
    indices = glossary[symbol].indices
    return name.removesuffix(f"_{{{indices}}}").removesuffix(f"_{indices}") if indices else name


def _written(value: Any) -> str:
    return f"({', '.join(map(_written, value))})" if isinstance(value, tuple) else str(value)


def _source(source: Source) -> Inlines:
    convention = (Text("; its notation: "), *prose(source.convention)) if source.convention else ()
    return (Cite(source.key), Text(": "), *prose(source.locator), *convention)


def _sentence(*parts: str) -> Paragraph:
    return Paragraph(sentence_case(prose("".join(parts) + ".")))


def _separated(parts: list[Inlines], separator: str) -> Inlines:
    found: list[Any] = []
    for part in parts:
        found += [*([Text(separator)] if found else []), *part]
    return tuple(found)


def _listed(items: Any) -> tuple[Block, ...]:
    return _listed_blocks((Paragraph(tuple(item)),) for item in items)


def _listed_blocks(items: Any) -> tuple[Block, ...]:
    found = tuple(items)
    return (Bullets(found),) if found else ()
