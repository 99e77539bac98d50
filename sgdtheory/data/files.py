"""Tables on disk: CSV, TSV and NPZ."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sgdtheory.data.table import Data, assemble, without
from sgdtheory.errors import DataError, unknown_name

SEPARATORS = {".csv": ",", ".tsv": "\t"}
SUFFIXES = (*SEPARATORS, ".npz")


def read_table(
    path: str | os.PathLike[str],
    target: str | None = None,
    *,
    drop: Iterable[str] = (),
    standardize: bool = False,
    intercept: bool = False,
) -> Data:
    """Read features and a target from a CSV, TSV or NPZ file.

    Parameters
    ----------
    path
        A text table with a first line of column names, or an NPZ file with arrays ``X`` and ``y``, or an NPZ
        file with one vector per column.
    target
        Name of the column to predict; left out where an NPZ file holds ``X`` and ``y``.
    drop
        Columns to leave out.
    standardize
        Whether to bring each feature to mean 0 and variance 1 (divisor D).
    intercept
        Whether to add a constant column named ``intercept``.

    Returns
    -------
    Data
        The checked table.

    Raises
    ------
    DataError
        If the file cannot be read, or holds text, missing, infinite or constant columns.
    UnknownNameError
        If the target or a column to drop does not exist; the nearest names are offered.
    """
    path = Path(path)
    _check_file(path)
    if path.suffix.lower() == ".npz":
        columns, y = _read_npz(path, target)
    else:
        columns, y = _read_text(path), None
    notes: list[str] = []
    index = columns.pop("", None)
    if index is not None:
        notes.append("the nameless first column, which only counts the rows, was left out")
    if y is None:
        values, target = _take_target(columns, target)
    else:
        values, target = y, "y"
    columns, dropped = without(columns, drop)
    numbers = {name: _numbers(name, column) for name, column in columns.items()}
    return assemble(
        numbers,
        _numbers(target, values),
        target,
        path.name,
        notes=[*notes, *dropped],
        standardize=standardize,
        intercept=intercept,
    )


def _check_file(path: Path) -> None:
    if path.suffix.lower() not in SUFFIXES:
        raise DataError(
            "unknown kind of file",
            got=f"{path.name!r} with suffix {path.suffix!r}",
            allowed=", ".join(SUFFIXES),
            mend="save the table as .csv with a first line of column names",
        )
    if not path.exists():
        raise DataError(
            "there is no such file",
            got=str(path),
            allowed="a file that exists",
            mend="check the path and the working folder",
        )
    if not path.is_file():
        raise DataError(
            "this is not a file",
            got=str(path),
            allowed="a CSV, TSV or NPZ file",
            mend="name the file itself, not its folder",
        )


def _take_target(columns: dict[str, Any], target: str | None) -> tuple[Any, str]:
    if target is None:
        raise DataError(
            "no target column was named",
            got="no target",
            allowed=", ".join(columns),
            mend="say which column to predict, with --target NAME (in Python target='NAME')",
        )
    if target not in columns:
        raise unknown_name("target column", target, columns)
    return columns.pop(target), target


def _read_text(path: Path) -> dict[str, np.ndarray]:
    """Return column name -> the column's cells as text, missing ones as NaN."""
    try:
        import pandas as pd
    except ImportError:
        raise DataError(
            "reading CSV and TSV needs pandas",
            got="pandas is not installed",
            allowed="an installation with the extra 'data', or an NPZ file",
            mend="pip install 'sgdtheory[data]'",
        ) from None
    try:
        # No header and no types: pandas would rename duplicate columns and shift long rows otherwise.
        frame = pd.read_csv(
            path,
            sep=SEPARATORS[path.suffix.lower()],
            header=None,
            dtype=str,
            index_col=False,
            encoding="utf-8-sig",
            skipinitialspace=True,
        )
    except pd.errors.EmptyDataError:
        raise DataError(
            f"{path.name} has no rows",
            got="an empty file",
            allowed="a line of column names and data",
            mend="check how the file was written",
        ) from None
    except pd.errors.ParserError as error:
        raise DataError(
            f"{path.name} is ragged",
            got=str(error).strip(),
            allowed="the same number of cells in every line",
            mend="correct that line; a cell that holds the separator needs quotes",
        ) from None
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path.name} is not UTF-8 text",
            got=str(error),
            allowed="text in UTF-8",
            mend="save it again as UTF-8; a spreadsheet must be exported as CSV",
        ) from None
    except OSError as error:
        raise _unreadable(path, error) from None
    header = ["" if pd.isna(cell) else str(cell).strip() for cell in frame.iloc[0]]
    columns = [frame[position].iloc[1:].to_numpy(dtype=object) for position in frame]
    _check_header(path, header, columns)
    return dict(zip(header, columns, strict=True))


def _check_header(path: Path, header: list[str], columns: list[np.ndarray]) -> None:
    if all(_is_number(cell) for cell in header):
        raise DataError(
            f"{path.name} has no line of column names",
            got=f"a first line {', '.join(header[:6])}",
            allowed="names in the first line",
            mend="write the names of the columns above the numbers",
        )
    if len(header) == 1 and ";" in header[0]:
        raise DataError(
            f"{path.name} is separated by semicolons",
            got=header[0],
            allowed="commas, or tabs in a .tsv",
            mend="save it with commas as separators and points in decimals",
        )
    if len(columns[0]) == 0:
        raise DataError(
            f"{path.name} has no rows",
            got="column names only",
            allowed="at least 2 rows",
            mend="check how the file was written",
        )
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise DataError(
            "column names occur twice",
            got=", ".join(twice),
            allowed="a different name for each column",
            mend="rename them in the first line of the file",
        )
    nameless = [position for position, name in enumerate(header) if not name]
    if nameless and (nameless != [0] or not _counts_rows(columns[0])):
        raise DataError(
            "a column has no name",
            got=f"an empty name for column {nameless[0] + 1}",
            allowed="a name for each column",
            mend="fill in the first line of the file",
        )


def _counts_rows(cells: np.ndarray) -> bool:
    """Return whether cells are 0, 1, 2, ... or 1, 2, 3, ..., as a saved row index is."""
    cells = list(cells)
    return any(cells == [str(first + row) for row in range(len(cells))] for first in (0, 1))


def _numbers(column: str, cells: np.ndarray) -> np.ndarray:
    try:
        return np.asarray(cells).astype(np.float64)
    except (TypeError, ValueError):
        pass
    for row, cell in enumerate(cells, 1):
        if not _is_number(cell):
            raise DataError(
                f"column {column!r} holds text",
                got=f"{cell!r} in data row {row}",
                allowed="numbers, with a point for decimals",
                mend=f"code it as numbers, or leave the column out with --drop {column!r}",
            )
    raise DataError(
        f"column {column!r} cannot be read as numbers",
        got=f"type {np.asarray(cells).dtype}",
        allowed="real numbers",
        mend="save it as float64",
    )


def _is_number(cell: Any) -> bool:
    try:
        float(cell)
    except (TypeError, ValueError):
        return False
    return True


def _read_npz(path: Path, target: str | None) -> tuple[dict[str, np.ndarray], np.ndarray | None]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (OSError, zipfile.BadZipFile, ValueError, EOFError) as error:
        raise _unreadable(path, error) from None
    for name, array in arrays.items():
        if array.dtype.kind not in "biuf":
            raise DataError(
                f"array {name!r} does not hold real numbers",
                got=f"type {array.dtype}",
                allowed="integers or floating-point numbers",
                mend=f"convert {name!r} before saving",
            )
    if "X" in arrays and "y" in arrays:
        if target not in (None, "y"):
            raise DataError(
                "the file holds X and y, which leaves no target to choose",
                got=f"target {target!r}",
                allowed="no target",
                mend="leave the target out, or save one named vector per column",
            )
        return _columns_of(path, arrays), arrays["y"]
    lengths = {name: array.shape for name, array in arrays.items()}
    if not arrays or len(set(lengths.values())) > 1 or any(len(shape) != 1 for shape in lengths.values()):
        raise DataError(
            f"{path.name} is no table",
            got=_shapes(arrays),
            allowed="X (rows, features) and y (rows,), or one vector per column, equally long",
            mend="save it with numpy.savez(path, X=X, y=y)",
        )
    return arrays, None


def _columns_of(path: Path, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    X, y = arrays["X"], arrays["y"]
    if X.ndim != 2 or y.ndim != 1 or len(X) != len(y):
        raise DataError(
            f"X and y of {path.name} do not fit each other",
            got=_shapes({"X": X, "y": y}),
            allowed="X of shape (rows, features) and y of shape (rows,)",
            mend="save one row of X for each entry of y",
        )
    return {f"x{position}": column for position, column in enumerate(X.T)}


def _shapes(arrays: Mapping[str, np.ndarray]) -> str:
    return ", ".join(f"{name} {array.shape}" for name, array in list(arrays.items())[:6]) or "no arrays"


def _unreadable(path: Path, error: Exception) -> DataError:
    return DataError(
        f"{path.name} cannot be read",
        got=str(error).splitlines()[0] if str(error) else repr(error),
        allowed="a readable file of the kind its suffix says",
        mend="check that the file is whole and that you may read it",
    )
