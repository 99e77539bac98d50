"""Pages and derivations as plain text for a terminal, ASCII only."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from sgdtheory.render.bibliography import citation
from sgdtheory.render.document import (
    Block,
    Bullets,
    Cite,
    Entry,
    Equation,
    Inline,
    Inlines,
    Math,
    Paragraph,
    Quantities,
    Section,
    Steps,
)
from sgdtheory.render.entry import derivation_blocks
from sgdtheory.render.entry import entry as build
from sgdtheory.render.plain import expression as expression
from sgdtheory.render.plain import statement as statement

if TYPE_CHECKING:
    from sgdtheory.algebra.derivation import Derivation
    from sgdtheory.closed_form import ClosedForm

WIDTH = 100
LABEL = 13
_LONGEST_NAME = 20  # letters of a symbol that stands beside its meaning
_GLUE = "\N{NO-BREAK SPACE}"  # keeps a relation on one line; written as a plain space in the end
_BREAKS = re.compile(r" (?=(?:[-+/]|[<>]?=) )|(?<=\)) (?=\()")  # where a line of a formula may end


def page(form: ClosedForm, width: int = WIDTH) -> str:
    """Return everything that a closed form carries, for a person to read.

    Examples
    --------
    >>> from sgdtheory.catalogue import results
    >>> print(page(results["quadratic.mean_stability_limit"]).splitlines()[5])
        eta_max = 2 / lambda_max
    """
    return entry(build(form), width)


def entry(one: Entry, width: int = WIDTH) -> str:
    """Return an entry: its name and title, what comes first, then its sections, labelled in a column."""
    writer = _Writer(width)
    lines = [one.name, *writer.wrapped(writer.plain(one.title), 0, 0), ""]
    for block in one.lead:
        lines += [*writer.block(block, 4 if isinstance(block, Equation) else 0), ""]
    for section in one.sections:
        lines += writer.section(section)
    return _ascii("\n".join(lines))


def derivation(derived: Derivation, width: int = WIDTH) -> str:
    """Return a derivation: the premise, then numbered steps with their reason, equality and check."""
    writer = _Writer(width)
    lines = [*filter(None, [derived.name])]
    for block in derivation_blocks(derived):
        lines += [*writer.block(block, 4 if isinstance(block, Equation) else 0), ""]
    return _ascii("\n".join(lines[:-1]))


class _Writer:
    """The blocks of a page as lines of at most ``width`` letters, where words allow it."""

    def __init__(self, width: int) -> None:
        self.width = width

    def section(self, section: Section) -> list[str]:
        if section.title == "Derivation":
            return ["", "derivation", *(line for block in section.blocks for line in self.block(block, 2)), ""]
        lines = [line for block in section.blocks for line in self.block(block, LABEL)]
        label = section.title.lower()
        if len(label) >= LABEL:
            return [label, *lines]
        return [label.ljust(LABEL) + lines[0][LABEL:], *lines[1:]]

    def block(self, block: Block, indent: int) -> list[str]:
        if isinstance(block, Paragraph):
            return self.wrapped(self.plain(block.inlines), indent, indent)
        if isinstance(block, Equation):
            left, parts = block.left.plain, [side.plain for side in block.right]
            if not parts:
                return self.formula(left, indent)
            if len(parts) == 1:
                relation = "=" if block.relation == "~" else block.relation
                return self.formula(f"{left} {relation} {parts[0]}", indent)
            return [
                *self.formula(left, indent),
                *(line for part in parts for line in self.formula(f"= {part}", indent + 2)),
            ]
        if isinstance(block, Bullets):
            return [line for item in block.items for line in self.item(item, indent)]
        if isinstance(block, Quantities):
            return self.quantities(block, indent)
        return self.steps(block, indent)

    def item(self, item: tuple[Block, ...], indent: int) -> list[str]:
        lines = [line for block in item for line in self.block(block, indent + 2)]
        return [" " * indent + "- " + lines[0].lstrip(), *lines[1:]]

    def quantities(self, block: Quantities, indent: int) -> list[str]:
        names = [symbol.plain for symbol, *_ in block.rows]
        width = max((len(name) for name in names if len(name) <= _LONGEST_NAME), default=4)
        lines = []
        for name, (_, meaning, role, shape) in zip(names, block.rows, strict=True):
            keyword = role.plain if role.plain == "left-hand side" else f"keyword {role.plain}"
            text = f"{self.plain(meaning)} ({keyword}, {shape})"
            if len(name) > width:
                lines += self.formula(name, indent)
                name = ""
            lines += self.wrapped(f"{name.ljust(width)}  {text}", indent, indent + width + 2, keep=True)
        return lines

    def steps(self, block: Steps, indent: int) -> list[str]:
        lines: list[str] = []
        for number, step in enumerate(block.items, 1):
            head = f"{number:>3}. "
            lines += self.wrapped(
                f"{head}{self.plain(step.reason)} [{step.check}]", indent, indent + len(head), keep=True
            )
            lines += self.block(step.equation, indent + 7)
        return lines

    def plain(self, inlines: Inlines) -> str:
        return "".join(map(self.inline, inlines))

    def inline(self, piece: Inline) -> str:
        if isinstance(piece, Cite):
            return citation(piece.key)
        if isinstance(piece, Math) and len(piece.plain) <= self.width // 3:
            return piece.plain.replace(" ", _GLUE)  # on one line
        return piece.plain

    def wrapped(self, text: str, first: int, rest: int, *, keep: bool = False) -> list[str]:
        lines = textwrap.wrap(
            text if keep else re.sub(r"[^\S\N{NO-BREAK SPACE}]+", " ", text),
            self.width,
            initial_indent=" " * first,
            subsequent_indent=" " * rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
        return [line.replace(_GLUE, " ") for line in lines]

    def formula(self, text: str, indent: int) -> list[str]:
        """Wrap a formula before its signs and between its brackets, inside as few brackets as may be."""
        flat = " ".join(text.split())
        places = [found.start() for found in _BREAKS.finditer(flat)]
        lines, start = [], 0
        while start < len(flat):
            margin = indent + bool(lines) * (4 + 2 * min(2, _depth(flat[:start])))
            end = _end_of_line(flat, start, places, self.width - margin)
            lines.append(" " * margin + flat[start:end])
            start = end + 1
        return lines


def _end_of_line(formula: str, start: int, places: list[int], room: int) -> int:
    """Return the place at which the line that starts at a place of a formula ends."""
    if len(formula) - start <= room:
        return len(formula)
    further = [place for place in places if place > start]
    fitting = [place for place in further if place - start <= room]
    if not fitting:
        return further[0] if further else len(formula)
    full = [place for place in fitting if place - start >= room / 3] or fitting[-1:]
    between = {place for place in full if formula[place + 1] == "("}  # two factors, which a sign is better than
    return min(full, key=lambda place: (_depth(formula[:place]), place in between, -place))


def _depth(text: str) -> int:
    return sum((letter in "([") - (letter in ")]") for letter in text)


def _ascii(text: str) -> str:
    """Return text with what a terminal could take for a command, or cannot show, as a question mark."""
    return "".join(letter if letter == "\n" or " " <= letter <= "~" else "?" for letter in text)
