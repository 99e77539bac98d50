"""All generated pages; a file is only touched when its text changes, so that a second build is quick."""

import re
from pathlib import Path

from _site import command_line, errata, landing, papers, reference, results


def all_pages(docs: Path) -> None:
    """Write every generated page below ``docs``, and remove what earlier builds wrote about things that are gone."""
    texts = {}
    for part in (results, reference, command_line, papers, errata, landing):
        texts |= part.pages()
    for name, text in texts.items():
        _write(docs / name, text)
    documented = re.findall(r"~(sgdtheory[\w.]+)", texts["reference/api.rst"])
    examples = [path.stem for path in (docs.parent / "examples").glob("*.py")]
    _keep(docs / "results", "*.md", ["index", *results.names()])
    _keep(docs / "reference" / "generated", "*.rst", documented)
    _keep(docs / "gallery", "plot_*", examples)


def _write(path: Path, text: str) -> None:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _keep(folder: Path, pattern: str, names: list[str]) -> None:
    """Remove the files whose name is not one of these, whatever follows it."""
    for path in folder.glob(pattern):
        if path.stem not in names and path.name.split(".")[0] not in names:
            path.unlink()
