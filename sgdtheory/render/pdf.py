"""LaTeX to PDF, in an empty folder, without a shell, within a time limit."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from sgdtheory.errors import SGDTheoryError

PACKAGES = "latexmk texlive-latex-base texlive-latex-recommended texlive-fonts-recommended lmodern"
INSTALL = f"apt-get install -y --no-install-recommends {PACKAGES}"
SECONDS = 120.0
_LATEXMK = (
    "latexmk",
    "-norc",
    "-pdf",
    "-no-shell-escape",
    "-halt-on-error",
    "-interaction=nonstopmode",
    "document.tex",
)


class LatexError(SGDTheoryError):
    """LaTeX is not installed, or could not compile a document."""


def check_installed() -> None:
    """Refuse where LaTeX is not installed, with the line that installs it."""
    missing = [program for program in ("latexmk", "pdflatex") if shutil.which(program) is None]
    if missing:
        raise LatexError(
            "LaTeX is not installed",
            got=f"no program {' and no '.join(missing)}",
            allowed="latexmk and pdflatex in the PATH",
            mend=f"run: {INSTALL} (or write the LaTeX source, --to latex, and compile it elsewhere)",
        )


def compiled(source: str, seconds: float = SECONDS) -> bytes:
    """Compile a LaTeX document and return the PDF.

    Parameters
    ----------
    source
        The document.
    seconds
        Time limit, after which LaTeX and all that it started are ended.

    Raises
    ------
    LatexError
        If LaTeX or one of its packages is missing, the document does not compile, or the time is up.
    """
    return compile_with_log(source, seconds)[0]


def compile_with_log(source: str, seconds: float = SECONDS) -> tuple[bytes, str]:
    """Compile a LaTeX document and return the PDF and the log of the last run; raises as ``compiled`` does."""
    check_installed()
    with tempfile.TemporaryDirectory(prefix="sgdtheory-") as folder:
        place = Path(folder)
        (place / "document.tex").write_text(source, encoding="utf-8")
        finished = _run(place, seconds)
        log_file, pdf_file = place / "document.log", place / "document.pdf"
        log = log_file.read_text(encoding="utf-8", errors="replace") if log_file.exists() else ""
        if not finished:
            raise LatexError(
                "LaTeX did not finish in time",
                got=f"more than {seconds:g} seconds",
                allowed=f"at most {seconds:g} seconds",
                mend="write the LaTeX source, --to latex, and compile it by hand",
            )
        if not pdf_file.exists() or re.search(r"^! ", log, re.MULTILINE):
            raise _failure(log)
        return pdf_file.read_bytes(), log


def _run(place: Path, seconds: float) -> bool:
    """Run latexmk; return whether it ended in time. Its whole process group is ended if it did not."""
    # TeX may then neither read nor write outside the folder and its own tree, nor start programs.
    limits = {"openin_any": "p", "openout_any": "p", "shell_escape": "f", "TEXMFHOME": str(place), "HOME": str(place)}
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "TEXMFROOT") if name in os.environ}
    running = subprocess.Popen(
        _LATEXMK,
        cwd=place,
        env={**kept, **limits, "max_print_line": "1000"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        running.wait(timeout=seconds)
        return True
    except subprocess.TimeoutExpired:
        return False
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()


def _failure(log: str) -> LatexError:
    """Return the error for a log: a missing package, or the first line that complains."""
    package = re.search(r"File [`']([^']+\.(?:sty|cls|fd|def))' not found", log)
    if package:
        return LatexError(
            "a LaTeX package is missing",
            got=package[1],
            allowed=f"the packages of {PACKAGES}",
            mend=f"run: {INSTALL}",
        )
    first = re.search(r"^! .*(?:\n.*){0,3}?\nl\.\d+.*|^! .*", log, re.MULTILINE)
    return LatexError(
        "LaTeX could not compile the document",
        got=" ".join(first[0].split())[:400] if first else "no log",
        allowed="a document that pdflatex compiles",
        mend="write the LaTeX source, --to latex, to look at that line; if no text of yours is in it, report a bug",
    )
