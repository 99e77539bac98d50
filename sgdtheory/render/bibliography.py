"""The library's own bibliography, read for a person."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files


@cache
def _entries() -> dict[str, dict[str, str]]:
    text = files("sgdtheory").joinpath("references.bib").read_text(encoding="utf-8")
    entries = {}
    for key, body in re.findall(r"@\w+\{(\w+),\n(.*?)\n\}", text, flags=re.DOTALL):
        entries[key] = {field: value for field, value in re.findall(r"^\s*(\w+)\s*=\s*\{(.*)\},?$", body, re.MULTILINE)}
    return entries


def citation(key: str) -> str:
    r"""Return authors, year, title and key of an entry.

    Examples
    --------
    >>> citation("mandt2017")
    'Mandt, Hoffman & Blei (2017), Stochastic Gradient Descent as Approximate Bayesian Inference [mandt2017]'
    """
    entry = _entries()[key]
    families = [author.split(",")[0].strip() for author in _plain(entry["author"]).split(" and ")]
    if len(families) > 3:
        names = f"{families[0]} et al."
    else:
        names = " & ".join([", ".join(families[:-1]), families[-1]]) if len(families) > 1 else families[0]
    return f"{names} ({entry['year']}), {_plain(entry['title'])} [{key}]"


def _plain(tex: str) -> str:
    return re.sub(r"[{}]", "", tex.replace(r"\k{e}", "e").replace(r"{\l}", "l"))
