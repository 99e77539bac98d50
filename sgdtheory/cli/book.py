"""``book`` and ``cite``, and the files that ``derive`` writes."""

from __future__ import annotations

import enum
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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


Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="File to write; replaced if there.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace the file of the default name if it is there.")]
_ENDINGS = {"pdf": "pdf", "html": "html", "latex": "tex", "markdown": "md", "text": "txt"}


def book_command(
    to: Annotated[BookFormat, typer.Option(help="PDF needs LaTeX; HTML is one page that works offline.")],
    output: Output = None,
    force: Force = False,
) -> None:
    """Write all results with their derivations as a book, by default to sgdtheory-book.pdf (.html, .tex) here."""
    from sgdtheory.render.book import book

    path = destination(output, f"sgdtheory-book.{_ENDINGS[to]}", force)
    check_installed(to)
    with _status() as say:
        whole = book(lambda name: say(f"deriving {name}"))
        say("running LaTeX" if to is BookFormat.pdf else "writing")
        content = rendered(whole, to)
    write(path, content)
    typer.echo(f"wrote {path}")


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


def deliver(content: str | bytes, output: Path | None, name: str, to: str, force: bool) -> None:
    """Print text, or write it to the file that was named; bytes go to ``name.pdf`` if none was."""
    if output is None and isinstance(content, str):
        typer.echo(content)
        return
    path = destination(output, f"{name}.{_ENDINGS[to]}", force)
    write(path, content)
    typer.echo(f"wrote {path}")


def destination(output: Path | None, default: str, force: bool) -> Path:
    """Return where to write, before any work: the default name never replaces a file unless forced to."""
    from sgdtheory.errors import DataError

    path = output or Path(default)
    if path.is_dir():
        raise DataError(
            "the output is a folder", got=path, allowed="a file name", mend=f"write, say, -o {path}/{default}"
        )
    if output is None and path.exists() and not force:
        raise DataError(
            "a file of the default name exists already",
            got=path,
            allowed="a name that is free, or one given with -o",
            mend=f"add --force to replace it, or -o {path} to say that you mean it",
        )
    if not path.parent.is_dir():
        raise DataError(
            "the folder of the output does not exist",
            got=path.parent,
            allowed="an existing folder",
            mend="make the folder, or name another file",
        )
    return path


def write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all; one that cannot be written is a ``DataError``."""
    from sgdtheory.errors import DataError

    data = content.encode("utf-8") if isinstance(content, str) else content
    target = path.resolve()  # a link stays, and what it points to is replaced
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        if target.exists() and not target.is_file():  # a device or a pipe
            target.write_bytes(data)
            return
        try:
            part.write_bytes(data)
            os.replace(part, target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise DataError(
            "the file cannot be written",
            got=str(error),
            allowed="a file you may write",
            mend="name another file with -o",
        ) from None


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
def _status() -> Iterator[Callable[[str], None]]:
    """Yield a function that shows on standard error what is being done, if a person looks."""
    if not sys.stderr.isatty():
        yield lambda what: None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield lambda what: status.update(what)
