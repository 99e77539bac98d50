"""What commands write: the format that is meant, where it goes, and a file that is there whole or not at all."""

from __future__ import annotations

import enum
import os
import shutil
import sys
from pathlib import Path
from typing import Annotated, TypeVar

import typer

WIDTH = 100  # letters of a line of text, where the terminal has as many
NARROWEST = 40

Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="File to write; replaced if there.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace the file of the default name if it is there.")]

# By format, how names of its files end; the first is that of default names.
ENDINGS = {
    "text": (".txt",),
    "latex": (".tex",),
    "pdf": (".pdf",),
    "html": (".html", ".htm"),
    "markdown": (".md",),
    "dot": (".dot", ".gv"),
    "mermaid": (".mmd",),
    "svg": (".svg",),
    "png": (".png",),
}

Format = TypeVar("Format", bound=enum.StrEnum)


def chosen(to: Format | None, output: Path | None, formats: type[Format], default: Format | None = None) -> Format:
    """Return the format that is asked for, or that the name of the file says; refuse where the two differ.

    Parameters
    ----------
    to, output
        What was asked for, if anything.
    formats
        The formats of the command.
    default
        The format where neither says one.
    """
    from sgdtheory.errors import DataError

    said = None if output is None else _format_of(output)
    if to is not None and output is not None and said not in (None, to.value):
        endings = ENDINGS[to.value]
        raise DataError(
            "the file's name says another format",
            got=f"--to {to.value}, and {output}",
            allowed=f"a name that ends in {' or '.join(endings)}, or in no known ending",
            mend=f"leave out --to {to.value}, or write -o {output.with_suffix(endings[0])}",
        )
    if to is not None:
        return to
    if said in set(formats):
        return formats(said)
    if default is not None and (output is None or _is_device(output)):
        return default
    endings = ", ".join(ending for one in formats for ending in ENDINGS[one.value])
    raise DataError(
        "the format is not given" if output is None else "the file's name does not say its format",
        got="neither --to nor -o" if output is None else str(output),
        allowed=f"--to {', '.join(formats)}, or -o with a name that ends in {endings}",
        mend=f"add, for example, --to {next(iter(formats)).value}",
    )


def named(name: str, to: str) -> str:
    """Return the default name of a file of a format."""
    return name + ENDINGS[to][0]


def columns() -> int:
    """Return how many letters a line of text may have: those of the terminal, if it is one that is looked at."""
    if not sys.stdout.isatty():
        return WIDTH
    return max(NARROWEST, min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns))


def deliver(content: str | bytes, output: Path | None, default: str, force: bool = False) -> None:
    """Print text, or write it to the file that was named; bytes go to the default name if none was."""
    if output is None and isinstance(content, str):
        typer.echo(content, nl=not content.endswith("\n"))
        return
    write(destination(output, default, force), content)


def destination(output: Path | None, default: str, force: bool = False) -> Path:
    """Return where to write, before any work: the default name never replaces a file unless forced to."""
    from sgdtheory.errors import DataError

    path = output or Path(default)
    try:
        is_folder, exists, has_folder = path.is_dir(), path.exists(), path.parent.is_dir()
    except OSError as error:
        raise DataError(
            "the output cannot be a file",
            got=f"{str(path)[:60]}{' ...' * (len(str(path)) > 60)}: {error.strerror}",
            allowed="a file name",
            mend="name another file with -o",
        ) from None
    if is_folder:
        raise DataError(
            "the output is a folder", got=path, allowed="a file name", mend=f"write, say, -o {path / default}"
        )
    if output is None and exists and not force:
        raise DataError(
            "a file of the default name exists already",
            got=path,
            allowed="a name that is free, or one given with -o",
            mend=f"add --force to replace it, or -o {path} to say that you mean it",
        )
    if not has_folder:
        raise DataError(
            "the folder of the output does not exist",
            got=path.parent,
            allowed="an existing folder",
            mend="make the folder, or name another file",
        )
    return path


def write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all, and say so; one that cannot be written is a ``DataError``."""
    from sgdtheory.errors import DataError

    if isinstance(content, str):
        content = (content if content.endswith("\n") else f"{content}\n").encode()
    target = Path(os.path.realpath(path))  # a link stays, and what it points to is replaced
    part = target.with_name(f".sgdtheory-{os.getpid()}.part")
    try:
        if _is_device(path):
            path.write_bytes(content)
        else:
            try:
                part.write_bytes(content)
                os.replace(part, target)
            finally:
                part.unlink(missing_ok=True)
    except OSError as error:
        raise DataError(
            "the file cannot be written",
            got=f"{path}: {error.strerror}",
            allowed="a file in a folder that may be written to",
            mend="name another file with -o",
        ) from None
    typer.echo(f"wrote {path}")


def _format_of(output: Path) -> str | None:
    return next((to for to, endings in ENDINGS.items() if output.suffix.lower() in endings), None)


def _is_device(path: Path) -> bool:
    """Return whether there is a device or a pipe of that name."""
    try:
        return path.exists() and not path.is_file() and not path.is_dir()
    except OSError:
        return False
