"""The graph of the results: against what the modules really hold, as text and as a picture."""

import importlib
import inspect
import itertools
import xml.etree.ElementTree as ElementTree

import pytest
from typer.testing import CliRunner

from sgdtheory.catalogue import dependencies, results
from sgdtheory.cli import app
from sgdtheory.cli.graph import Edge, around, arrows, as_dot, as_mermaid, neighbours, tree
from sgdtheory.cli.graph_picture import ROW, _across, _along, _layers, picture
from sgdtheory.closed_form import ClosedForm
from sgdtheory.errors import UnknownNameError

KNOWN = dependencies()
EDGES = arrows(KNOWN)
PACKAGE = "sgdtheory.derivations."


def run(*arguments, code=0):
    outcome = CliRunner().invoke(app, ["graph", *map(str, arguments)], prog_name="sgdtheory")
    assert outcome.exit_code == code, outcome.output + repr(outcome.exception)
    return outcome


def held(module, seen):
    """Return the results whose values, and whose derivations' functions, a loaded module and its shared files hold."""
    values, steps = set(), set()
    seen.add(module)
    for thing in vars(importlib.import_module(module)).values():
        home = getattr(thing, "__module__", "")
        if isinstance(thing, ClosedForm):
            values.add(thing.name)
        elif inspect.isfunction(thing) and home.startswith(PACKAGE) and home not in seen:
            if home.removeprefix(PACKAGE) in results:
                steps.add(home.removeprefix(PACKAGE))
            else:
                more = held(home, seen)
                values, steps = values | more[0], steps | more[1]
    return values, steps


@pytest.mark.parametrize("name", results)
def test_the_files_say_what_the_loaded_modules_hold(name):
    values, steps = held(PACKAGE + name, set())
    assert set(KNOWN[name].values) == values
    assert set(KNOWN[name].steps) == steps - values
    assert KNOWN[name].process == results[name].process.name
    limit = results[name].limit
    assert KNOWN[name].approximates == (limit.exact.name if limit else None)


def test_the_graph_does_not_close():
    open_names, left = set(), dict(KNOWN)
    while left:
        ready = [name for name, entry in left.items() if set(entry.stands_on) <= open_names]
        assert ready, sorted(left)
        open_names |= set(ready)
        left = {name: entry for name, entry in left.items() if name not in open_names}


def test_every_result_is_once_in_the_tree_below_something_it_stands_on():
    lines = tree(KNOWN).splitlines()
    trail = {}
    seen = []
    for line in lines:
        if "-- " not in line:
            trail = {0: line.partition(":")[0]}
            continue
        indent, text = line.split("-- ", 1)
        depth = (len(indent) + 3) // 4
        name = text.split("  (")[0]
        trail[depth] = name
        assert trail[depth - 1] in (KNOWN[name].stands_on or (KNOWN[name].process,))
        mentioned = {trail[depth - 1], *text.split("also on ")[-1].split(";")[0].rstrip(")").split(", ")}
        assert set(KNOWN[name].stands_on) <= mentioned
        assert (f"limit of {KNOWN[name].approximates}" in text) is (KNOWN[name].approximates is not None)
        seen.append(name)
    assert sorted(seen) == sorted(results)
    assert lines[-1] == f"{len(results)} results; each stands on what it is indented below"
    assert tree(KNOWN).isascii()
    assert "SGD with additive noise: theta' = theta - eta (H (theta - theta*) + n)" in lines


def test_one_result_and_its_neighbours():
    text = neighbours(KNOWN, "quadratic.stationary_covariance")
    below, above = text.split("what stands on it")
    assert "SGD with additive noise" in below
    assert "quadratic.stationary_excess_loss" in above
    assert "its limit is quadratic.stationary_covariance_diffusion" in above
    text = neighbours(KNOWN, "quadratic.transient_covariance_diffusion")
    assert "quadratic.stationary_covariance_diffusion  (shared steps)" in text
    assert "it is a limit of quadratic.transient_covariance" in text
    assert "no other result stands on it" in neighbours(KNOWN, "quadratic.optimal_batch_size")


@pytest.mark.parametrize("name", results)
def test_a_part_is_closed_downwards(name):
    part = around(KNOWN, name)
    assert name in part
    for entry in part.values():
        assert set(entry.stands_on) <= set(part)
    assert {e.name for e in KNOWN.values() if name in e.stands_on} <= set(part)


def test_text_for_other_programs_names_every_node_and_edge():
    dot, mermaid = as_dot(EDGES, KNOWN), as_mermaid(EDGES, KNOWN)
    for lower, upper, _ in EDGES:
        assert f'  "{lower}" -> "{upper}"' in dot
    assert dot.count("->") == len(EDGES)
    assert dot.count("{") == dot.count("}") == 1
    labels = {
        line.split('"')[1]: line.split("[")[0].split("(")[0].strip() for line in mermaid.splitlines() if '"' in line
    }
    assert set(labels) == set(results) | {form.process.name for form in results.values()}
    assert len(mermaid.splitlines()) == 1 + len(labels) + len(EDGES)
    assert len(set(labels.values())) == len(labels)


def test_boxes_do_not_overlap_and_every_arrow_points_right():
    nodes, chains = _layers(EDGES)
    _across(nodes)
    _along(nodes, chains, EDGES)
    by_layer = {}
    for node in nodes.values():
        by_layer.setdefault(node.layer, []).append(node)
    for layer, members in by_layer.items():
        heights = sorted(node.y for node in members)
        assert all(b - a > ROW - 1e-6 for a, b in itertools.pairwise(heights))
        following = by_layer.get(layer + 1, members)
        assert max(node.x + node.width for node in members) <= min(n.x for n in following) or following is members
    for edge in EDGES:
        if edge.how != "limit":
            assert nodes[edge.lower].layer < nodes[edge.upper].layer
    assert {node.name for node in nodes.values() if node.name} >= set(results)


def test_pictures_are_pictures():
    svg = picture(EDGES, KNOWN, "svg")
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    text = svg.decode()
    for name in results:
        assert name.rpartition(".")[2].replace("_", " ") in text  # matplotlib notes the words beside their outlines
    one = picture([Edge("a process", name, "premise")], KNOWN, "png", chosen=name)
    assert one.startswith(b"\x89PNG")
    assert picture(EDGES, KNOWN, "svg") == svg


@pytest.mark.parametrize("to", ["text", "dot", "mermaid", "svg", "png"])
def test_the_command_writes_each_format(to, tmp_path):
    name = "quadratic.expected_decrease"
    suffix = {"text": "txt", "mermaid": "mmd"}.get(to, to)
    path = tmp_path / f"graph.{suffix}"
    assert run(name, "-o", path).stdout == f"wrote {path}\n"
    run(name, "--to", to, "--output", tmp_path / "plain")
    first, second = (tmp_path / f"graph.{suffix}").read_bytes(), (tmp_path / "plain").read_bytes()
    assert first == second
    assert (b"\x89PNG" in first) if to == "png" else (b"expected" in first)
    if to != "png":
        assert run(name, "--to", to).stdout.strip() == first.decode().strip()


def test_the_command_shows_the_tree_by_default():
    assert run().stdout == tree(KNOWN) + "\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["quadratic.stationary_covarianse"], "did you mean 'quadratic.stationary_covariance'"),
        (["quadratic.stationary_covarianse", "--to", "dot"], "did you mean 'quadratic.stationary_covariance'"),
        (["--to", "png"], "a PNG is not text"),
        (["-o", "graph.pdf"], "the file's name does not say its format"),
        (["-o", "graph"], "the file's name does not say its format"),
        (["-o", "/no/such/folder/graph.svg"], "the folder of the output does not exist"),
        (["-o", "/", "--to", "dot"], "the output is a folder"),
        (["-o", "graph.svg", "--to", "dot"], "the file's name says another format"),
        (["-o", "/dev/full", "--to", "dot"], "No space left on device"),
    ],
)
def test_mistakes_are_one_clear_message(arguments, says):
    outcome = run(*arguments, code=2)
    assert says in outcome.stderr
    assert "Traceback" not in outcome.output
    assert outcome.stdout == ""


def test_an_unknown_name_is_the_usual_error():
    with pytest.raises(UnknownNameError, match="unknown result"):
        around(KNOWN, "quadratic.nothing")
