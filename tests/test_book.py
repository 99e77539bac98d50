"""The book: complete, compiled without an overfull line, and harmless whatever a result says."""

import os
import re
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from sgdtheory.catalogue import results
from sgdtheory.closed_form import Erratum, Source
from sgdtheory.render import html, latex, markdown, pdf, text
from sgdtheory.render.book import book, one_result
from sgdtheory.render.document import Chapter, Document, Equation, Paragraph, Text
from sgdtheory.render.entry import entry, formula

# Where LaTeX must be there (CI), its absence is a failure and no reason to skip.
pytestmark = pytest.mark.xdist_group("book")  # one worker makes the pages for all

needs_latex = pytest.mark.skipif(
    shutil.which("latexmk") is None and not os.environ.get("SGDTHEORY_REQUIRE_LATEX"), reason="LaTeX is not installed"
)
HOSTILE = r"\input{/etc/passwd} ^^5cinput $$x$$ $\write18{id}$ <script>alert(1)</script> % # _ ~ & { \end{document}"


@pytest.fixture(scope="module")
def whole():
    return book()


@pytest.fixture(scope="module")
def source(whole):
    return latex.document(whole)


@pytest.fixture(scope="module")
def compiled_book(source):
    return pdf.compile_with_log(source)


@pytest.fixture(scope="module")
def hostile():
    form = results["quadratic.stationary_covariance_diffusion"]
    erratum = replace(form.errata[0], says=HOSTILE, source=replace(form.errata[0].source, locator=HOSTILE))
    return replace(
        form,
        title=HOSTILE,
        assumptions=(HOSTILE,),
        errata=(erratum, Erratum(Source("mandt2017", HOSTILE, HOSTILE), form.value * 2, HOSTILE)),
    )


def test_the_book_has_every_result_and_every_source(whole):
    named = [one.name for chapter in whole.chapters for one in chapter.entries]
    assert named == list(results)
    cited = {
        source.key
        for form in results.values()
        for source in (*form.sources, *(erratum.source for erratum in form.errata))
    }
    assert set(whole.references) == cited
    for chapter in whole.chapters:
        for one in chapter.entries:
            titles = [section.title for section in one.sections]
            assert {"Symbols", "Kind", "Holds for", "Where it fails", "Derivation", "Sources", "Checked at"} <= set(
                titles
            )
            assert ("Errata" in titles) == bool(results[one.name].errata)


def test_the_book_as_html(whole):
    pytest.importorskip("latex2mathml")
    page = html.document(whole)
    targets = set(re.findall(r'href="#([^"]+)"', page))
    assert targets <= set(re.findall(r'id="([^"]+)"', page))
    assert "<script" not in page
    assert page.count('class="result"') == len(results)
    assert "<mtext>\\" not in page, "a formula that has no MathML"
    assert page.count("<details>") == len(whole.references)


def test_the_book_has_no_sign_that_it_could_not_read(source):
    assert r"\text{?}" not in source


@needs_latex
def test_the_book_compiles_without_a_bad_line(compiled_book):
    document, log = compiled_book
    assert document.startswith(b"%PDF")
    overfull = [float(points) for points in re.findall(r"^Overfull \\[hv]box \(([\d.]+)pt too", log, re.MULTILINE)]
    assert max(overfull, default=0.0) <= 10.0
    for complaint in ("undefined", "Missing character", "multiply defined", "Font shape"):
        assert complaint not in log


@needs_latex
def test_no_page_ends_between_a_heading_and_its_formula(compiled_book, whole, tmp_path):
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed")
    (tmp_path / "book.pdf").write_bytes(compiled_book[0])
    call = ["pdftotext", "-layout", tmp_path / "book.pdf", "-"]
    pages = subprocess.run(call, capture_output=True, text=True, check=True).stdout.split("\f")
    names = [one.name for chapter in whole.chapters for one in chapter.entries]
    for name in names:
        page = next(page for page in pages if re.search(rf"^{re.escape(name)}$", page, re.MULTILINE))
        after = page[re.search(rf"^{re.escape(name)}$", page, re.MULTILINE).end() :]
        assert re.search("[=\u2248\u2264\u2265]", after.partition("Symbols")[0]), name


@needs_latex
def test_the_log_would_show_a_bad_line():
    """The test above can fail: a formula that is not broken is seen in the log."""
    wide = "+".join(["x"] * 80)
    _, log = pdf.compile_with_log(rf"\documentclass{{article}}\begin{{document}}\[{wide}\]\end{{document}}")
    assert re.search(r"^Overfull \\hbox \(([\d.]+)pt too", log, re.MULTILINE)


def test_words_of_a_person_are_harmless(hostile):
    source = latex.document(one_result(hostile))
    for command in (r"\\input", r"\\write", r"\^\^", r"(?<!\\)\$\$"):
        assert not re.search(command, source.split(r"\begin{document}")[1])
    assert source.count(r"\end{document}") == 1
    shown = text.page(hostile)
    assert shown.isascii()
    assert r"\input{/etc/passwd}" in shown  # words stay words
    page = markdown.page(hostile)
    assert "<script" not in page.replace(r"\<script", "")
    assert not re.search(r"(?<!\\)\$\$x", page)
    pytest.importorskip("latex2mathml")
    assert "<script" not in html.document(one_result(hostile))
    assert "<script" not in html.fragment_of_form(hostile)


@needs_latex
def test_hostile_words_compile_to_words(hostile, tmp_path):
    document = pdf.compiled(latex.document(one_result(hostile)))
    assert document.startswith(b"%PDF")
    if shutil.which("pdftotext"):
        (tmp_path / "hostile.pdf").write_bytes(document)
        shown = subprocess.run(["pdftotext", tmp_path / "hostile.pdf", "-"], capture_output=True, text=True, check=True)
        assert "root:" not in shown.stdout
        assert "/etc/passwd" in shown.stdout


@needs_latex
@pytest.mark.parametrize("command", [r"\input{/etc/passwd}", r"\openin5=/etc/passwd \ifeof5 \undefinedhere\fi"])
def test_latex_reads_nothing_outside_its_folder(command):
    with pytest.raises(pdf.LatexError, match="could not compile"):
        pdf.compiled(rf"\documentclass{{article}}\begin{{document}}{command}\end{{document}}")


@needs_latex
def test_latex_starts_no_programs(tmp_path):
    mark = tmp_path / "ran"
    _, log = pdf.compile_with_log(
        rf"\documentclass{{article}}\begin{{document}}\immediate\write18{{touch {mark}}}x\end{{document}}"
    )
    assert not mark.exists()
    assert "disabled" in log


@needs_latex
def test_errors_of_latex_name_the_line():
    with pytest.raises(pdf.LatexError, match=r"Undefined control sequence.*l\.3.*\\nosuchcommand"):
        pdf.compiled("\\documentclass{article}\n\\begin{document}\n\\nosuchcommand\n\\end{document}\n")
    with pytest.raises(pdf.LatexError, match=r"package is missing.*nosuch\.sty.*apt-get install -y --no-install-rec"):
        pdf.compiled("\\documentclass{article}\n\\usepackage{nosuch}\n\\begin{document}x\\end{document}\n")


@needs_latex
def test_latex_is_ended_when_the_time_is_up():
    began = time.monotonic()
    with pytest.raises(pdf.LatexError, match="did not finish in time"):
        pdf.compiled(r"\documentclass{article}\begin{document}\loop\iftrue\repeat\end{document}", seconds=1.0)
    assert time.monotonic() - began < 30
    while left := [line for line in _commands() if "document.tex" in line and "sgdtheory-" in line]:
        assert time.monotonic() - began < 30, left
        time.sleep(0.05)


def _commands():
    for place in Path("/proc").glob("[0-9]*"):
        try:
            folder = os.readlink(place / "cwd")
            yield f"{folder} {(place / 'cmdline').read_bytes().decode(errors='replace')}"
        except OSError:
            continue


def test_a_missing_latex_gives_the_line_that_installs_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(pdf.LatexError) as caught:
        pdf.compiled("x")
    assert caught.value.mend.startswith(
        "run: apt-get install -y --no-install-recommends latexmk texlive-latex-base texlive-latex-recommended"
        " texlive-fonts-recommended lmodern"
    )


@needs_latex
def test_the_longest_formulas_stay_on_the_page():
    """Formulas far longer than those of the catalogue: sums, fractions, powers and exponentials, one over pages."""
    import sympy as sp

    from sgdtheory.symbols import C_ij, eta, lambda_i, m

    terms = sp.Add(*(sp.Symbol(f"x_{n}") * sp.Symbol(f"y_{n}") ** 2 for n in range(30)))
    values = (terms, terms / (m + terms), eta * C_ij * terms**2 / (1 - terms) ** 3, sp.exp(-terms) * (1 + terms / m))
    values += (sp.Add(*(sp.Symbol(f"x_{n}") / sp.Symbol(f"y_{n}") for n in range(400))),)  # higher than a page
    blocks = tuple(Equation(formula(lambda_i), (formula(value),)) for value in values)
    plain = entry(results["quadratic.stationary_covariance"])
    chapter = Chapter("x", "x", (), (replace(plain, lead=(Paragraph((Text("Long."),)), *blocks)),))
    _, log = pdf.compile_with_log(latex.document(Document("x", "", (), (chapter,), ())))
    assert not re.findall(r"^Overfull", log, re.MULTILINE)
