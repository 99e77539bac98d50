"""The structure of the documentation site; the whole of it is built, with warnings as errors, apart from the tests."""

import ast
import importlib
import os
import re
import runpy
import sys
from pathlib import Path

import pytest

import sgdtheory as st

pytestmark = pytest.mark.xdist_group("docs")  # one worker makes the pages for all

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
GENERATED = {"results", "gallery", "generated", "_build"}
HOWTO = sorted({*(DOCS / "howto").glob("*.md")} - {DOCS / "howto" / "index.md"})
NOTEBOOKS = [DOCS / "tutorial.md", DOCS / "three_or_four_factors.md", *HOWTO]


@pytest.fixture(scope="module")
def site():
    """The modules that write the generated pages."""
    sys.path.insert(0, str(DOCS))
    from _site import command_line, offline, papers, reference, results

    yield {part.__name__.split(".")[1]: part for part in (command_line, offline, papers, reference, results)}
    sys.path.remove(str(DOCS))


@pytest.fixture(scope="module")
def result_pages(site):
    return site["results"].pages()


@pytest.fixture(scope="module")
def reference_pages(site):
    """The text of the generated pages of the reference, by name of the page."""
    return {name: text for part in ("papers", "command_line", "reference") for name, text in site[part].pages().items()}


def test_the_files_and_names_that_the_architecture_speaks_of_exist():
    """Files are named from the root, from sgdtheory/, or from a folder that their section names."""
    package, checked = ROOT / "sgdtheory", 0
    for section in (DOCS / "architecture.md").read_text(encoding="utf-8").split("\n## ")[1:]:
        folders = [ROOT, package]
        for name in re.findall(r"`([\w/]+/)`", section):  # in the order of the text, so `a/` then `b/` may mean `a/b/`
            found = [folder / name for folder in folders if (folder / name).is_dir()]
            assert found, f"no folder {name}"
            folders += found
        for name in re.findall(r"[\w/]+\.(?:py|md|json)\b", section):
            assert any((folder / name).is_file() for folder in folders), f"no file {name}"
            checked += 1
        for name in re.findall(r"`((?:numeric|verbs|problems|losses|algebra)\.[\w.]*\w)`", section):
            module, attribute = f"sgdtheory.{name}".rsplit(".", 1)
            assert hasattr(importlib.import_module(module), attribute), f"no name {name}"
    assert checked > 50


def toctree_entries(text):
    for block in re.findall(r"```\{toctree\}\n(.*?)```", text, re.DOTALL):
        for line in block.splitlines():
            if line.strip() and not line.startswith(":"):
                yield line.rsplit("<", 1)[-1].strip(" >")


def test_every_page_is_in_a_toctree(reference_pages):
    pages = {path for path in DOCS.rglob("*.md") if not GENERATED & set(path.relative_to(DOCS).parts)}
    reached, waiting = set(), [DOCS / "index.md"]
    written = {DOCS / name for name in reference_pages}
    while waiting:
        page = waiting.pop()
        reached.add(page)
        for entry in toctree_entries(page.read_text(encoding="utf-8")):
            target = (page.parent / entry).resolve()
            folder = target.relative_to(DOCS).parts[0]
            if folder in GENERATED or {target.with_suffix(".md"), target.with_suffix(".rst")} & written:
                continue
            assert target.with_suffix(".md").exists(), f"{page.name} leads to {entry}"
            if target.with_suffix(".md") not in reached:
                waiting.append(target.with_suffix(".md"))
    assert pages - written <= reached


def test_settings_name_no_server(monkeypatch):
    before = dict(os.environ)
    monkeypatch.syspath_prepend(str(DOCS))
    settings = runpy.run_path(str(DOCS / "conf.py"))
    assert dict(os.environ) == before
    chosen = {name: value for name, value in settings.items() if not name.startswith("_") and not callable(value)}
    assert "http" not in repr({name: value for name, value in chosen.items() if isinstance(value, str | list | dict)})
    assert "sphinx-mathjax-offline" in settings["extensions"]
    assert settings["nb_execution_raise_on_error"]
    assert settings["nb_execution_mode"] == "force"  # a cache shows what an earlier state of the library printed
    assert settings["sphinx_gallery_conf"]["abort_on_example_error"]


def test_scripts_and_styles_of_the_site_need_no_network():
    for path in (DOCS / "_static").iterdir():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?:|fetch\(|XMLHttpRequest|@import|eval\(|innerHTML", text), path.name


@pytest.mark.parametrize(
    ("page", "loads"),
    [
        ('<a href="https://example.org/paper">a paper</a><link rel="canonical" href="https://example.org">', 0),
        ('<script src="../_static/a.js"></script><link rel="stylesheet" href="_static/b.css">', 0),
        ("<pre>src='https://example.org'</pre>", 0),
        ('<script src="https://cdn.example.org/a.js"></script>', 1),
        ('<link rel="stylesheet" href="//fonts.example.org/css">', 1),
        ('<link rel="preconnect" href="https://fonts.example.org">', 1),
        ('<img alt="" srcset="a.png, https://example.org/b.png 2x">', 1),
        ('<p style="background: url(http://example.org/x.png)">', 1),
        ("<style>@import 'https://example.org/x.css';</style>", 1),
    ],
)
def test_a_page_that_loads_from_a_server_is_noticed(site, page, loads):
    assert len(site["offline"].remote_loads(page)) == loads


def test_each_result_has_a_page_and_a_row(result_pages):
    index = result_pages["results/index.md"]
    for name, form in st.results.items():
        assert result_pages[f"results/{name}.md"].startswith("# ")
        assert index.count(f"`{name}`") == 1
        assert f"\n  - {name.split('.')[0]}\n  - {form.kind.value}\n" in index
    assert {*toctree_entries(index)} == {*st.results}


def test_results_are_found_by_the_letters_of_their_formulas(result_pages):
    rows = result_pages["results/index.md"].split("* - ")
    (row,) = (row for row in rows if "`quadratic.stationary_covariance`" in row)
    hidden = re.search(r"\[([^\]]*)\]\{\.result-words\}", row)[1].split(", ")
    assert {"eta", "lambda", "\N{GREEK SMALL LETTER LAMDA}", "Sigma", "curvature", "learning rate"} <= set(hidden)


def test_the_page_of_a_result_links_to_others_and_not_to_itself(result_pages):
    page = result_pages["results/quadratic.stationary_covariance_diffusion.md"]
    assert "[`quadratic.stationary_covariance`](<quadratic.stationary_covariance.md>)" in page
    assert "(<quadratic.stationary_covariance_diffusion.md>)" not in page


def test_papers_list_every_source_and_erratum(reference_pages):
    text = reference_pages["reference/papers.md"]
    sources = sum(len(form.sources) + len(form.errata) for form in st.results.values())
    assert text.count("](<../results/") == sources
    assert text.count("**rejected**") == sum(len(form.errata) for form in st.results.values())


def test_reference_names_every_public_name_once(reference_pages):
    text = reference_pages["reference/api.rst"]
    for name in set(st.__all__) - {"__version__"}:
        assert text.count(f"   ~sgdtheory.{name}\n") == 1


def test_the_reference_has_a_page_for_what_verbs_return_and_for_the_tools(reference_pages):
    text = reference_pages["reference/api.rst"]
    listed = re.findall(r"^   ~(sgdtheory[\w.]+)$", text, re.MULTILINE)
    assert len(listed) == len(set(listed))
    for path in listed:
        module, name = path.rsplit(".", 1)
        assert getattr(importlib.import_module(module), name).__doc__, path
    last = {path.rsplit(".", 1)[1] for path in listed}
    assert {"Run", "Diverged", "Estimate", "LyapunovSolution", "Probing", "QuadraticSums", "sample_paths"} <= last
    # A title, its underline and at least one name: no section is empty.
    parts = re.split(r"^(?=[^\n]+\n[-~]{4,}\n)", text, flags=re.MULTILINE)
    tools = text.split("\nNumerical tools\n")[1].split("\nSymbolic tools\n")[0]
    assert tools.count("\n~~~") == 6
    for part in parts[1:]:
        title = part.splitlines()[0]
        assert "   ~sgdtheory." in part or title in ("Numerical tools", "Symbolic tools"), title


def test_command_line_page_shows_every_command(reference_pages):
    from sgdtheory.cli import app

    text = reference_pages["reference/cli.md"]
    for command in app.registered_commands:
        assert f"## {command.name}\n\n```text\nUsage: sgdtheory {command.name}" in text


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_prints_theory_beside_numeric_and_asserts(path):
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    printed = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    assert any(re.search(r"theory .*\| numeric", line) for line in printed)
    assert any(isinstance(node, ast.Assert) for node in ast.walk(tree))
    assert re.match(r"\n?.+\n=+\n", ast.get_docstring(tree))
    assert "rcParams" not in text
    assert "np.random.seed" not in text


def test_there_are_examples():
    assert len(EXAMPLES) >= 5


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_code_on_a_page_is_python_and_known_to_the_library(path):
    cells = re.findall(r"```\{code-cell\} python3\n(.*?)\n```", path.read_text(encoding="utf-8"), re.DOTALL)
    assert cells
    for cell in cells:
        code = "\n".join(line for line in cell.splitlines() if not line.startswith(":tags:"))
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "st":
                assert node.attr in st.__all__
