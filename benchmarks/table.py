"""The table of the benchmark, for a terminal and for docs/performance.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from harness import Row

BEGIN, END = "<!-- written by benchmarks/{} --write-docs: begin -->", "<!-- end -->"
VERDICT = {True: "yes", False: "**no**", None: "--"}


def heading(about: dict[str, Any]) -> str:
    """Return the machine, the versions and the names of the columns."""
    versions = ", ".join(f"{name} {version}" for name, version in about["libraries"].items())
    columns = (
        f"{'row':<34} {'beside':<12} {'ours':>10} {'peer':>10} {'ratio':>8} {'range':>15} {'target':>8} {'met':>4}"
    )
    return (
        f"{about['processor']}, {about['cores']} cores, {about['system']}; {about['date']}\n"
        f"python {about['python']}, {versions}\n\n{columns}"
    )


def plain_line(row: Row) -> str:
    """Return one row for a terminal."""
    fields = _fields(row)
    met = {True: "yes", False: "NO", None: "--"}[row.met]
    floor = f"; floor {number(row.floor)}" if row.floor is not None else ""
    note = f"; {row.note}" if row.note else ""
    return (
        f"{row.name:<34} {row.peer_name:<12} {fields['ours']:>10} {fields['peer']:>10} {fields['judged']:>8}"
        f" {fields['range']:>15} {fields['target']:>8} {met:>4}  [{row.unit}{floor}{note}]"
    )


def markdown(record: dict[str, Any]) -> str:
    """Return the table and its machine in Markdown."""
    about = record["machine"]
    versions = ", ".join(
        f"{name} {version}" for name, version in about["libraries"].items() if version != "not installed"
    )
    lines = [
        f"Measured on {about['date']}: {about['processor']}, {about['cores']} cores, {about['system']};"
        f" Python {about['python']}, {versions}." + (" **A quick run: not for quoting.**" if record["quick"] else ""),
        "",
        "| row | beside | ratio | target | met | range | ours | peer | floor |",
        "|---|---|--:|--:|---|--:|--:|--:|--:|",
    ]
    notes: list[str] = []
    for entry in record["rows"]:
        row = Row(**{name: value for name, value in entry.items() if name != "met"})
        fields = _fields(row)
        if row.note and row.note not in notes:
            notes.append(row.note)
        mark = f" ({notes.index(row.note) + 1})" if row.note else ""
        judged = (fields["judged"], fields["target"], VERDICT[row.met], fields["range"])
        unit = "" if row.ours is None else f"&nbsp;{row.unit}"
        times = (fields["ours"] + unit, fields["peer"], fields["floor"])
        lines.append("| " + " | ".join((row.name, row.peer_name + mark, *judged, *times)) + " |")
    return "\n".join([*lines, "", *(f"{place}. {note}" for place, note in enumerate(notes, 1))])


def write_between_markers(page: Path, script: str, text: str) -> None:
    """Replace what stands between the markers of a script on a page."""
    begin = BEGIN.format(script)
    before, rest = page.read_text(encoding="utf-8").split(begin)
    page.write_text(f"{before}{begin}\n{text}\n{END}{rest.split(END, 1)[1]}", encoding="utf-8")


def _fields(row: Row) -> dict[str, str]:
    """Return the numbers of a row as text."""
    sign = "<= " if row.less_is_better else ""
    times = f" {row.unit}" if row.less_is_better else "x"
    return {
        "ours": number(row.ours),
        "peer": number(row.peer),
        "floor": number(row.floor),
        "judged": "--" if row.judged is None else number(row.judged) + times,
        "range": "--" if row.least is None else _range(row.least, row.most),
        "target": "--" if row.target is None else f"{sign}{row.target:g}{times}",
    }


def _range(least: float, most: float) -> str:
    """Return a range as short as can be read."""
    return f"{number(least)}{'-' if least >= 0 else ' to '}{number(most)}"


def number(value: float | None) -> str:
    """Return three digits."""
    if value is None:
        return "--"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


if __name__ == "__main__":  # the page again, from saved results
    here = Path(__file__).parent
    saved = json.loads((here / "results.json").read_text(encoding="utf-8"))
    write_between_markers(here.parent / "docs" / "performance.md", "run.py", markdown(saved))
