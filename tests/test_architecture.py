"""The structure that keeps the library honest: layers, completeness, budgets."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sgdtheory
from sgdtheory.catalogue import FAMILIES, family_files, results

ROOT = Path(sgdtheory.__file__).parent
DERIVATIONS = ROOT.parent / "derivations"
FILES = sorted([*ROOT.rglob("*.py"), *DERIVATIONS.rglob("*.py")])
MODULES = {
    **{path: ".".join(("sgdtheory", *path.relative_to(ROOT).with_suffix("").parts)) for path in ROOT.rglob("*.py")},
    **{
        path: ".".join(("sgdtheory.derivations", *path.relative_to(DERIVATIONS).with_suffix("").parts))
        for path in DERIVATIONS.rglob("*.py")
    },
}


def imports(path, *, everywhere=False):
    """Return the modules that a file imports: at module level, or anywhere in it; types alone do not count."""
    tree = ast.parse(path.read_text())
    typing_only = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    nodes = ast.walk(tree) if everywhere else tree.body
    found = set()
    for node in nodes:
        if node in typing_only:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nobody_inside_imports_the_package_root(path):
    assert "sgdtheory" not in imports(path, everywhere=True)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_numbers_are_imported_in_their_folders_only(path):
    heavy = {name.split(".")[0] for name in imports(path)} & {"numpy", "scipy", "numba", "jax", "pandas", "matplotlib"}
    allowed = {"numeric": {"numpy", "scipy"}, "data": {"numpy"}}.get(MODULES[path].split(".")[1], set())
    allowed |= {"jax"} if path.stem.startswith(("lift_jax", "jax_")) or path.parent.name == "jax_backend" else set()
    allowed |= {"numba"} if path.parent.name == "numba_backend" else set()
    assert heavy <= allowed


THEORY = {"symbols", "processes", "algebra", "closed_form", "catalogue", *FAMILIES}
USERS = {"numeric", "verbs", "render", "cli", "problems", "optimizers", "data", "losses"}


@pytest.mark.parametrize(
    "path", [path for path, module in MODULES.items() if module.split(".")[1] in THEORY], ids=lambda path: path.stem
)
def test_theory_does_not_import_what_uses_it(path):
    """Symbols, processes, algebra, closed forms and families know nothing of numbers, verbs or the shell."""
    used = {name.split(".")[1] for name in imports(path) if name.startswith("sgdtheory.")}
    assert not used & USERS


def test_imports_have_no_cycle():
    known = set(MODULES.values())
    graph = {}
    for path, module in MODULES.items():
        name = module.removesuffix(".__init__")
        graph[name] = {target for target in imports(path) if target in known or f"{target}.__init__" in known} - {name}
    done, path_now = set(), []

    def visit(name):
        assert name not in path_now, " -> ".join([*path_now[path_now.index(name) :], name])
        if name in done:
            return
        path_now.append(name)
        for target in sorted(graph.get(name, ())):
            visit(target)
        done.add(path_now.pop())

    for name in sorted(graph):
        visit(name)


@pytest.mark.parametrize("name", results)
def test_derivation_never_sees_its_claim(name):
    """Neither the derivation nor the files that it shares steps with import the claim."""
    family, quantity = name.split(".")
    seen, todo = set(), [DERIVATIONS / family / f"{quantity}.py"]
    while todo:
        path = todo.pop()
        seen.add(path)
        for module in imports(path, everywhere=True):
            match = re.fullmatch(r"sgdtheory\.derivations\.(\w+)\.(\w+)", module)
            if match and (other := DERIVATIONS / match[1] / f"{match[2]}.py").exists() and other not in seen:
                todo.append(other)
    used = set().union(*(imports(path, everywhere=True) for path in seen))
    assert f"sgdtheory.{family}.{quantity}" not in used
    assert f"sgdtheory.{family}._{quantity}" not in used
    assert not {
        module for module in used if module.startswith(("sgdtheory.catalogue", "sgdtheory.numeric", "importlib"))
    }
    assert not any(word in path.read_text() for path in seen for word in ("__import__", "eval(", "exec("))


def test_every_file_of_a_family_is_exported_derived_and_cited():
    for folder in FAMILIES:
        exported = {name.split(".")[1] for name in results if name.startswith(f"{folder}.")}
        assert exported == set(family_files(folder)), "a result's file lacks its re-export line"
        derived = {path.stem for path in (DERIVATIONS / folder).glob("[a-z]*.py")}
        assert exported == derived, "a result lacks its derivation, or a derivation its result"
    known = set(re.findall(r"@\w+\{(\w+),", (ROOT / "references.bib").read_text()))
    cited = {
        source.key
        for form in results.values()
        for source in (*form.sources, *(erratum.source for erratum in form.errata))
    }
    assert cited <= known
    assert known <= cited, "an entry of references.bib that nobody cites"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_file_is_dreadful(path):
    lines = len(path.read_text().splitlines())
    assert lines <= (120 if path.parent.name in FAMILIES else 400)


def modules_loaded(code):
    """Return the top-level modules that a fresh interpreter has loaded after some code that prints them."""
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_import_is_light():
    """What is loaded, not how long it takes: the time is a row of benchmarks/run.py."""
    code = "import sys, sgdtheory; print(' '.join(sorted(name.split('.')[0] for name in sys.modules)))"
    loaded = modules_loaded(code)
    heavy = {"jax", "numba", "matplotlib", "sympy", "numpy", "scipy", "pandas", "sklearn", "typer", "rich"}
    assert not loaded & heavy


def test_verbs_load_neither_jax_nor_numba_nor_matplotlib():
    code = (
        "import sys, sgdtheory as st\n"
        "law = st.stationary_law(st.Quadratic([[1.0]], [[1.0]]), st.SGD(0.1, 1)); law.covariance\n"
        "print(' '.join(sorted(name.split('.')[0] for name in sys.modules)))"
    )
    loaded = modules_loaded(code)
    assert not loaded & {"jax", "numba", "matplotlib", "pandas", "sklearn"}


def test_public_names_are_all_there():
    for name in sgdtheory.__all__:
        assert getattr(sgdtheory, name) is not None
    assert set(sgdtheory.__all__) <= set(dir(sgdtheory))
    with pytest.raises(AttributeError, match="no attribute 'stationary'"):
        _ = sgdtheory.stationary
