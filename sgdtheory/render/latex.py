"""Documents as LaTeX: statements, derivations, one result or a whole book.

What is written compiles with the packages of texlive-latex-base, -recommended and -fonts-recommended and lmodern.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sgdtheory.render.bibliography import reference
from sgdtheory.render.breaking import ROOM, display
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
    plain,
)
from sgdtheory.render.entry import derivation_blocks
from sgdtheory.render.tex import expression as expression
from sgdtheory.render.tex import statement as statement
from sgdtheory.render.tex import text as text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sgdtheory.algebra.derivation import Derivation

_PREAMBLE = r"""\documentclass[11pt,a4paper,oneside]{report}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{textcomp}
\usepackage{lmodern}
\usepackage{amsmath,amssymb,mathtools}
\usepackage{array,booktabs,tabularx,longtable}
\usepackage{microtype}
\usepackage[a4paper,textwidth=150mm,textheight=235mm]{geometry}
\usepackage{xcolor}
\usepackage[hidelinks,pdfusetitle,pdfcreator={sgdtheory}]{hyperref}
\hypersetup{colorlinks=true,allcolors=ink}
\definecolor{ink}{HTML}{0B4F8A}
\definecolor{quiet}{HTML}{6B6B6B}
\setcounter{tocdepth}{1}
\setcounter{secnumdepth}{1}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.45\baselineskip plus 2pt}
\setlength{\emergencystretch}{3em}
\widowpenalty=10000
\clubpenalty=10000
\predisplaypenalty=10000
\displaywidowpenalty=10000
\allowdisplaybreaks[1]
\raggedbottom
\AtBeginDocument{%
  \setlength{\abovedisplayskip}{5pt plus 2pt minus 1pt}\setlength{\belowdisplayskip}{5pt plus 2pt minus 1pt}%
  \setlength{\abovedisplayshortskip}{3pt plus 1pt}\setlength{\belowdisplayshortskip}{5pt plus 2pt minus 1pt}}
\newcommand{\name}[1]{\texttt{\small #1}}
\newcommand{\checkedby}[1]{\text{\footnotesize\color{quiet}#1}}
\makeatletter
\renewcommand{\section}{\@startsection{section}{1}{\z@}{-3.5ex plus -1ex minus -.2ex}{1ex}%
  {\normalfont\Large\bfseries\boldmath\raggedright}}
\renewcommand{\@makechapterhead}[1]{{\parindent\z@\raggedright\normalfont
  \ifnum\c@secnumdepth>\m@ne{\large\color{quiet}\@chapapp\space\thechapter\par\nobreak\vskip 6pt}\fi
  {\Huge\bfseries #1\par}\nobreak\vskip 24pt}}
\renewcommand{\@makeschapterhead}[1]{{\parindent\z@\raggedright\normalfont{\Huge\bfseries #1\par}\nobreak\vskip 24pt}}
\newcommand{\heading}[1]{\par\addvspace{0.5\baselineskip plus 2pt}%
  {\sffamily\bfseries\small #1\par}\nobreak\vspace{-0.1\baselineskip}\@afterheading}
\newcommand{\runin}[1]{\par\addvspace{0.25\baselineskip plus 2pt}{\sffamily\bfseries\small #1.}\enspace\ignorespaces}
\makeatother
\newenvironment{points}{\begin{list}{\textbullet}{\setlength{\leftmargin}{1.4em}\setlength{\labelwidth}{1em}%
  \setlength{\itemsep}{1pt}\setlength{\parsep}{0.25\baselineskip}\setlength{\topsep}{0pt}}}{\end{list}}
\newcommand{\sectionbreak}{\par\vspace{1.5\baselineskip plus 1\baselineskip}\pagebreak[1]}
\newcounter{proofstep}
\newenvironment{proofsteps}{\begin{list}{\arabic{proofstep}.}{\usecounter{proofstep}\setlength{\leftmargin}{2em}%
  \setlength{\labelwidth}{1.5em}\setlength{\itemsep}{2pt}\setlength{\parsep}{0pt}\setlength{\topsep}{2pt}}}{\end{list}}
"""

_LONG_TABLE = 20  # rows
_FREE = 36.0  # em of an equation that stands neither in a list nor beside a mark


def document(whole: Document) -> str:
    """Return a document that pdflatex compiles."""
    anchors = {entry.name for chapter in whole.chapters for entry in chapter.entries}
    writer = _Writer(anchors | set(whole.references))
    return "\n".join([_PREAMBLE, *writer.document(whole), r"\end{document}", ""])


def derivation(proof: Derivation) -> str:
    """Return a derivation: the premise, then each step as its reason and a displayed equality.

    It needs amsmath and amssymb only, and can be pasted into any document.
    """
    writer = _Writer(frozenset(), portable=True)
    lines = [rf"\paragraph{{{text(proof.name or 'Derivation')}}}"]
    return "\n".join([*lines, *writer.blocks(derivation_blocks(proof))])


def equation(one: Equation, mark: str = "", room: float = ROOM) -> list[str]:
    """Return a displayed equation, broken into rows where it is long; the mark stands at the right."""
    rows = display(one, room) if one.right else [(one.left.tex, "")]
    tag = [rf"  \tag*{{\checkedby{{{text(mark)}}}}}"] if mark else []
    if len(rows) == 1:
        row = f"  {' '.join(part for part in rows[0] if part)}"
        return [r"\begin{equation*}", row, *tag, r"\end{equation*}"]
    body = [f"  {left} &{right} \\\\" for left, right in rows[:-1]] + [f"  {rows[-1][0]} &{rows[-1][1]}"]
    return [r"\begin{align*}", *body, *tag, r"\end{align*}"]  # its rows may stand on two pages


class _Writer:
    """The blocks of a document as lines of LaTeX; ``portable`` uses nothing from our preamble."""

    def __init__(self, anchors: Iterable[str], *, portable: bool = False) -> None:
        self.anchors, self.portable = set(anchors), portable

    def document(self, whole: Document) -> list[str]:
        """Return the title, the front matter, chapters and bibliography."""
        book = bool(whole.front)
        lines = [rf"\title{{{text(whole.title)}}}", r"\author{}", r"\date{}", r"\begin{document}"]
        if book:
            lines += self._front(whole)
        for chapter in whole.chapters:
            if book:
                lines += [rf"\chapter{{{text(chapter.title)}}}", *self.blocks(chapter.lead)]
            for number, entry in enumerate(chapter.entries):
                lines += [*([r"\sectionbreak"] if book and number else []), *self.entry(entry, numbered=book)]
        return [*lines, *self._references(whole.references, book)]

    def _front(self, whole: Document) -> list[str]:
        subtitle, *rest = whole.subtitle.split("\n")
        lines = [
            r"\begin{titlepage}\raggedright\vspace*{0.22\textheight}",
            rf"{{\Huge\bfseries {text(whole.title)}\par}}\vspace{{1.2\baselineskip}}",
            rf"{{\Large {text(subtitle)}\par}}\vfill",
            *(rf"{{\color{{quiet}} {text(line)}\par}}" for line in rest),
            r"\end{titlepage}",
            r"{\setlength{\parskip}{0pt}\hypersetup{linkcolor=black}\tableofcontents}",
        ]
        for section in whole.front:
            lines += [
                rf"\chapter*{{{text(section.title)}}}",
                rf"\addcontentsline{{toc}}{{chapter}}{{{text(section.title)}}}",
                *self.blocks(section.blocks),
            ]
        return lines

    def entry(self, entry: Entry, *, numbered: bool) -> list[str]:
        """Return one result as a section."""
        title = _capital(self.inlines(entry.title))
        command = r"\section" if numbered else r"\section*"
        both = rf"\texorpdfstring{{{title}}}{{{text(plain(entry.title))}}}"
        lines = ["", rf"{command}{{{both}}}\label{{{_label(entry.name)}}}"]
        lines += [*self._kept([rf"\name{{{text(entry.name)}}}"], entry.lead), ""]
        for section in entry.sections:
            lines += self.section(section)
        return lines

    def _kept(self, first: list[str], blocks: tuple[Block, ...]) -> list[str]:
        """Return blocks of which no page may end between the first line and the first formulas."""
        end = next((place for place, block in enumerate(blocks, 1) if isinstance(block, Equation)), 0)
        while end and end < len(blocks) and isinstance(blocks[end], Equation):
            end += 1
        lines = [r"\begingroup\interlinepenalty=10000\postdisplaypenalty=10000", *first]
        for place, block in enumerate(blocks[:end]):
            # A displayed equation belongs to the paragraph before it.
            apart = (place or first) and not isinstance(block, Equation)
            lines += [*([r"\par\nobreak"] if apart else []), *self.block(block)]
        return [*lines, r"\par\endgroup", *self.blocks(blocks[end:])]

    def section(self, section: Section) -> list[str]:
        """Return a headed part of an entry."""
        if isinstance(section.blocks[0], Paragraph) and section.title != "Derivation":
            return ["", rf"\runin{{{text(section.title)}}}", "\n".join(self.blocks(section.blocks)).strip()]
        blocks = self._kept([], section.blocks) if section.title == "Derivation" else self.blocks(section.blocks)
        return ["", rf"\heading{{{text(section.title)}}}", *blocks]

    def blocks(self, blocks: tuple[Block, ...], room: float = _FREE) -> list[str]:
        """Return blocks, one below the other."""
        lines: list[str] = []
        for block in blocks:
            # A displayed equation belongs to the paragraph before it.
            lines += [*([] if isinstance(block, Equation) else [""]), *self.block(block, room)]
        return lines

    def block(self, block: Block, room: float = _FREE) -> list[str]:
        """Return one block."""
        if isinstance(block, Paragraph):
            return [self.inlines(block.inlines)]
        if isinstance(block, Equation):
            return equation(block, room=ROOM if self.portable else room)
        if isinstance(block, Bullets):
            items = [rf"\item {chr(10).join(self.blocks(item, ROOM)).strip()}" for item in block.items]
            return [r"\begin{points}", *items, r"\end{points}"]
        if isinstance(block, Quantities):
            return self._quantities(block)
        return self._steps(block)

    def _quantities(self, block: Quantities) -> list[str]:
        rows = [
            rf"${symbol.tex}$ & {self.inlines(meaning)} & {self.inline(role)} & {text(shape)} \\"
            for symbol, meaning, role, shape in block.rows
        ]
        ragged = r">{\raggedright\arraybackslash}"
        if len(rows) > _LONG_TABLE:  # it breaks over pages
            columns = rf"@{{}}p{{27mm}}{ragged}p{{66mm}}{ragged}p{{35mm}}l@{{}}"
            return [
                rf"{{\small\begin{{longtable}}{{{columns}}}",
                r"\toprule",
                *rows,
                r"\bottomrule",
                r"\end{longtable}}",
            ]
        begin = rf"{{\small\begin{{tabularx}}{{\textwidth}}{{@{{}}l{ragged}Xll@{{}}}}"
        return [begin, r"\toprule", *rows, r"\bottomrule", r"\end{tabularx}\par}"]

    def _steps(self, block: Steps) -> list[str]:
        if self.portable:
            return [
                line
                for number, step in enumerate(block.items, 1)
                for line in (
                    "",
                    f"{number}. {self.inlines(step.reason)} ({text(step.check)}):",
                    *equation(step.equation),
                )
            ]
        lines = [r"\begin{proofsteps}"]
        for step in block.items:
            lines += [rf"\item {self.inlines(step.reason)}", *equation(step.equation, step.check)]
        return [*lines, r"\end{proofsteps}"]

    def inlines(self, inlines: Inlines) -> str:
        """Return a line of words and formulas."""
        return "".join(map(self.inline, inlines))

    def inline(self, piece: Inline) -> str:
        """Return one piece of a line."""
        if isinstance(piece, Math):
            return f"${piece.tex}$"
        if isinstance(piece, Code):
            return self._code(piece.plain)
        if isinstance(piece, Link):
            shown = self._code(piece.plain)
            return rf"\hyperref[{_label(piece.target)}]{{{shown}}}" if piece.target in self.anchors else shown
        if isinstance(piece, Cite):
            shown = text(reference(piece.key).label)
            return rf"\hyperref[{_label(piece.key)}]{{{shown}}}" if piece.key in self.anchors else shown
        return text(piece.plain)

    def _code(self, plain: str) -> str:
        shown = text(plain).replace(r"\_", r"\_\allowbreak{}").replace(".", r".\allowbreak{}")
        return rf"\texttt{{{shown}}}" if self.portable else rf"\name{{{shown}}}"

    def _references(self, keys: tuple[str, ...], book: bool) -> list[str]:
        if not keys:
            return []
        title = r"\chapter*{References}\addcontentsline{toc}{chapter}{References}" if book else r"\heading{References}"
        lines = [title]
        for key in keys:
            found = reference(key)
            authors = f"{found.label}. "
            place = f" {text(found.venue)}." if found.venue else ""
            lines += [
                "",
                rf"\hangindent=1.4em\phantomsection\label{{{_label(key)}}}{text(authors)}"
                rf"\emph{{{text(found.title)}}}.{place} {self._code(key)}",
            ]
        return lines


def _label(name: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name)


def _capital(tex: str) -> str:
    return tex[:1].upper() + tex[1:]
