"""The catalogue: what the families export, by name."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping

import sgdtheory.quadratic as _quadratic
from sgdtheory.algebra.derivation import Derivation
from sgdtheory.closed_form import ClosedForm
from sgdtheory.errors import unknown_name

families = (_quadratic,)


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
    """Run the derivation of a result, from its process to its value.

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
    family, quantity = results[name].name.split(".")
    module = importlib.import_module(f"sgdtheory.derivations.{family}.{quantity}")
    derivation: Derivation = module.derive()
    derivation.name = name
    return derivation


def family_files(family: object) -> list[str]:
    """Return the quantities that a family folder holds a file for, exported or not."""
    return [
        module.name[1:]
        for module in pkgutil.iter_modules(family.__path__)
        if module.name.startswith("_") and module.name != "_points"
    ]
