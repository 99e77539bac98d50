"""The library's own bibliography: citations for a person, entries for BibTeX."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files

LIBRARY = "sgdtheory"  # key of the library's own entry
YEAR = "2026"  # of this version
_ACCENTS = {  # commands of TeX, and the characters that put the same mark on the letter before
    '"': "\u0308",
    "'": "\u0301",
    "`": "\u0300",
    "^": "\u0302",
    "~": "\u0303",
    "v": "\u030c",
    "c": "\u0327",
    "k": "\u0328",
}
_LETTERS = {r"\l": "\u0142", r"\o": "\u00f8", r"\ss": "\u00df"}
_ASCII = str.maketrans({"\u0142": "l", "\u00f8": "o", "\u00df": "ss"})


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
    bare = unicodedata.normalize("NFKD", f"{found.label}, {found.title} [{key}]").translate(_ASCII)
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


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
    """Return words of BibTeX as plain text: accents on their letters, without braces."""
    for command, letter in _LETTERS.items():
        tex = tex.replace(f"{{{command}}}", letter)
    accented = re.compile(r"""\\(?:(["'`^~])\{?(\w)\}?|([vck])\{(\w)\})""")
    tex = accented.sub(lambda found: (found[2] or found[4]) + _ACCENTS[found[1] or found[3]], tex)
    return unicodedata.normalize("NFC", re.sub(r"[{}]", "", tex))
