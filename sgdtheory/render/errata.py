"""Printed equations that fail, with the numbers that refute them, as a document and as rows of a table."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from sgdtheory.render.bibliography import reference
from sgdtheory.render.document import (
    Block,
    Bullets,
    Chapter,
    Cite,
    Code,
    Document,
    Entry,
    Inline,
    Inlines,
    Math,
    Paragraph,
    Section,
    Text,
)
from sgdtheory.render.entry import at, equals, formula, rounded, sentence_case, statement
from sgdtheory.render.notation import prose
from sgdtheory.symbols import glossary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sgdtheory.numeric.refutation import Refutation

TITLE = "Printed Equations that Fail"
HEAD = ("printed in", "exact", "simulated", "printed", "off", "correct", "off")
NOTE = "off counts standard errors above the simulation"
_PLACE = 31  # letters of the first column


def book(found: Sequence[Refutation]) -> Document:
    """Return a document with a chapter for each paper."""
    chapters, written = [], Counter[str]()
    for key in papers(found):
        paper, entries = reference(key), []
        for one in found:
            if one.erratum.source.key == key:
                written[one.form.name] += 1
                number = written[one.form.name]
                entries.append(replace(entry(one), name=f"{one.form.name}{f', {number}' if number > 1 else ''}"))
        lead = Paragraph((*prose(paper.title), Text(f". {paper.venue}" if paper.venue else ".")))
        chapters.append(Chapter(key, paper.label, (lead,), tuple(entries)))
    count = f"{len(found)} equations, refuted and corrected. Written by sgdtheory {version('sgdtheory')}."
    front = (Section("How to read this", tuple(map(_words, explanation(found)))),)
    return Document(TITLE, f"With what is right, and the numbers\n{count}", front, tuple(chapters), papers(found))


def papers(found: Sequence[Refutation]) -> tuple[str, ...]:
    """Return the keys of the papers, by author and year."""
    keys = {one.erratum.source.key for one in found}
    return tuple(sorted(keys, key=lambda key: (reference(key).label, key)))


def explanation(found: Sequence[Refutation]) -> tuple[str, ...]:
    """Return what a reader must know, a sentence or two a paragraph."""
    apart = min((abs(one.printed_off) for one in found), default=0.0)
    near = max((abs(one.corrected_off) for one in found), default=0.0)
    return (
        "Each equation is written in the symbols of this library, and what the paper's own symbols mean in them is"
        " said beside it. Many differences between papers are differences of convention; those are no errors and are"
        " not listed here.",
        "The exact value comes from the moments of the algorithm's own step, followed in fractions, and uses no theory."
        " The simulated value is an average over runs of the same step. Its standard error is exact as well, from"
        " fourth moments.",
        "An equation that holds in a limit is looked at so near to it that what is left of the difference is less than"
        " a standard error; how far the printed and the corrected form are from the exact result when one goes much"
        " further is told in addition.",
        f"The printed equations are off by at least {apart:.0f} standard errors of the simulation, the corrected ones"
        f" by at most {near:.1f}. The corrected ones are derived, and their derivations are named.",
    )


def entry(one: Refutation) -> Entry:
    """Return all about a printed equation: what it says, what is right, conventions, numbers, the derivation."""
    form, erratum = one.form, one.erratum
    locator = (Text(", "), *prose(erratum.source.locator), Text("."))
    blocks: list[Block] = [Paragraph((Text("Printed in "), Cite(erratum.source.key), *locator))]
    blocks += [_words("In our symbols, as printed:"), statement(form, erratum.printed)]
    blocks.append(_words(f"What is wrong: {erratum.says}."))
    blocks += [Paragraph((Text("Correct, and derived in "), Code(form.name), Text(":"))), statement(form)]
    if erratum.survives:
        blocks.append(_words(f"What survives: {erratum.survives}."))
    if erratum.source.convention:
        blocks.append(_words(f"The paper's notation: {erratum.source.convention}."))
    near = Text(", near to the limit" if form.limit is not None else "")
    blocks.append(Paragraph((Text("At "), *at(form, one.point), near, *_other_settings(one), Text(":"))))
    blocks.append(Bullets(tuple((Paragraph(line),) for line in _numbers(one))))
    return Entry(form.name, sentence_case(prose(place(one))), tuple(blocks), ())


def _other_settings(one: Refutation) -> Inlines:
    """Return what the run needs beyond the parameters of the formula."""
    pieces: list[Inline] = []
    for word, value in one.point.items():
        if word not in one.form.parameters:
            shown = f" {value}".replace("_", " ") if isinstance(value, str) else ""
            pieces += [Text(f"{', ' if pieces else '; for the run, '}{word.replace('_', ' ')}{shown or ' '}")]
            pieces += [] if shown else [_written(value)]
    return tuple(pieces)


def rows(found: Sequence[Refutation]) -> list[tuple[str, ...]]:
    """Return the rows of a table for a terminal, the head first."""
    table = [HEAD]
    for one in found:
        exact, simulated, printed, corrected = (
            rounded(value, 3) for value in (one.exact, one.simulated, one.printed, one.corrected)
        )
        off = (f"{one.printed_off:.0f}", f"{one.corrected_off:.1f}")
        where = textwrap.shorten(f"{one.erratum.source.key} {place(one)}", _PLACE, placeholder="...")
        table.append((where, exact, simulated, printed, off[0], corrected, off[1]))
    return table


def place(one: Refutation) -> str:
    """Return where an equation is printed, in a few words."""
    return re.split(r"[,;:] ", one.erratum.source.locator)[0]


def _numbers(one: Refutation) -> Iterator[Inlines]:
    error, runs = rounded(one.standard_error, 2), f"{one.replicas:,}"
    yield Text("exact, by the recursion of moments: "), equals(one.form, one.index, one.exact)
    yield Text("as printed: "), _number(one.printed), Text(f", {_off(one.printed_off)}")
    yield Text("corrected: "), _number(one.corrected), Text(f", {_off(one.corrected_off)}")
    yield Text("simulated: "), _number(one.simulated), Text(f", with a standard error of {error} over {runs} runs")
    if one.far_point is not None:
        small = one.form.limit.small
        near = one.far_point[glossary[small].word]
        yield (
            *(Text("much nearer to the limit, at "), formula(small), Text(" = "), _written(near)),
            *(Text(": printed off by "), _share(one.far_printed)),
            *(Text(", corrected by "), _share(one.far_corrected)),
        )


def _off(errors: float) -> str:
    side = "above" if errors > 0 else "below"
    return f"{abs(errors):.{0 if abs(errors) > 10 else 1}f} standard errors {side} the simulation"


def _share(share: float) -> Math:
    """Return how far from one something is, in percent or, if that is much, as a factor."""
    if share > 10:
        return Math(f"a factor {share:.0g}", rf"\text{{a factor }}{share:.0g}")
    percent = f"{100 * share:.0f}" if share > 0.1 else rounded(100 * share, 2)
    return Math(f"{percent} %", rf"{percent}\,\%")


def _number(value: float) -> Math:
    return Math(rounded(value), rounded(value))


def _written(value: Any) -> Math:
    return Math(str(value), str(value))


def _words(sentence: str) -> Paragraph:
    return Paragraph(prose(sentence))
