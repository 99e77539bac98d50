"""The book: all results of the theory as one document, and one result with its bibliography."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import TYPE_CHECKING

from sgdtheory.catalogue import FAMILIES, derive, family, results
from sgdtheory.render.bibliography import reference
from sgdtheory.render.document import (
    Block,
    Bullets,
    Chapter,
    Code,
    Document,
    Inlines,
    Math,
    Paragraph,
    Quantities,
    Section,
    Text,
)
from sgdtheory.render.entry import entry, formula
from sgdtheory.render.notation import prose
from sgdtheory.symbols import glossary

if TYPE_CHECKING:
    from types import ModuleType

    from sgdtheory.closed_form import ClosedForm

TITLE = "The Theory of Stochastic Gradient Descent"
SUBTITLE = "Closed forms, derived by machine from the update rule"
_SHAPES = ("scalar", "(d,)", "(d, d)")


def one_result(form: ClosedForm) -> Document:
    """Return a result with its derivation, and the bibliography that it needs."""
    derivation = derive(form.name) if form.name in results else None
    chapter = Chapter(form.name, form.title, (), (entry(form, derivation),))
    return Document(form.title, "", (), (chapter,), _cited([form]))


def book(progress: Callable[[str], None] | None = None) -> Document:
    """Return all results, one chapter a family.

    Parameters
    ----------
    progress
        Called with the name of each result before it is derived.
    """
    chapters = []
    for folder in FAMILIES:
        forms = [form for form in results.values() if form.name.startswith(f"{folder}.")]
        entries = []
        for form in forms:
            if progress is not None:
                progress(form.name)
            entries.append(entry(form, derive(form.name)))
        first, *rest = _paragraphs(family(folder)) or [folder]
        title = first.removeprefix("Family ").rstrip(".")
        lead = tuple(Paragraph(prose(paragraph)) for paragraph in rest)
        chapters.append(Chapter(folder, title[:1].upper() + title[1:], lead, tuple(entries)))
    return Document(
        title=TITLE,
        subtitle=f"{SUBTITLE}\n{len(results)} results. Written by sgdtheory {version('sgdtheory')}.",
        front=(_checked(), _conventions()),
        chapters=tuple(chapters),
        references=_cited(results.values()),
    )


def _cited(forms: object) -> tuple[str, ...]:
    sources = [source for form in forms for source in (*form.sources, *(erratum.source for erratum in form.errata))]
    return tuple(sorted({source.key for source in sources}, key=lambda key: (reference(key).label, key)))


def _paragraphs(family: ModuleType) -> list[str]:
    return [" ".join(paragraph.split()) for paragraph in (family.__doc__ or "").split("\n\n") if paragraph.strip()]


def _checked() -> Section:
    """Return how a result is checked, and what the marks in the margin mean."""
    close = Math("1e-12", "10^{-12}")
    rungs: tuple[str | Inlines, ...] = (
        "The derivation, from one step of the process and results derived before it, ends in the value that is stated.",
        (
            *prose("The value, worked out in floating point, in exact rationals and with automatic differentiation,"),
            *(Text(" agrees to "), close, Text(" with the value worked out to 50 digits.")),
        ),
        "The exact recursion of the moments of the process gives the value at the points that are listed. The error of"
        " a limit is the leading term that is given.",
        "A simulation of the process agrees, in a test that misses an error of 5 % once in a million times.",
        "Variants of the formula with a factor, sign or symbol changed are rejected, and so are all misprints that are"
        " listed.",
    )
    marks = (
        ("proved", "the difference of both sides is a rational function whose numerator expands to zero"),
        ("50 digits", "both sides agree to 50 digits at random rational points; this is a check and no proof"),
        (
            "computed",
            "the computation that the sentence names gave this form, or a known result was put in; nothing was left to"
            " prove",
        ),
    )
    return Section(
        "How to read this book",
        (
            _words(
                "Every section is about one formula. It says what the formula claims and where it holds, derives it"
                " step by step from the update rule of the algorithm, and lists what is printed about it elsewhere,"
                " right or wrong. The formula is the one that the library computes with. The derivation is a program"
                " that finds it without seeing it, and says which other results it stands on."
            ),
            _words("Each step of a derivation carries a mark in the margin that says how it was checked:"),
            Bullets(tuple((Paragraph((Text(f"{mark}: "), *prose(meaning), Text("."))),) for mark, meaning in marks)),
            _words("Before a result is included it passes five checks:"),
            Bullets(tuple((_words(rung) if isinstance(rung, str) else Paragraph(rung),) for rung in rungs)),
        ),
    )


def _conventions() -> Section:
    """Return the conventions and the glossary; an entry of a vector or matrix is listed once."""
    sentences = (
        "The loss is quadratic near its minimum: L = L* + (theta - theta*)' H (theta - theta*) / 2.",
        "C is the covariance of the gradient of one sample, at the minimum. For a data set of D samples it has the"
        " divisor D.",
        "A formula is written for one mode i, or one pair i, j, in the basis of eigenvectors of the Hessian. An index"
        " that stands only on the right is summed over.",
        "A prime marks the value after the step, as in theta'; a raised T marks the transpose, as in A^T.",
        "A limit is written with an approximate equality. The diffusion limit is that of small learning rates, with"
        " time measured as eta t.",
    )
    rows = {}
    for symbol, quantity in glossary.items():
        if quantity.indices not in ("j", "ii", "jj"):
            rows[symbol] = (
                formula(symbol),
                prose(quantity.meaning),
                Code(quantity.word),
                _SHAPES[len(quantity.indices)],
            )
    blocks: list[Block] = [_words(sentence) for sentence in sentences]
    return Section("Conventions", (*blocks, Quantities(tuple(rows.values()))))


def _words(sentence: str) -> Paragraph:
    return Paragraph(prose(sentence))
