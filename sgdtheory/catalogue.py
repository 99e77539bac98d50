"""The catalogue: what the families export, by name."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import sgdtheory.asynchrony as _asynchrony
import sgdtheory.averaging as _averaging
import sgdtheory.fluctuation_dissipation as _fluctuation_dissipation
import sgdtheory.gaussian_features as _gaussian_features
import sgdtheory.momentum as _momentum
import sgdtheory.posterior as _posterior
import sgdtheory.quadratic as _quadratic
import sgdtheory.quadratic_sums as _quadratic_sums
import sgdtheory.reshuffling as _reshuffling
from sgdtheory.algebra.derivation import Derivation
from sgdtheory.closed_form import ClosedForm
from sgdtheory.errors import unknown_name

families = (
    _quadratic,
    _momentum,
    _averaging,
    _quadratic_sums,
    _gaussian_features,
    _reshuffling,
    _fluctuation_dissipation,
    _posterior,
    _asynchrony,
)


class Catalogue(Mapping[str, ClosedForm]):
    """A read-only mapping from name to closed form, in the families' order."""

    def __init__(self, forms: Mapping[str, ClosedForm]) -> None:
        self._forms = dict(forms)

    def __getitem__(self, name: str) -> ClosedForm:
        try:
            return self._forms[name]
        except (KeyError, TypeError):
            raise unknown_name("result", name, self._forms) from None

    def __contains__(self, name: object) -> bool:
        return name in self._forms

    def __iter__(self) -> Iterator[str]:
        return iter(self._forms)

    def __len__(self) -> int:
        return len(self._forms)

    def __repr__(self) -> str:
        return f"<{len(self)} results: {', '.join(self)}>"


def _collect() -> Catalogue:
    forms = {}
    for family in families:
        for exported in vars(family).values():
            if isinstance(exported, ClosedForm):
                forms[exported.name] = exported
    return Catalogue(forms)


results = _collect()


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
                values |= {result} & set(results)
            elif result in results:
                steps |= {result} - {name}
            elif imported.count(".") == 3 and imported not in seen:  # a file that results share
                todo.append(imported)
    return values, steps


def _imports(module: str) -> set[str]:
    """Return the dotted names that a module's file imports."""
    source = importlib.util.find_spec(module).loader.get_source(module)
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found


def family_files(family: object) -> list[str]:
    """Return the quantities that a family folder holds a file for, exported or not."""
    return [
        module.name[1:]
        for module in pkgutil.iter_modules(family.__path__)
        if module.name.startswith("_") and module.name != "_points"
    ]
