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
_GLUE = "\N{NO-BREAK SPACE}"  # keeps a relation on one line; written as a plain space in the end


def page(form: ClosedForm) -> str:
    """Return everything that a closed form carries, for a person to read.

    Examples
    --------
    >>> from sgdtheory.catalogue import results
    >>> print(page(results["quadratic.mean_stability_limit"]).splitlines()[5])
        eta_max = 2 / lambda_max
    """
    return entry(build(form))


def entry(one: Entry) -> str:
    """Return an entry: its name and title, what comes first, then its sections, labelled in a column."""
    lines = [one.name, *_wrapped(_plain(one.title), 0, 0), ""]
    for block in one.lead:
        lines += [*_block(block, 4 if isinstance(block, Equation) else 0), ""]
    for section in one.sections:
        lines += _section(section)
    return _ascii("\n".join(lines))


def derivation(derived: Derivation) -> str:
    """Return a derivation: the premise, then numbered steps with their reason, equality and check."""
    lines = [*filter(None, [derived.name])]
    for block in derivation_blocks(derived):
        lines += [*_block(block, 4 if isinstance(block, Equation) else 0), ""]
    return _ascii("\n".join(lines[:-1]))


def _section(section: Section) -> list[str]:
    if section.title == "Derivation":
        return ["", "derivation", *(line for block in section.blocks for line in _block(block, 2)), ""]
    lines = [line for block in section.blocks for line in _block(block, LABEL)]
    label = section.title.lower()
    if len(label) >= LABEL:
        return [label, *lines]
    return [label.ljust(LABEL) + lines[0][LABEL:], *lines[1:]]


def _block(block: Block, indent: int) -> list[str]:
    if isinstance(block, Paragraph):
        return _wrapped(_plain(block.inlines), indent, indent)
    if isinstance(block, Equation):
        left, parts = block.left.plain, [side.plain for side in block.right]
        if not parts:
            return _formula(left, indent)
        if len(parts) == 1:
            return _formula(f"{left} = {parts[0]}", indent)
        return [*_formula(left, indent), *(line for part in parts for line in _formula(f"= {part}", indent + 2))]
    if isinstance(block, Bullets):
        return [line for item in block.items for line in _item(item, indent)]
    if isinstance(block, Quantities):
        return _quantities(block, indent)
    return _steps(block, indent)


def _item(item: tuple[Block, ...], indent: int) -> list[str]:
    lines = [line for block in item for line in _block(block, indent + 2)]
    return [" " * indent + "- " + lines[0].lstrip(), *lines[1:]]


def _quantities(block: Quantities, indent: int) -> list[str]:
    width = max(len(symbol.plain) for symbol, *_ in block.rows)
    lines = []
    for symbol, meaning, role, shape in block.rows:
        keyword = role.plain if role.plain == "left-hand side" else f"keyword {role.plain}"
        text = f"{symbol.plain.ljust(width)}  {_plain(meaning)} ({keyword}, {shape})"
        lines += _wrapped(text, indent, indent + width + 2, keep=True)
    return lines


def _steps(block: Steps, indent: int) -> list[str]:
    lines: list[str] = []
    for number, step in enumerate(block.items, 1):
        head = f"{number:>3}. "
        lines += _wrapped(f"{head}{_plain(step.reason)} [{step.check}]", indent, indent + len(head), keep=True)
        lines += _block(step.equation, indent + 7)
    return lines


def _plain(inlines: Inlines) -> str:
    return "".join(map(_inline, inlines))


def _inline(piece: Inline) -> str:
    if isinstance(piece, Cite):
        return citation(piece.key)
    if isinstance(piece, Math) and len(piece.plain) <= WIDTH // 3:
        return piece.plain.replace(" ", _GLUE)  # on one line
    return piece.plain


def _wrapped(text: str, first: int, rest: int, *, keep: bool = False) -> list[str]:
    lines = textwrap.wrap(
        text if keep else re.sub(r"[^\S\N{NO-BREAK SPACE}]+", " ", text),
        WIDTH,
        initial_indent=" " * first,
        subsequent_indent=" " * rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_GLUE, " ") for line in lines]


def _formula(text: str, indent: int) -> list[str]:
    """Wrap a formula, at its sums and quotients only."""
    glued = re.sub(rf"{_GLUE}([-+/=]){_GLUE}", rf" \1{_GLUE}", text.replace(" ", _GLUE))
    return _wrapped(glued.replace("\n", " "), indent, indent + 4, keep=True)


def _ascii(text: str) -> str:
    """Return text with what a terminal could take for a command, or cannot show, as a question mark."""
    return "".join(letter if letter == "\n" or " " <= letter <= "~" else "?" for letter in text)
