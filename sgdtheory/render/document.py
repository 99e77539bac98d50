"""The neutral document: what a page says, before any format.

``entry.py`` and ``book.py`` build it; ``text.py``, ``latex.py``, ``html.py`` and ``markdown.py`` write it. Words of a
person stand in ``Text`` and are escaped by every writer; mathematics stands in ``Math`` and comes from SymPy or from
the light notation of ``notation.py``, which lets only known commands through.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import sympy as sp


@dataclass(frozen=True)
class Text:
    """Words."""

    plain: str


@dataclass(frozen=True)
class Code:
    """A name as it is typed: a keyword, a result."""

    plain: str


@dataclass(frozen=True)
class Link:
    """A reference to another place of the same document, with the words that show it."""

    plain: str
    target: str


@dataclass(frozen=True)
class Math:
    """A formula.

    Attributes
    ----------
    plain
        For a terminal.
    tex
        For everything else, on one line.
    expression, prefix, suffix
        What ``tex`` was made from, and what stands before and after it, so that a long formula can be broken.
    """

    plain: str
    tex: str
    expression: sp.Basic | None = field(default=None, compare=False)
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True)
class Cite:
    """A reference to the bibliography, by key."""

    key: str

    @property
    def plain(self) -> str:
        """The key in brackets."""
        return f"[{self.key}]"


Inline = Text | Code | Link | Math | Cite
Inlines = tuple[Inline, ...]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    inlines: Inlines


@dataclass(frozen=True)
class Equation:
    """A displayed chain of equalities: left, then each right-hand side below the one before."""

    left: Math
    right: tuple[Math, ...]
    relation: str = "="  # "~" for a limit, ">=" or "<=" for a bound


@dataclass(frozen=True)
class Bullets:
    """A list; each item is a sequence of blocks."""

    items: tuple[tuple[Block, ...], ...]


@dataclass(frozen=True)
class Quantities:
    """The symbols of a result: symbol, meaning, keyword (or role) and shape."""

    rows: tuple[tuple[Math, Inlines, Inline, str], ...]


@dataclass(frozen=True)
class Step:
    """A numbered step: its reason, its equation, and how it was checked (``""`` for what is only given)."""

    reason: Inlines
    equation: Equation
    check: str


@dataclass(frozen=True)
class Steps:
    """The steps of a derivation."""

    items: tuple[Step, ...]


Block = Paragraph | Equation | Bullets | Quantities | Steps


@dataclass(frozen=True)
class Section:
    """A headed part of an entry."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Entry:
    """All about one result: its name, its title, what comes first, and sections."""

    name: str
    title: Inlines
    lead: tuple[Block, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Chapter:
    """Entries of one family."""

    name: str
    title: str
    lead: tuple[Block, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Document:
    """A whole document: a book, or one result with its bibliography (then without title and front)."""

    title: str
    subtitle: str
    front: tuple[Section, ...]
    chapters: tuple[Chapter, ...]
    references: tuple[str, ...]  # keys of the bibliography


def plain(inlines: Inlines) -> str:
    """Return the words of a line without any formatting."""
    return "".join(piece.plain for piece in inlines)
