"""The catalogue: what the families export, by name."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.closed_form import ClosedForm
from sgdtheory.errors import unknown_name

FAMILIES = (
    "quadratic",
    "momentum",
    "averaging",
    "quadratic_sums",
    "gaussian_features",
    "reshuffling",
    "fluctuation_dissipation",
    "diffusion",
    "posterior",
    "asynchrony",
)


def family(name: str) -> ModuleType:
    """Return the module of a family, imported when it is first asked for."""
    return importlib.import_module(f"sgdtheory.{name}")


def _found(name: object) -> ClosedForm | None:
    folder, dot, quantity = name.partition(".") if isinstance(name, str) else ("", "", "")
    form = vars(family(folder)).get(quantity) if dot and folder in FAMILIES else None
    return form if isinstance(form, ClosedForm) else None


class Catalogue(Mapping[str, ClosedForm]):
    """A read-only mapping from name to closed form, in the families' order.

    Looking up one result imports its family alone, which takes a tenth of the time of all.
    """

    def __getitem__(self, name: str) -> ClosedForm:
        form = _found(name)
        if form is None:
            raise unknown_name("result", name, self, listed_by="sgdtheory list")
        return form

    def __contains__(self, name: object) -> bool:
        return _found(name) is not None

    def __iter__(self) -> Iterator[str]:
        for name in FAMILIES:
            yield from (form.name for form in vars(family(name)).values() if isinstance(form, ClosedForm))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"<{len(self)} results: {', '.join(self)}>"


results = Catalogue()


def derive(name: str) -> Derivation:
    """Return the derivation of a result, from its process to its value. It is run once.

    Parameters
    ----------
    name
        Name of a result of the catalogue.

    Returns
    -------
    Derivation
        Its ``steps``, ``latex()`` and ``verify()``.

    Raises
    ------
    UnknownNameError
        If there is no such result; the nearest names are offered.

    Examples
    --------
    >>> derive("quadratic.mean_stability_limit").value
    2/lambda_max
    """
    found = derived(results[name].name)
    return Derivation(found.process, list(found.steps), found.name)


@cache
def derived(name: str) -> Derivation:
    """Return the derivation of a result, run when it is first asked for; its steps are shared and not to be changed."""
    family, quantity = name.split(".")
    derivation: Derivation = importlib.import_module(f"sgdtheory.derivations.{family}.{quantity}").derive()
    derivation.name = name
    return derivation


@dataclass(frozen=True)
class Dependency:
    """What the derivation of one result stands on.

    Attributes
    ----------
    name
        Name of the result.
    process
        Name of the process whose step is its premise.
    values
        Results whose value it takes as known.
    steps
        Results whose derivation it shares steps with, and of which it does not take the value.
    approximates
        The exact result that it is a limit of; this is a claim and not a premise.
    """

    name: str
    process: str
    values: tuple[str, ...]
    steps: tuple[str, ...]
    approximates: str | None

    @property
    def stands_on(self) -> tuple[str, ...]:
        """All results that must hold, or be derived, for this one."""
        return self.values + self.steps


def dependencies() -> Mapping[str, Dependency]:
    """Return how the results stand on each other: the graph of the imports between their derivations.

    The files are read, not run. A file that results share counts as a part of each of them.

    Returns
    -------
    Mapping
        From the name of each result to what it stands on, in the catalogue's order.

    Examples
    --------
    >>> found = dependencies()["quadratic.stationary_excess_loss_diffusion"]
    >>> found.values, found.approximates
    (('quadratic.stationary_covariance_diffusion',), 'quadratic.stationary_excess_loss')
    """
    found = {}
    for name, form in results.items():
        values, steps = _imported_results(name)
        exact = form.limit.exact.name if form.limit else None
        rest = tuple(sorted(steps - values))
        found[name] = Dependency(name, form.process.name, tuple(sorted(values)), rest, exact)
    return found


def _imported_results(name: str) -> tuple[set[str], set[str]]:
    """Return the results whose values, and whose steps, a derivation imports, by itself or through shared files."""
    values, steps = set(), set()
    todo, seen = [f"sgdtheory.derivations.{name}"], set()
    while todo:
        module = todo.pop()
        seen.add(module)
        for imported in _imports(module):
            result = imported.removeprefix("sgdtheory.").removeprefix("derivations.")
            if not imported.startswith("sgdtheory.derivations."):
                values |= {result} if result in results else set()
            elif result in results:
                steps |= {result} - {name}
            elif imported.count(".") == 3 and imported not in seen:  # a file that results share
                todo.append(imported)
    return values, steps


@cache
def _imports(module: str) -> frozenset[str]:
    """Return the dotted names that a module's file imports."""
    source = importlib.util.find_spec(module).loader.get_source(module)
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return frozenset(found)


def family_files(name: str) -> list[str]:
    """Return the quantities that a family folder holds a file for, exported or not."""
    return [
        module.name[1:]
        for module in pkgutil.iter_modules(family(name).__path__)
        if module.name.startswith("_") and not module.name.endswith("_points")
    ]
