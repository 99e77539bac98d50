"""Documents as HTML: whole pages with MathML, without scripts; fragments with TeX for a notebook."""

from __future__ import annotations

import html as _html
import re
import xml.etree.ElementTree as ElementTree
from functools import cache
from typing import TYPE_CHECKING

from sgdtheory.errors import SGDTheoryError
from sgdtheory.render.bibliography import reference
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
    Section,
    Steps,
    Text,
)
from sgdtheory.render.entry import derivation_blocks
from sgdtheory.render.entry import entry as build
from sgdtheory.render.stylesheet import CSS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sgdtheory.algebra.derivation import Derivation
    from sgdtheory.closed_form import ClosedForm

_NAMESPACE = "http://www.w3.org/1998/Math/MathML"
_ELEMENTS = (
    "math mrow mi mn mo mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mtable mtr mtd mstyle"
    " mpadded mphantom"
)
_ROOM = 34.0  # em of a displayed equation
_IN_A_NOTEBOOK = ("Symbols", "Kind", "Holds for", "Where it fails")
_TITLES = {
    "proved": "the difference of both sides is a rational function that vanishes",
    "50 digits": "both sides agree to 50 digits at random points",
    "computed": "the computation gave this form, or a known result was put in: nothing was left to prove",
}


class MissingConverterError(SGDTheoryError):
    """The library that turns LaTeX into MathML is not installed."""


def document(whole: Document) -> str:
    """Return a document as one self-contained page.

    Raises
    ------
    MissingConverterError
        If latex2mathml is not installed.
    """
    anchors = {entry.name for chapter in whole.chapters for entry in chapter.entries}
    writer = _Writer(anchors | set(whole.references))
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="generator" content="sgdtheory">',
            f"<title>{_escaped(whole.title)}</title>",
            f"<style>\n{CSS}</style>",
            "</head>",
            "<body>",
            *writer.document(whole),
            "</body>",
            "</html>",
            "",
        ]
    )


def fragment_of_form(form: ClosedForm) -> str:
    """Return a result for a notebook: the statement, its symbols and where it holds; formulas are TeX for MathJax.

    Examples
    --------
    >>> from sgdtheory.catalogue import results
    >>> "eta_{\\\\max}" in fragment_of_form(results["quadratic.mean_stability_limit"])
    True
    """
    one = build(form)
    sections = tuple(section for section in one.sections if section.title in _IN_A_NOTEBOOK)
    return "\n".join(_NotebookWriter(()).entry(Entry(one.name, one.title, one.lead, sections), level=4))


def fragment_of_derivation(derivation: Derivation) -> str:
    """Return a derivation for a notebook: premise and steps; formulas are TeX for MathJax."""
    writer = _NotebookWriter(())
    name = [f"<p><code>{_escaped(derivation.name)}</code></p>"] if derivation.name else []
    return "\n".join(["<div>", *name, *writer.blocks(derivation_blocks(derivation)), "</div>"])


class _Writer:
    """The blocks of a document as lines of HTML."""

    def __init__(self, anchors: Iterable[str]) -> None:
        self.anchors = set(anchors)

    def document(self, whole: Document) -> list[str]:
        """Return the body of a page."""
        book = bool(whole.front)
        lines = self._head(whole) if book else []
        lines.append("<main>")
        for section in whole.front:
            lines += [f'<section id="{_anchor(section.title)}">', f"<h1>{_escaped(section.title)}</h1>"]
            lines += [*self.blocks(section.blocks), "</section>"]
        for chapter in whole.chapters:
            if book:
                lines += [
                    f'<h1 id="{_anchor(chapter.name)}">{_escaped(chapter.title)}</h1>',
                    *self.blocks(chapter.lead),
                ]
            for entry in chapter.entries:
                lines += self.entry(entry, level=2 if book else 1)
        return [*lines, *self._references(whole.references, 1 if book else 2), "</main>"]

    def _head(self, whole: Document) -> list[str]:
        subtitle, *rest = whole.subtitle.split("\n")
        lines = ["<header>", f'<p class="title">{_escaped(whole.title)}</p>', f"<p>{_escaped(subtitle)}</p>"]
        lines += [*(f'<p class="quiet">{_escaped(line)}</p>' for line in rest), "</header>"]
        lines += ['<nav aria-label="Contents">', "<h1>Contents</h1>", "<ul>"]
        lines += [f'<li><a href="#{_anchor(s.title)}">{_escaped(s.title)}</a></li>' for s in whole.front]
        for chapter in whole.chapters:
            entries = "".join(
                f'<li><a href="#{_anchor(entry.name)}">{self._capital(entry.title)}</a></li>'
                for entry in chapter.entries
            )
            lines.append(f'<li><a href="#{_anchor(chapter.name)}">{_escaped(chapter.title)}</a><ol>{entries}</ol></li>')
        lines += ['<li><a href="#references">References</a></li>'] if whole.references else []
        return [*lines, "</ul>", "</nav>"]

    def entry(self, entry: Entry, *, level: int) -> list[str]:
        """Return one result."""
        lines = [f'<section class="result" id="{_anchor(entry.name)}">']
        lines += [f"<h{level}>{self._capital(entry.title)}</h{level}>"]
        lines += [f'<p class="name"><code>{_escaped(entry.name)}</code></p>', *self.blocks(entry.lead)]
        for section in entry.sections:
            lines += self.section(section, level + 1)
        return [*lines, "</section>"]

    def section(self, section: Section, level: int) -> list[str]:
        """Return a headed part of an entry."""
        return [f"<h{level}>{_escaped(section.title)}</h{level}>", *self.blocks(section.blocks)]

    def blocks(self, blocks: tuple[Block, ...]) -> list[str]:
        """Return blocks, one below the other."""
        return [line for block in blocks for line in self.block(block)]

    def block(self, block: Block) -> list[str]:
        """Return one block."""
        if isinstance(block, Paragraph):
            return [f"<p>{self.inlines(block.inlines)}</p>"]
        if isinstance(block, Equation):
            return [self.equation(block)]
        if isinstance(block, Bullets):
            items = ["\n".join(["<li>", *self.blocks(item), "</li>"]) for item in block.items]
            return ["<ul>", *items, "</ul>"]
        if isinstance(block, Quantities):
            return self._quantities(block)
        return self._steps(block)

    def _quantities(self, block: Quantities) -> list[str]:
        rows = [
            f"<tr><td>{self.inline(symbol)}</td><td>{self.inlines(meaning)}</td>"
            f"<td>{self.inline(role)}</td><td>{_escaped(shape)}</td></tr>"
            for symbol, meaning, role, shape in block.rows
        ]
        head = "<thead><tr><th>symbol</th><th>meaning</th><th>keyword</th><th>shape</th></tr></thead>"
        return [f'<div class="wide"><table>{head}', *rows, "</table></div>"]

    def _steps(self, block: Steps) -> list[str]:
        lines = ['<ol class="steps">']
        for step in block.items:
            mark = self.mark(step.check)
            lines.append(f"<li><p>{self.inlines(step.reason)} {mark}</p>{self.equation(step.equation)}</li>")
        return [*lines, "</ol>"]

    def mark(self, check: str) -> str:
        """Return how a step was checked."""
        return f'<span class="check" title="{_TITLES.get(check, "")}">{_escaped(check)}</span>'

    def equation(self, equation: Equation) -> str:
        """Return a displayed equation in a box of its own, which scrolls where it is too wide."""
        rows = display(equation, _ROOM) if equation.right else [(equation.left.tex, "")]

        def cell(tex: str) -> str:
            return f'<mtd><mstyle displaystyle="true">{_converted(tex) if tex else ""}</mstyle></mtd>'

        cells = "".join(f"<mtr>{cell(left)}{cell('{}' + right if right else '')}</mtr>" for left, right in rows)
        return f'<div class="equation"><math display="block"><mtable>{cells}</mtable></math></div>'

    def inlines(self, inlines: Inlines) -> str:
        """Return a line of words and formulas; a comma or full stop stays with the formula before it."""
        shown: list[str] = []
        for before, piece in zip((None, *inlines), inlines, strict=False):
            mark = re.match(r"[,.;:)]+", piece.plain) if isinstance(piece, Text) and isinstance(before, Math) else None
            if mark:
                shown[-1] = f'<span class="unbroken">{shown[-1]}{self.words(mark[0])}</span>'
                shown.append(self.words(piece.plain[mark.end() :]))
            else:
                shown.append(self.inline(piece))
        return "".join(shown)

    def inline(self, piece: Inline) -> str:
        """Return one piece of a line."""
        if isinstance(piece, Math):
            return self.formula(piece.tex)
        if isinstance(piece, Cite):
            return self._link(self.words(reference(piece.key).label), piece.key)
        if isinstance(piece, Link):
            return self._link(f"<code>{self.words(piece.plain)}</code>", piece.target)
        if isinstance(piece, Code):
            return f"<code>{self.words(piece.plain)}</code>"
        return self.words(piece.plain)

    def formula(self, tex: str) -> str:
        """Return a formula of the running text."""
        return f"<math>{_converted(tex)}</math>"

    def words(self, plain: str) -> str:
        """Return words, escaped."""
        return _escaped(plain)

    def _link(self, shown: str, target: str) -> str:
        return f'<a href="#{_anchor(target)}">{shown}</a>' if target in self.anchors else shown

    def _capital(self, title: Inlines) -> str:
        return re.sub(r"^[a-z]", lambda first: first[0].upper(), self.inlines(title))

    def _references(self, keys: tuple[str, ...], level: int) -> list[str]:
        if not keys:
            return []
        lines = [f'<section id="references"><h{level}>References</h{level}>', '<ul class="references">']
        for key in keys:
            found = reference(key)
            place = f" {_escaped(found.venue)}." if found.venue else ""
            lines.append(
                f'<li id="{_anchor(key)}">{_escaped(found.label)}. <cite>{_escaped(found.title)}</cite>.{place}'
                f"<details><summary>BibTeX</summary><pre>{_escaped(found.bibtex)}</pre></details></li>"
            )
        return [*lines, "</ul>", "</section>"]


class _NotebookWriter(_Writer):
    """The same with TeX between dollar signs, which a notebook's MathJax sets."""

    def equation(self, equation: Equation) -> str:
        """Return a displayed equation."""
        rows = display(equation, _ROOM) if equation.right else [(equation.left.tex, "")]
        body = r" \\ ".join(f"{left} & {right}" for left, right in rows)
        return f"<div>$$\\begin{{aligned}} {_html.escape(body, quote=False)} \\end{{aligned}}$$</div>"

    def formula(self, tex: str) -> str:
        """Return a formula of the running text."""
        return f"${_html.escape(tex, quote=False)}$"

    def words(self, plain: str) -> str:
        """Return words, escaped also for MathJax."""
        ignored = '<span class="tex2jax_ignore mathjax_ignore">{}</span>'
        return re.sub(r"[$\\]+", lambda match: ignored.format(match[0]), _escaped(plain))

    def mark(self, check: str) -> str:
        """Return how a step was checked."""
        return f'<small style="opacity: 0.65">[{_escaped(check)}]</small>'

    def _quantities(self, block: Quantities) -> list[str]:
        style = 'style="text-align: left; padding-right: 1.2em"'  # a notebook sets cells to the right
        return [re.sub(r"<(t[dh])>", rf"<\1 {style}>", line) for line in super()._quantities(block)]


def _set_as_tex_does(part: ElementTree.Element, before: str | None) -> None:
    """Mend what the converter sets unlike TeX; ``before`` is what stands to the left of an operator."""
    if part.tag.endswith("}msub") and part[0].text == "\N{N-ARY SUMMATION}":
        part.tag = f"{{{_NAMESPACE}}}munder"  # below the sign where there is room
    elif part.tag.endswith("}mi") and re.fullmatch("[\u0391-\u03a9]", part.text or ""):
        part.set("mathvariant", "normal")  # capital Greek letters stand upright
    elif part.text == "/":
        part.attrib.update(lspace="0.05em", rspace="0.05em")
    elif part.text == "\N{MINUS SIGN}" and before in (None, "(", "[", "=", ",", "\N{ALMOST EQUAL TO}"):
        part.set("form", "prefix")
    elif part.tag.endswith("}mo") and (part.text or "").isalpha():  # names such as tr and Var
        part.attrib.update(lspace="0.15em" if before else "0", rspace="0.05em")


def check_installed() -> None:
    """Refuse where the converter of formulas is not installed."""
    try:
        import latex2mathml.converter  # noqa: F401
    except ImportError:
        raise MissingConverterError(
            "formulas in HTML need latex2mathml",
            got="it is not installed",
            allowed="latex2mathml 3.77 or later",
            mend="pip install 'sgdtheory[book]'",
        ) from None


@cache
def _converted(tex: str) -> str:
    """Return the inside of the math element; what is no MathML, or not well formed, is shown as its LaTeX."""
    check_installed()
    from latex2mathml.converter import convert

    try:
        element = ElementTree.fromstring(convert(tex))
    except (ElementTree.ParseError, IndexError, ValueError):
        return f"<mtext>{_escaped(tex)}</mtext>"
    if {part.tag.removeprefix(f"{{{_NAMESPACE}}}") for part in element.iter()} - set(_ELEMENTS.split()):
        return f"<mtext>{_escaped(tex)}</mtext>"  # the converter does not escape the text of \text
    for parent in element.iter():
        for before, part in zip((None, *parent), parent, strict=False):
            _set_as_tex_does(part, None if before is None else before.text or before.tag)
    ElementTree.register_namespace("", _NAMESPACE)
    inside = "".join(ElementTree.tostring(child, encoding="unicode") for child in element)
    return inside.replace(f' xmlns="{_NAMESPACE}"', "")


def _escaped(plain: str) -> str:
    return _html.escape("".join(letter if letter.isprintable() or letter == "\n" else " " for letter in plain))


def _anchor(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
