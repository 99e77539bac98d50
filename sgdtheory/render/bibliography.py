"""The library's own bibliography: citations for a person, entries for BibTeX."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files

LIBRARY = "sgdtheory"  # key of the library's own entry
YEAR = "2026"  # of this version
_ACCENTS = {r"\k{e}": "\u0119", r"{\l}": "\u0142"}
_ASCII = str.maketrans({"\u0119": "e", "\u0142": "l"})


@dataclass(frozen=True)
class Reference:
    """One entry.

    Attributes
    ----------
    key
        Its key.
    bibtex
        The entry as it stands in the file.
    authors
        Family names.
    year, title, venue
        Plain text; the venue is the journal, the conference or a note.
    """

    key: str
    bibtex: str
    authors: tuple[str, ...]
    year: str
    title: str
    venue: str

    @property
    def label(self) -> str:
        """Authors and year, for the running text."""
        if len(self.authors) > 3:
            return f"{self.authors[0]} et al. ({self.year})"
        *most, last = self.authors
        return f"{' & '.join([', '.join(most), last]) if most else last} ({self.year})"


def reference(key: str) -> Reference:
    """Return the entry of a key.

    Examples
    --------
    >>> reference("wangwu2020").venue
    'Journal of Machine Learning Research 21(199)'
    """
    return _references()[key]


def citation(key: str) -> str:
    r"""Return authors, year, title and key of an entry, in ASCII.

    Examples
    --------
    >>> citation("mandt2017")
    'Mandt, Hoffman & Blei (2017), Stochastic Gradient Descent as Approximate Bayesian Inference [mandt2017]'
    """
    found = reference(key)
    return f"{found.label}, {found.title} [{key}]".translate(_ASCII)


def library_entry() -> str:
    """Return the BibTeX entry of the library itself."""
    return (
        f"@misc{{{LIBRARY},\n"
        "  author  = {{The sgdtheory developers}},\n"
        "  title   = {sgdtheory: The Theory of Stochastic Gradient Descent as Software},\n"
        f"  year    = {{{YEAR}}},\n"
        f"  note    = {{Python package, version {version('sgdtheory')};"
        " every closed form is derived by machine and checked by simulation},\n"
        "}"
    )


@cache
def _references() -> dict[str, Reference]:
    text = files("sgdtheory").joinpath("references.bib").read_text(encoding="utf-8")
    found = {}
    for match in re.finditer(r"@\w+\{(\w+),\n(.*?)\n\}", text, flags=re.DOTALL):
        fields = dict(re.findall(r"^\s*(\w+)\s*=\s*\{(.*)\},?$", match[2], re.MULTILINE))
        fields = {name: _plain(value) for name, value in fields.items()}
        found[match[1]] = Reference(
            key=match[1],
            bibtex=match[0],
            authors=tuple(author.split(",")[0].strip() for author in fields["author"].split(" and ")),
            year=fields["year"],
            title=fields["title"],
            venue=_venue(fields),
        )
    return found


def _venue(fields: dict[str, str]) -> str:
    place = fields.get("journal") or fields.get("booktitle") or ""
    volume = f" {fields['volume']}" if "volume" in fields else ""
    number = f"({fields['number']})" if "number" in fields else ""
    note = fields.get("note", "")
    separator = ", " if note[:1].islower() else ". "
    return separator.join(part for part in (place + volume + number, note) if part)


def _plain(tex: str) -> str:
    for command, letter in _ACCENTS.items():
        tex = tex.replace(command, letter)
    return re.sub(r"[{}]", "", tex)
