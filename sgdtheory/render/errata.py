"""Printed equations that fail, with the numbers that refute them, as a document and as rows of a table."""

from __future__ import annotations

import textwrap
from importlib.metadata import version
from typing import TYPE_CHECKING

from sgdtheory.render.bibliography import reference
from sgdtheory.render.document import (
    Block,
    Bullets,
    Chapter,
    Cite,
    Document,
    Entry,
    Inlines,
    Link,
    Math,
    Paragraph,
    Section,
    Text,
)
from sgdtheory.render.entry import at, equals, formula, rounded, sentence_case, statement
from sgdtheory.render.notation import prose

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sgdtheory.numeric.errata import Refutation

TITLE = "Printed Equations that Fail"
HEAD = ("printed in", "exact", "printed", "correct", "simulated", "off", "off")
_PLACE = 31  # letters of the first column
_TIMES = {1: "once", 2: "twice"}


def book(found: Sequence[Refutation]) -> Document:
    """Return a document with a chapter for each paper."""
    chapters = []
    for key in papers(found):
        paper = reference(key)
        entries = tuple(entry(one) for one in found if one.erratum.source.key == key)
        lead = Paragraph((*prose(paper.title), Text(f". {paper.venue}" if paper.venue else ".")))
        chapters.append(Chapter(key, paper.label, (lead,), entries))
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
    blocks: list[Block] = [Paragraph((Text("Printed in "), Cite(erratum.source.key), Text(":")))]
    blocks += [statement(form, erratum.printed), _words(f"What is wrong: {erratum.says}.")]
    blocks += [Paragraph((Text("Correct, and derived in "), Link(form.name, form.name), Text(":"))), statement(form)]
    if erratum.survives:
        blocks.append(_words(f"What survives: {erratum.survives}."))
    if erratum.source.convention:
        blocks.append(_words(f"The paper's notation: {erratum.source.convention}."))
    blocks.append(Paragraph((Text("At "), *at(form, one.point), Text(f"{_halved(one)}:"))))
    blocks.append(Bullets(tuple((Paragraph(line),) for line in _numbers(one))))
    return Entry(form.name, sentence_case(prose(erratum.source.locator)), tuple(blocks), ())


def rows(found: Sequence[Refutation]) -> list[tuple[str, ...]]:
    """Return a table for a terminal, with a head; the two numbers of standard errors come last."""
    table = [HEAD]
    for one in found:
        place = f"{one.erratum.source.key} {one.erratum.source.locator}"
        table.append(
            (
                textwrap.shorten(place.partition(": ")[0], _PLACE, placeholder="..."),
                *(rounded(value, 3) for value in (one.exact, one.printed, one.corrected, one.simulated)),
                f"{one.printed_off:.0f}",
                f"{one.corrected_off:.1f}",
            )
        )
    return table


def _numbers(one: Refutation) -> Iterator[Inlines]:
    yield Text("exact, by the recursion of moments: "), equals(one.form, one.index, one.exact)
    yield Text("as printed: "), _number(one.printed), Text(f", {_off(one.printed_off)}")
    yield Text("corrected: "), _number(one.corrected), Text(f", {_off(one.corrected_off)}")
    runs = f" and a standard error of {rounded(one.standard_error, 2)} over {one.replicas:,} runs"
    yield Text("simulated: "), _number(one.simulated), Text(runs.replace(" and a", ", with a"))
    if one.form.limit is not None:
        small = formula(one.form.limit.small)
        far = f" halved 14 times the printed form misses the exact result by {_percent(one.far_printed)}, the"
        yield Text("with "), small, Text(f"{far} corrected one by {_percent(one.far_corrected)}")


def _off(errors: float) -> str:
    side = "above" if errors > 0 else "below"
    return f"{abs(errors):.{0 if abs(errors) > 10 else 1}f} standard errors {side} the simulation"


def _percent(share: float) -> str:
    return f"a factor {rounded(1 + share, 2)}" if share > 10 else f"{rounded(100 * share, 2)} %"


def _halved(one: Refutation) -> str:
    if not one.halvings:
        return ""
    return f", the small parameter halved {_TIMES.get(one.halvings, f'{one.halvings} times')}"


def _number(value: float) -> Math:
    return Math(rounded(value), rounded(value))


def _words(sentence: str) -> Paragraph:
    return Paragraph(prose(sentence))
