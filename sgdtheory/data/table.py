"""The checked table that every reader ends in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from sgdtheory.errors import DataError, unknown_name

INTERCEPT = "intercept"


@dataclass(frozen=True, eq=False)
class Data:
    """Features and a target, ready for least squares.

    Attributes
    ----------
    X
        (D, d) features, float64, read-only.
    y
        (D,) target, float64, read-only.
    feature_names
        A name for each column of X.
    target_name
        What y is.
    name
        Of the data set, or of the file.
    notes
        What was done to the numbers, one sentence each.
    """

    X: np.ndarray
    y: np.ndarray
    feature_names: tuple[str, ...]
    target_name: str
    name: str
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        rows, features = self.X.shape
        return f"Data({self.name!r}: {rows} rows, {features} features, target {self.target_name!r})"


def assemble(
    columns: Mapping[str, np.ndarray],
    target: np.ndarray,
    target_name: str,
    name: str,
    *,
    notes: Iterable[str] = (),
    standardize: bool = False,
    intercept: bool = False,
) -> Data:
    """Check columns of numbers and make them a table.

    Parameters
    ----------
    columns
        Name -> (D,) column; what was to be dropped is gone already.
    target
        (D,) target.
    target_name, name
        Of the target and of the whole.
    notes
        What was done before.
    standardize
        Whether to bring each feature to mean 0 and variance 1 (divisor D).
    intercept
        Whether to add a constant column.

    Raises
    ------
    DataError
        If there are no features or too few rows, or a value is missing or infinite, or a column is constant.
    """
    notes = list(notes)
    if not columns:
        raise DataError(
            f"{name} has no feature columns",
            got=f"only the target {target_name!r}",
            allowed="at least one column besides the target",
            mend="drop fewer columns, or add features",
        )
    if len(target) < 2:
        raise DataError(
            f"{name} has too few rows",
            got=f"{len(target)} row{'s' * (len(target) != 1)}",
            allowed="at least 2 rows",
            mend="hand in the whole table",
        )
    for column, values in (*columns.items(), (target_name, target)):
        check_finite(column, values)
    for column, values in columns.items():
        _check_varies(column, values)
    if np.ptp(target) == 0:
        raise DataError(
            f"the target {target_name!r} is constant",
            got=f"{target[0]:g} in every row",
            allowed="a target that varies",
            mend="choose another target; there is nothing to learn here",
        )
    X = np.column_stack([*columns.values()]).astype(np.float64)
    names = list(columns)
    if standardize:
        # Scaling by the largest size first keeps squares of huge or tiny columns within range.
        X = X / np.abs(X).max(axis=0)
        X = X - X.mean(axis=0)
        X = X / np.sqrt((X**2).mean(axis=0))
        notes.append("features standardised to mean 0 and variance 1 (divisor D)")
    if intercept:
        if INTERCEPT in names:
            raise DataError(
                f"a column is already named {INTERCEPT!r}",
                got=f"columns {', '.join(names[:8])}",
                allowed=f"no column of the name {INTERCEPT!r} when an intercept is added",
                mend="rename or drop that column, or leave the intercept out",
            )
        X = np.column_stack([X, np.ones(len(X))])
        names.append(INTERCEPT)
        notes.append("a constant column named 'intercept' added")
    y = np.array(target, dtype=np.float64)
    for array in (X, y):
        array.flags.writeable = False
    return Data(X, y, tuple(names), target_name, name, tuple(notes))


def without(columns: Mapping[str, np.ndarray], drop: Iterable[str]) -> tuple[dict[str, np.ndarray], list[str]]:
    """Return the columns that stay, and a note; an unknown name is refused."""
    drop = list(dict.fromkeys(drop))
    for column in drop:
        if column not in columns:
            raise unknown_name("column", column, columns)
    note = [f"dropped on request: {', '.join(drop)}"] if drop else []
    return {column: values for column, values in columns.items() if column not in drop}, note


def check_finite(column: str, values: np.ndarray) -> None:
    """Refuse missing and infinite values; names the column, how many there are and the first row."""
    missing = np.isnan(values)
    if missing.any():
        count = int(missing.sum())
        raise DataError(
            f"column {column!r} has missing values",
            got=f"{count} missing of {len(values)}, the first in data row {missing.argmax() + 1}",
            allowed="a number in every row",
            mend="fill them in or delete those rows (check for rows that end early),"
            f" or leave the column out with --drop {column!r}",
        )
    infinite = np.isinf(values)
    if infinite.any():
        row = int(infinite.argmax())
        raise DataError(
            f"column {column!r} holds infinite values",
            got=f"{infinite.sum()} of {len(values)}, first {values[row]} in data row {row + 1}",
            allowed="finite numbers",
            mend="correct those rows or delete them",
        )


def _check_varies(column: str, values: np.ndarray) -> None:
    if np.ptp(values) == 0:
        raise DataError(
            f"column {column!r} is constant",
            got=f"{values[0]:g} in every row",
            allowed="features that vary (an intercept is an option of its own)",
            mend=f"drop it with --drop {column!r}, in Python with drop=[{column!r}]",
        )
