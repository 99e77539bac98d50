"""Where each result is printed, paper by paper, with the differences of notation that its file states."""

import re

import sgdtheory as st
from sgdtheory.render.bibliography import reference
from sgdtheory.render.document import Math
from sgdtheory.render.notation import prose

HEAD = """\
# Results by paper

For each paper, the results of this library that it prints, where it prints them, and how its symbols read in ours.
Printed variants that the checks of this library reject are marked. {doc}`/conventions` compares the papers' symbols
side by side.
"""


def pages() -> dict[str, str]:
    """Return the text of the page, by path below ``docs``."""
    by_paper: dict[str, list[str]] = {}
    for name, form in st.results.items():
        link = f"[{_typeset(form.title)}](<../results/{name}.md>)"
        for source in form.sources:
            by_paper.setdefault(source.key, []).append(_row(link, source.locator, source.convention))
        for erratum in form.errata:
            wrong = f"{link}; the printed variant is **rejected**: {_typeset(erratum.says)}"
            row = _row(wrong, erratum.source.locator, erratum.source.convention)
            by_paper.setdefault(erratum.source.key, []).append(row)
    parts = [HEAD]
    for key in sorted(by_paper, key=lambda key: (reference(key).label, key)):
        paper = reference(key)
        parts.append(f"## {paper.label}\n\n*{paper.title}*. {_typeset(paper.venue)}\n")
        parts.append("| result | where it is printed | its notation |\n|---|---|---|")
        parts += [*by_paper[key], ""]
    return {"reference/papers.md": "\n".join(parts)}


def _row(result: str, locator: str, convention: str) -> str:
    return f"| {result} | {_typeset(locator)} | {_typeset(convention)} |"


def _typeset(sentence: str) -> str:
    """Return a sentence whose plain formulas (``h^2 sigma^2``) are set as mathematics."""
    return "".join(_piece(piece) for piece in prose(sentence))


def _piece(piece: object) -> str:
    if isinstance(piece, Math):
        return f"${piece.tex}$".replace("|", r"\vert ")
    return re.sub(r"([\\`*_\[\]<>|$])", r"\\\1", piece.plain)
