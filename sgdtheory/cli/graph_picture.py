"""The graph of the results as a picture: layers from left to right, each box right of all that it stands on."""

from __future__ import annotations

import io
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sgdtheory.catalogue import Dependency
    from sgdtheory.cli.graph import Edge

SIZE = 9  # of the letters, points
ROW, GAP, MARGIN = 22, 70, 24  # points: between boxes of a layer, between layers, around everything
SWEEPS = 24
COLOURS = {"process": ("#444444", "#444444"), "exact": ("#e3eefa", "#2a6db0"), "limit": ("#fdebd8", "#c8690a")}
LINES = {
    "premise": {"color": "#999999", "linestyle": "-"},
    "value": {"color": "#2a6db0", "linestyle": "-"},
    "steps": {"color": "#2a6db0", "linestyle": (0, (5, 3))},
    "limit": {"color": "#c8690a", "linestyle": (0, (1, 2))},
}
SAYS = {
    "premise": "starts from the process",
    "value": "takes the value as known",
    "steps": "shares steps",
    "limit": "limit (orange) and exact result",
}


@dataclass
class _Node:
    """A box, or a bend of an edge that passes a layer (then without name)."""

    name: str
    layer: int
    width: float = 0.0
    x: float = 0.0
    y: float = 0.0


def picture(edges: Sequence[Edge], known: Mapping[str, Dependency], form: str, *, chosen: str | None = None) -> bytes:
    """Return the drawn graph.

    Parameters
    ----------
    edges
        What is drawn.
    known
        All results; other nodes are processes.
    form
        ``"svg"`` or ``"png"``.
    chosen
        A result to be set off.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    nodes, chains = _layers(edges)
    _across(nodes)
    _along(nodes, chains, edges)
    right = max(node.x + node.width for node in nodes.values()) + MARGIN
    top = max(node.y for node in nodes.values()) + MARGIN
    bottom = -2.5 * MARGIN  # with room for the legend
    figure = Figure(figsize=((right + MARGIN) / 72, (top - bottom) / 72))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(-MARGIN, right)
    axes.set_ylim(bottom, top)
    axes.axis("off")
    for edge, chain in zip(edges, chains, strict=True):
        _draw_edge(axes, [nodes[key] for key in chain], edge.how)
    for node in nodes.values():
        if node.name:
            kind = "process" if node.name not in known else "limit" if known[node.name].approximates else "exact"
            _draw_box(axes, node, kind, bold=node.name == chosen)
    _draw_legend(axes, [how for how in LINES if any(edge.how == how for edge in edges)])
    file = io.BytesIO()
    with rc_context({"svg.hashsalt": "sgdtheory"}):  # the same picture is the same file
        figure.savefig(file, format=form, dpi=150, facecolor="white", metadata={"Date": None} if form == "svg" else {})
    return file.getvalue()


def _layers(edges: Sequence[Edge]) -> tuple[dict[Any, _Node], list[list[Any]]]:
    """Return the nodes, and for each edge the keys of the nodes that it runs through."""
    below: dict[str, list[str]] = {}
    for lower, upper, how in edges:
        below.setdefault(lower, [])
        below.setdefault(upper, []).extend([lower] * (how != "limit"))

    def layer(name: str) -> int:
        return 1 + max(map(layer, below[name]), default=-1)

    nodes: dict[Any, _Node] = {name: _Node(name, layer(name), _width(_label(name))) for name in below}
    chains = []
    for lower, upper, how in edges:
        bends = [] if how == "limit" else range(nodes[lower].layer + 1, nodes[upper].layer)
        keys = [(lower, upper, at) for at in bends]
        nodes |= {key: _Node("", key[2]) for key in keys}
        chains.append([lower, *keys, upper])
    return nodes, chains


def _across(nodes: Mapping[Any, _Node]) -> None:
    """Give each layer its place from left to right."""
    left = 0.0
    for layer in range(1 + max(node.layer for node in nodes.values())):
        members = [node for node in nodes.values() if node.layer == layer]
        for node in members:
            node.x = left
        left += max(node.width for node in members) + GAP


def _along(nodes: Mapping[Any, _Node], chains: Sequence[Sequence[Any]], edges: Sequence[Edge]) -> None:
    """Give each node its height: near its neighbours', in every layer at least one row apart."""
    from scipy.optimize import isotonic_regression

    lower: dict[Any, list[Any]] = {key: [] for key in nodes}
    upper: dict[Any, list[Any]] = {key: [] for key in nodes}
    beside: dict[Any, list[Any]] = {key: [] for key in nodes}
    for chain, edge in zip(chains, edges, strict=True):
        for one, other in itertools.pairwise(chain):
            if edge.how == "limit":
                beside[one].append(other)
                beside[other].append(one)
            else:
                upper[one].append(other)
                lower[other].append(one)
    layers = [
        [key for key, node in nodes.items() if node.layer == layer]
        for layer in range(1 + max(node.layer for node in nodes.values()))
    ]
    for keys in layers:
        for row, key in enumerate(keys):
            nodes[key].y = -ROW * row
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        towards = lower if forward else upper
        for keys in layers if forward else reversed(layers):
            wanted = {}
            for key in keys:
                near = [nodes[other].y for other in towards[key]] or [nodes[key].y]
                near += [nodes[other].y for other in beside[key]]
                wanted[key] = sum(near) / len(near)
            keys.sort(key=lambda key: wanted[key])
            rows = [wanted[key] - ROW * place for place, key in enumerate(keys)]
            for place, (key, row) in enumerate(zip(keys, isotonic_regression(rows).x, strict=True)):
                nodes[key].y = float(row) + ROW * place
    lowest = min(node.y for node in nodes.values())
    for node in nodes.values():
        node.y -= lowest


def _label(name: str) -> str:
    """Return what a box says: the quantity, whose family a reader knows from the list."""
    return name.rpartition(".")[2].replace("_", " ")


def _width(label: str) -> float:
    from matplotlib.textpath import TextPath

    return TextPath((0, 0), label, size=SIZE).get_extents().width + 2


def _draw_box(axes: Any, node: _Node, kind: str, *, bold: bool) -> None:
    fill, line = COLOURS[kind]
    axes.text(
        node.x,
        node.y,
        _label(node.name),
        size=SIZE,
        va="center",
        color="white" if kind == "process" else "black",
        bbox={"boxstyle": "round,pad=0.35", "facecolor": fill, "edgecolor": line, "linewidth": 2.4 if bold else 0.8},
    )


def _draw_edge(axes: Any, nodes: Sequence[_Node], how: str) -> None:
    """Draw a smooth line from box to box, level where it meets them."""
    from matplotlib.patches import FancyArrowPatch, PathPatch
    from matplotlib.path import Path

    first, last = nodes[0], nodes[-1]
    if how == "limit" and first.layer == last.layer:
        start, end = (last.x - 4, last.y), (first.x - 4, first.y)
        bulge = 14 + 0.12 * abs(last.y - first.y)
        vertices = [start, (start[0] - bulge, start[1]), (end[0] - bulge, end[1]), end]
    else:
        vertices = [(first.x + first.width + 4, first.y)]
        for one, other in itertools.pairwise(nodes):
            begin, end = one.x + one.width + 4 * bool(one.name), other.x - 5 * bool(other.name)
            middle = (begin + end) / 2
            vertices += [(middle, one.y), (middle, other.y), (end, other.y)]
    path = Path(vertices, [Path.MOVETO] + [Path.CURVE4] * (len(vertices) - 1))
    style = {"fill": False, "linewidth": 1.0, **LINES[how]}
    if how in ("premise", "limit"):  # a line from a process needs no arrow; a limit is told by its colour
        axes.add_patch(PathPatch(path, **style))
    else:
        axes.add_patch(FancyArrowPatch(path=path, arrowstyle="-|>", mutation_scale=8, **style))


def _draw_legend(axes: Any, kinds: Sequence[str]) -> None:
    from matplotlib.lines import Line2D

    axes.legend(
        [Line2D([], [], linewidth=1.2, **LINES[how]) for how in kinds],
        [SAYS[how] for how in kinds],
        loc="lower left",
        ncols=len(kinds),
        frameon=False,
        fontsize=SIZE,
    )
