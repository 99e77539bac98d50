"""Tables of results, as plain text, as HTML and as LaTeX for a notebook."""

from __future__ import annotations

import html as _html
import io
import re
from collections.abc import Sequence

Rows = Sequence[Sequence[str]]

# Styles stand on the elements, because a notebook has its own style sheet, which sets tables to the right.
_CAPTION = "caption-side: top; text-align: left; font-weight: bold; color: inherit; padding: 0 0 0.4em"
_CELL = "text-align: left; vertical-align: top; padding: 0.25em 1.2em 0.25em 0"
_NUMBERS = f"{_CELL}; font-family: monospace; white-space: pre-wrap"
_IN_MATH = {"\\": r"\backslash ", "~": r"\sim ", "^": r"\hat{\ }"}


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
    """Return a table as HTML; all text is escaped, and arrays keep their lines.

    Examples
    --------
    >>> "<caption" in html([("quantity", "value"), ("mean", "[1. 2.]")], title="a law")
    True
    """

    def cells(row: Sequence[str], tag: str) -> str:
        styles = [_CELL if place == 0 or tag == "th" else _NUMBERS for place in range(len(row))]
        shown = (f'<{tag} style="{style}">{_words(cell)}</{tag}>' for style, cell in zip(styles, row, strict=True))
        return f"<tr>{''.join(shown)}</tr>"

    body = "".join(cells(row, "td") for row in rows[1:])
    below = "".join(f"<p><em>Note: {_words(note)}.</em></p>" for note in notes)
    caption = f'<caption style="{_CAPTION}">{_words(title)}</caption>'
    return f"<table>{caption}<thead>{cells(rows[0], 'th')}</thead><tbody>{body}</tbody></table>{below}"


def latex(rows: Rows, *, title: str, notes: Sequence[str] = ()) -> str:
    r"""Return a table as a displayed formula, for LaTeX and for the MathJax of a notebook.

    Examples
    --------
    >>> print(latex([("quantity", "value"), ("excess_loss", "0.5")], title="a law"))
    $$\begin{array}{ll}
    \rlap{\textbf{a law}} \\
    \text{quantity} & \text{value} \\
    \hline
    \text{excess}\_\text{loss} & \text{0.5}
    \end{array}$$
    """
    lines = [" & ".join(map(_cell, row)) for row in rows]
    lines += [rf"\rlap{{{_in_math(f'Note: {note}.')}}}" for note in notes]
    head = rf"\rlap{{{_in_math(title).replace(chr(92) + 'text{', chr(92) + 'textbf{')}}} \\"
    body = " \\\\\n".join(lines[1:])
    return f"$$\\begin{{array}}{{{'l' * len(rows[0])}}}\n{head}\n{lines[0]} \\\\\n\\hline\n{body}\n\\end{{array}}$$"


def _cell(text: str) -> str:
    """Return a cell; an array of several lines becomes an array."""
    lines = [_in_math(line) for line in text.splitlines()] or [""]
    if len(lines) == 1:
        return lines[0]
    return rf"\begin{{array}}{{@{{}}l@{{}}}}{(' ' + chr(92) * 2 + ' ').join(lines)}\end{{array}}"


def _words(text: str) -> str:
    """Return text, escaped, also for the MathJax of a notebook."""
    ignored = '<span class="tex2jax_ignore mathjax_ignore">{}</span>'
    return re.sub(r"[$\\]+", lambda match: ignored.format(match[0]), _html.escape(text))


def _in_math(text: str) -> str:
    """Return text for math mode, where MathJax and LaTeX read escaped signs alike; within ``text`` they do not."""
    pieces = []
    for piece in re.findall(r"[A-Za-z0-9 .,:;()\[\]<>=+*/'-]+|.", text):
        if len(piece) > 1 or piece.isalnum() or piece in " .,:;()[]<>=+*/'-":
            pieces.append(rf"\text{{{piece}}}")
        else:
            pieces.append(_IN_MATH.get(piece) or (f"\\{piece}" if piece in "_%$#&{}" else r"\text{?}"))
    return "".join(pieces)
