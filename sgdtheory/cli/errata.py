"""``errata``: printed equations that fail, and the numbers that refute them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

import sgdtheory.cli.book as book
import sgdtheory.cli.files as files

if TYPE_CHECKING:
    from sgdtheory.numeric.refutation import Refutation

COLUMNS = 80


def errata_command(
    name: Annotated[
        str | None,
        typer.Argument(help="Name of a result, or key of a paper such as mandt2017; all errata if left out."),
    ] = None,
    latex: Annotated[bool, typer.Option("--latex", help="A LaTeX document on standard output.")] = False,
    seed: Annotated[int, typer.Option(help="Seed of the simulations.")] = 0,
) -> None:
    """List printed equations that fail: what is right, and the exact and simulated numbers that refute them.

    Exit code 1 if a printed equation is not refuted, or a corrected one is.
    """
    from sgdtheory.numeric.errata import errata

    with book.status() as say:
        found = errata(name, seed=seed, progress=lambda one: say(f"simulating {one}"))
    typer.echo(_latex(found) if latex else _text(found, name))
    if not all(one.refuted and one.confirmed for one in found):
        raise typer.Exit(1)


def _latex(found: tuple[Refutation, ...]) -> str:
    from sgdtheory.render.errata import book as document

    return book.rendered(document(found), "latex")


def _text(found: tuple[Refutation, ...], name: str | None) -> str:
    from sgdtheory.render import errata, tables, text

    if not found:
        return f"no misprint of {name} is known"
    width = min(files.columns(), COLUMNS)
    parts = [text.entry(errata.entry(one), width) for one in found]
    refuted, confirmed = sum(one.refuted for one in found), sum(one.confirmed for one in found)
    title = f"{refuted} of {len(found)} printed equations refuted, {confirmed} of {len(found)} corrected ones confirmed"
    table = tables.plain(errata.rows(found), title=title, notes=[errata.NOTE])
    return "\n\n".join([*parts, table])
