"""``graph``: how the results stand on each other, as a tree, a picture, or text for Graphviz and Mermaid."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

import sgdtheory.cli.files as files

if TYPE_CHECKING:
    from sgdtheory.catalogue import Dependency


class Format(enum.StrEnum):
    """Formats of the graph."""

    text = "text"
    dot = "dot"
    mermaid = "mermaid"
    svg = "svg"
    png = "png"


class Edge(NamedTuple):
    """One arrow: ``upper`` stands on ``lower``, in one of four ways."""

    lower: str
    upper: str
    how: str  # "premise", "value", "steps", "limit"


def graph_command(
    name: Annotated[
        str | None, typer.Argument(help="Only this result, what it stands on and what stands on it.")
    ] = None,
    to: Annotated[
        Format | None, typer.Option(help="Format; by default that of the output file's name, else text.")
    ] = None,
    output: files.Output = None,
) -> None:
    """Draw how the results stand on each other: which derivation takes which result as known."""
    from sgdtheory.catalogue import dependencies

    wanted = files.chosen(to, output, Format, Format.text)
    default = files.named("sgdtheory-graph", wanted)
    if output is not None:
        files.destination(output, default)
    elif wanted is Format.png:
        _refuse_bytes(default)
    files.deliver(_content(name, wanted, dependencies()), output, default)


def _content(name: str | None, wanted: Format, known: Mapping[str, Dependency]) -> str | bytes:
    if wanted is Format.text:
        return tree(known) if name is None else neighbours(known, name)
    edges = arrows(known) if name is None else arrows(around(known, name))
    if wanted is Format.dot:
        return as_dot(edges, known)
    if wanted is Format.mermaid:
        return as_mermaid(edges, known)
    from sgdtheory.cli.graph_picture import picture

    drawn = picture(edges, known, wanted.value, chosen=name)
    return drawn if wanted is Format.png else drawn.decode()


def _refuse_bytes(default: str) -> None:
    from sgdtheory.errors import DomainError

    raise DomainError(
        "a PNG is not text",
        got="--to png without a file",
        allowed="-o FILE together with --to png",
        mend=f"write, for example, -o {default}",
    )


def arrows(known: Mapping[str, Dependency]) -> list[Edge]:
    """Return the edges between these results, and from their processes.

    Examples
    --------
    >>> from sgdtheory.catalogue import dependencies
    >>> everything = dependencies()
    >>> for edge in arrows(around(everything, "reshuffling.mean_trajectory")):
    ...     print(*edge, sep=" | ")
    SGD on sampled quadratics | reshuffling.mean_trajectory | premise
    """
    found = []
    for entry in known.values():
        lower = [other for other in entry.stands_on if other in known]
        found += [Edge(other, entry.name, "value" if other in entry.values else "steps") for other in lower]
        found += [Edge(entry.process, entry.name, "premise")] * (not lower)
        if entry.approximates in known:
            found.append(Edge(entry.approximates, entry.name, "limit"))
    return found


def around(known: Mapping[str, Dependency], name: str) -> dict[str, Dependency]:
    """Return a result, all that it stands on, all that stands on it, and what it or they are limits of."""
    chosen = _below(known, name) | _above(known, name) | {known[name].approximates}
    chosen |= {entry.name for entry in known.values() if entry.approximates == name}
    closed = set().union(*(_below(known, other) for other in chosen if other is not None))
    return {other: entry for other, entry in known.items() if other in closed}


def _below(known: Mapping[str, Dependency], name: str) -> set[str]:
    """Return a result and all that it stands on."""
    if name not in known:
        from sgdtheory.errors import unknown_name

        raise unknown_name("result", name, known, listed_by="sgdtheory list")
    return {name}.union(*(_below(known, other) for other in known[name].stands_on))


def _above(known: Mapping[str, Dependency], name: str) -> set[str]:
    """Return a result and all that stands on it."""
    direct = [entry.name for entry in known.values() if name in entry.stands_on]
    return {name}.union(*(_above(known, other) for other in direct))


def tree(known: Mapping[str, Dependency]) -> str:
    """Return the whole graph as an indented tree; a result hangs below one that it stands on, the deepest."""
    children: dict[str, list[str]] = {}
    for entry in known.values():
        deepest = max(entry.stands_on, key=lambda other: (len(_below(known, other)), other), default=entry.process)
        children.setdefault(deepest, []).append(entry.name)

    def remark(below: str, name: str) -> str:
        entry = known[name]
        also = [other for other in entry.stands_on if other != below]
        parts = ["by shared steps"] * (below in entry.steps) + [f"also on {', '.join(also)}"] * bool(also)
        return "; ".join(parts + [f"limit of {entry.approximates}"] * bool(entry.approximates))

    lines = []
    for process in dict.fromkeys(entry.process for entry in known.values()):
        lines += [_with_premise(known, process), *_branches(process, children, remark), ""]
    return "\n".join([*lines, f"{len(known)} results; each stands on what it is indented below"])


def _with_premise(known: Mapping[str, Dependency], process: str) -> str:
    from sgdtheory.catalogue import results
    from sgdtheory.render.text import expression

    found = next(results[entry.name].process for entry in known.values() if entry.process == process)
    return f"{process}: " + ", ".join(f"{expression(left)} = {expression(right)}" for left, right in found.premise)


def neighbours(known: Mapping[str, Dependency], name: str) -> str:
    """Return what one result stands on, down to the process, and what stands on it."""
    lower = {other: [*known[other].stands_on] or [known[other].process] for other in _below(known, name)}
    upper = {other: [entry.name for entry in known.values() if other in entry.stands_on] for other in known}

    def by_steps(one: str, other: str) -> str:
        pair = {one: other, other: one}
        return "shared steps" * any(pair[end] in known[end].steps for end in pair if end in known)

    lines = [f"{name} stands on", *_branches(name, lower, by_steps)]
    above = [*_branches(name, upper, by_steps)]
    lines += ["", "what stands on it", *above] if above else ["", "no other result stands on it"]
    if known[name].approximates:
        lines += ["", f"it is a limit of {known[name].approximates}"]
    limits = [entry.name for entry in known.values() if entry.approximates == name]
    return "\n".join([*lines, *(f"\nits limit is {limit}" for limit in limits)])


def _branches(
    name: str, children: Mapping[str, list[str]], remark: Callable[[str, str], str], indent: str = ""
) -> Iterator[str]:
    """Yield the lines below one entry of a tree; ``remark`` says something about an entry below another."""
    below = children.get(name, [])
    for place, child in enumerate(below):
        last, said = place + 1 == len(below), remark(name, child)
        yield f"{indent}{'`' if last else '|'}-- {child}{f'  ({said})' if said else ''}"
        yield from _branches(child, children, remark, indent + (" " if last else "|") + "   ")


def as_dot(edges: Iterable[Edge], known: Mapping[str, Dependency]) -> str:
    """Return the graph in the language of Graphviz."""
    styles = {"premise": "color=gray", "value": "", "steps": "style=dashed", "limit": "style=dotted, constraint=false"}
    edges = list(edges)
    lines = ["digraph results {", "  rankdir=LR;", "  node [shape=box];"]
    for node in _nodes(edges):
        shape = "" if node in known else " [shape=ellipse]"
        lines.append(f'  "{node}"{shape};')
    for lower, upper, how in edges:
        style = f" [{styles[how]}]" if styles[how] else ""
        lines.append(f'  "{lower}" -> "{upper}"{style};')
    return "\n".join([*lines, "}"])


def as_mermaid(edges: Iterable[Edge], known: Mapping[str, Dependency]) -> str:
    """Return the graph in the language of Mermaid."""
    links = {"premise": "-->", "value": "-->", "steps": "-. steps .->", "limit": "-. limit .->"}
    edges = list(edges)
    number = {node: f"n{place}" for place, node in enumerate(_nodes(edges))}
    lines = ["flowchart LR"]
    for node, label in number.items():
        lines.append(f'  {label}["{node}"]' if node in known else f'  {label}(["{node}"])')
    lines += [f"  {number[lower]} {links[how]} {number[upper]}" for lower, upper, how in edges]
    return "\n".join(lines)


def _nodes(edges: Iterable[Edge]) -> list[str]:
    return list(dict.fromkeys(node for edge in edges for node in edge[:2]))
