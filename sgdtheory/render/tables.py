"""Tables of results, as plain text and as HTML."""

from __future__ import annotations

import html as _html
import io
from collections.abc import Sequence

Rows = Sequence[Sequence[str]]


def plain(rows: Rows, *, title: str, notes: Sequence[str] = ()) -> str:
    """Return a table as text; the first row is its head."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for heading in rows[0]:
        table.add_column(heading)
    for row in rows[1:]:
        table.add_row(*row)
    console = Console(file=io.StringIO(), width=120, force_terminal=False, color_system=None, markup=False)
    console.print(table)
    for note in notes:
        console.print(f"Note: {note}.")
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


def html(rows: Rows, *, title: str, notes: Sequence[str] = ()) -> str:
    """Return a table as HTML; all text is escaped."""

    def cells(row: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{_html.escape(cell)}</{tag}>" for cell in row) + "</tr>"

    body = "".join(cells(row, "td") for row in rows[1:])
    below = "".join(f"<p><em>Note: {_html.escape(note)}.</em></p>" for note in notes)
    return f"<table><caption>{_html.escape(title)}</caption>{cells(rows[0], 'th')}{body}</table>{below}"
