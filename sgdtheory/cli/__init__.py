"""The command line ``sgdtheory``: predictions, the results with their derivations, the book, one's own losses.

Commands import what they need when they run, so that ``sgdtheory --help`` is quick.
"""

from __future__ import annotations

import os
import sys
import textwrap
from contextlib import suppress
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from sgdtheory.cli import book, catalogue, errata, graph, loss, predict, stability

LONGEST = 300  # letters of a list of allowed values


class _Group(TyperGroup):
    """Commands whose errors are one message on stderr and exit code 2, never a traceback."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run a command, its help or its errors; what the system refuses, such as a full disk, is an error, too."""
        try:
            return super().main(*arguments, **options)
        except BrokenPipeError:
            raise
        except OSError as error:
            _give_up_output()
            name = f"{error.filename}: " if error.filename else ""
            parts = [
                "error: the system refused to read or write",
                f"  got:     {name}{error.strerror or error}",
                "  allowed: files that may be read, and an output with room",
                "  to mend: check the disk, and where the output goes",
            ]
            typer.echo("\n".join(parts), err=True)
            raise SystemExit(2) from None

    def invoke(self, ctx: typer.Context) -> Any:
        from sgdtheory.errors import SGDTheoryError

        try:
            return super().invoke(ctx)
        except SGDTheoryError as error:
            allowed = textwrap.shorten(error.allowed, LONGEST, placeholder=" ...")
            parts = [
                f"error: {error.what}",
                f"  got:     {error.got}",
                f"  allowed: {allowed}",
                f"  to mend: {_as_options(error.mend)}",
            ]
            parts += _pointer(error)
            typer.echo("\n".join(parts), err=True)
        except NotImplementedError as error:
            typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2)


def _give_up_output() -> None:
    """Send what standard output could not take nowhere, or Python would try again, and complain, when it ends."""
    try:
        sys.stdout.flush()
    except OSError:
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _pointer(error: Exception) -> list[str]:
    """Return the lines in which an error of reading a formula points at its place."""
    from sgdtheory.errors import ParseError

    return str(error).split("\n")[1:] if isinstance(error, ParseError) else []


def _as_options(mend: str) -> str:
    """Return advice that names a Python keyword in the words of the shell."""
    for word in ("ridge", "steps", "replicas"):
        mend = mend.replace(f"{word}=", f"--{word} ")
    return mend


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"sgdtheory {version('sgdtheory')}")
        raise typer.Exit


app = typer.Typer(
    cls=_Group,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The theory of stochastic gradient descent: predict what SGD does on your data, and see why.",
)


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    del version


app.command("predict")(predict.predict_command)
app.command("stability")(stability.stability_command)
app.command("list")(catalogue.list_command)
app.command("show")(catalogue.show_command)
app.command("derive")(catalogue.derive_command)
app.command("verify")(catalogue.verify_command)
app.command("book")(book.book_command)
app.command("cite")(book.cite_command)
app.command("errata")(errata.errata_command)
app.command("graph")(graph.graph_command)
app.command("loss")(loss.loss_command)


def main() -> None:
    """Run the command line."""
    # OpenBLAS reads it when NumPy loads. More threads gain nothing on products of a hundred columns, and where other
    # programs want the cores they wait for one another and take twenty times as long. Simulations use all cores.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    app(prog_name="sgdtheory")
