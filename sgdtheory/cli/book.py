"""``book`` and ``cite``."""

from __future__ import annotations

import enum
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

import sgdtheory.cli.files as files

if TYPE_CHECKING:
    from sgdtheory.closed_form import ClosedForm
    from sgdtheory.render.document import Document


class BookFormat(enum.StrEnum):
    """Formats of the book."""

    pdf = "pdf"
    html = "html"
    latex = "latex"


class CitationFormat(enum.StrEnum):
    """Formats of citations."""

    bibtex = "bibtex"
    text = "text"


def book_command(
    to: Annotated[
        BookFormat | None,
        typer.Option(help="PDF needs LaTeX; HTML is one page that works offline. The name after -o may say it, too."),
    ] = None,
    output: files.Output = None,
    force: files.Force = False,
) -> None:
    """Write all results with their derivations as a book, by default to sgdtheory-book.pdf (.html, .tex) here."""
    from sgdtheory.render.book import book

    wanted = files.chosen(to, output, BookFormat)
    path = files.destination(output, files.named("sgdtheory-book", wanted), force)
    check_installed(wanted)
    with status() as say:
        whole = book(lambda name: say(f"deriving {name}"))
        say("running LaTeX" if wanted is BookFormat.pdf else "writing")
        content = rendered(whole, wanted)
    files.write(path, content)


def cite_command(
    name: Annotated[str, typer.Argument(help="Name of a result, for example quadratic.stationary_covariance.")],
    to: Annotated[CitationFormat, typer.Option(help="BibTeX or plain text.")] = CitationFormat.bibtex,
) -> None:
    """Print where a result stands in print, right or wrong; for one that does not, how to cite the library."""
    from sgdtheory.catalogue import results

    typer.echo(_bibtex(results[name]) if to is CitationFormat.bibtex else _citations(results[name]))


def check_installed(to: str) -> None:
    """Refuse before any work where a format needs something that is not installed."""
    if to == "pdf":
        from sgdtheory.render.pdf import check_installed as check
    elif to == "html":
        from sgdtheory.render.html import check_installed as check
    else:
        return
    check()


def rendered(whole: Document, to: str) -> str | bytes:
    """Return a document in a format."""
    if to == "html":
        from sgdtheory.render.html import document
    elif to == "markdown":
        from sgdtheory.render.markdown import document
    else:
        from sgdtheory.render.latex import document
    source = document(whole)
    if to != "pdf":
        return source
    from sgdtheory.render.pdf import compiled

    return compiled(source)


def _bibtex(form: ClosedForm) -> str:
    from sgdtheory.render.bibliography import library_entry, reference

    notes = _notes(form)
    if not notes:
        return f"% {form.name} has no printed source; cite the library\n{library_entry()}"
    entries = []
    for key, lines in notes.items():
        comments = "".join(f"% {line}\n" for line in lines)
        entries.append(comments + reference(key).bibtex)
    return "\n\n".join(entries)


def _citations(form: ClosedForm) -> str:
    from sgdtheory.render.bibliography import citation, library_entry

    notes = _notes(form)
    if not notes:
        return f"{form.name} has no printed source; cite the library:\n{library_entry()}"
    return "\n".join(f"{citation(key)}\n" + "\n".join(f"    {line}" for line in lines) for key, lines in notes.items())


def _notes(form: ClosedForm) -> dict[str, list[str]]:
    """Return, for each key, what stands there, in one line each."""
    notes: dict[str, list[str]] = {}
    for source in form.sources:
        notes.setdefault(source.key, []).append(_one_line(source.locator))
    for erratum in form.errata:
        line = f"prints a variant that is wrong: {erratum.source.locator}; {erratum.says}"
        notes.setdefault(erratum.source.key, []).append(_one_line(line))
    return notes


def _one_line(text: str) -> str:
    return " ".join(text.split())


@contextmanager
def status() -> Iterator[Callable[[str], None]]:
    """Yield a function that shows on standard error what is being done, if a person looks."""
    if not sys.stderr.isatty():
        yield lambda what: None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield lambda what: status.update(what)
