"""One result as a page of MyST Markdown: formulas between dollar signs, everything else CommonMark."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sgdtheory.render.bibliography import reference
from sgdtheory.render.book import one_result
from sgdtheory.render.breaking import display
from sgdtheory.render.document import (
    Block,
    Bullets,
    Cite,
    Code,
    Document,
    Entry,
    Equation,
    Inline,
    Inlines,
    Link,
    Math,
    Paragraph,
    Quantities,
    Steps,
)

if TYPE_CHECKING:
    from sgdtheory.closed_form import ClosedForm

_ROOM = 34.0  # em of a displayed equation
_HEAD = ("symbol", "meaning", "keyword", "shape")


def page(form: ClosedForm) -> str:
    """Return a result with its derivation and bibliography, beginning with ``# title``.

    Examples
    --------
    >>> from sgdtheory.catalogue import results
    >>> print(page(results["quadratic.mean_stability_limit"]).splitlines()[0])
    # Largest learning rate at which the mean converges
    """
    return document(one_result(form))


def document(whole: Document) -> str:
    """Return a document as Markdown."""
    lines: list[str] = []
    for chapter in whole.chapters:
        for entry in chapter.entries:
            lines += _entry(entry)
    if whole.references:
        lines += ["## References", ""]
        for key in whole.references:
            found = reference(key)
            place = f" {_words(found.venue)}." if found.venue else ""
            lines += [f"* {_words(found.label)}. *{_words(found.title)}*.{place}"]
        lines += ["", "```bibtex", "\n\n".join(reference(key).bibtex for key in whole.references), "```", ""]
    return "\n".join(lines)


def _entry(entry: Entry) -> list[str]:
    title = re.sub(r"^[a-z]", lambda first: first[0].upper(), _inlines(entry.title))
    lines = [f"# {title}", "", f"`{_verbatim(entry.name)}`", "", *_blocks(entry.lead)]
    for section in entry.sections:
        lines += [f"## {_words(section.title)}", "", *_blocks(section.blocks)]
    return lines


def _blocks(blocks: tuple[Block, ...]) -> list[str]:
    return [line for block in blocks for line in (*_block(block), "")]


def _block(block: Block) -> list[str]:
    if isinstance(block, Paragraph):
        return [_inlines(block.inlines)]
    if isinstance(block, Equation):
        return _equation(block)
    if isinstance(block, Bullets):
        return [line for item in block.items for line in _item("* ", _blocks(item))]
    if isinstance(block, Quantities):
        return _quantities(block)
    return _steps(block)


def _steps(block: Steps) -> list[str]:
    lines = []
    for number, step in enumerate(block.items, 1):
        inside = [f"{_inlines(step.reason)} *({_words(step.check)})*", "", *_equation(step.equation), ""]
        lines += _item(f"{number}. ", inside)
    return lines


def _item(mark: str, inside: list[str]) -> list[str]:
    first, *rest = inside
    while rest and not rest[-1]:
        rest.pop()
    return [mark + first, *(" " * len(mark) + line if line else "" for line in rest), *([""] if rest else [])]


def _equation(equation: Equation) -> list[str]:
    rows = display(equation, _ROOM) if equation.right else [(equation.left.tex, "")]
    if len(rows) == 1:
        return ["$$", " ".join(part for part in rows[0] if part), "$$"]
    ends = [r" \\"] * (len(rows) - 1) + [""]
    body = [f"{left} &{right}{end}" for (left, right), end in zip(rows, ends, strict=True)]
    return ["$$", r"\begin{aligned}", *body, r"\end{aligned}", "$$"]


def _quantities(block: Quantities) -> list[str]:
    lines = [f"| {' | '.join(_HEAD)} |", f"|{'---|' * len(_HEAD)}"]
    for symbol, meaning, role, shape in block.rows:
        cells = (_inline(symbol), _inlines(meaning), _inline(role), _words(shape))
        lines.append(f"| {' | '.join(map(_without_bars, cells))} |")
    return lines


def _without_bars(cell: str) -> str:
    """Return a cell whose formulas have no bar, which would end the cell."""
    return re.sub(r"\$[^$]+\$", lambda match: match[0].replace(r"\|", r"\Vert ").replace("|", r"\vert "), cell)


def _inlines(inlines: Inlines) -> str:
    return "".join(map(_inline, inlines))


def _inline(piece: Inline) -> str:
    if isinstance(piece, Math):
        return f"${piece.tex}$"
    if isinstance(piece, Cite):
        return _words(reference(piece.key).label)
    if isinstance(piece, Code | Link):
        return f"`{_verbatim(piece.plain)}`"
    return _words(piece.plain)


def _words(plain: str) -> str:
    """Return words of which Markdown takes none for a mark-up."""
    spaced = "".join(letter if letter.isprintable() else " " for letter in plain)
    return re.sub(r"([\\`*_{}\[\]<>#|$~&]|:(?=::)|^[-+%]|(?<=^\d)[.)])", r"\\\1", spaced)


def _verbatim(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_. ()-]", "?", name)
