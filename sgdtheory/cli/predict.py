"""``predict``: from a table of data to what SGD will do on it."""

from __future__ import annotations

import enum
import json
import os
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from sgdtheory.cli.report import Section
    from sgdtheory.data import Data

WIDTH, LABEL = 100, 26
PLOTS = (".png", ".pdf", ".svg")


class Sampling(enum.StrEnum):
    """Ways of drawing a batch."""

    replacement = "replacement"
    without_replacement = "without_replacement"


def predict_command(
    path: Annotated[Path | None, typer.Argument(help="A CSV, TSV or NPZ file.", metavar="[FILE]")] = None,
    dataset: Annotated[str | None, typer.Option(help="A real data set: diabetes, digits or mnist5k.")] = None,
    target: Annotated[str | None, typer.Option(help="Column to predict.")] = None,
    batch_size: Annotated[int, typer.Option(help="Samples per step.")] = 16,
    learning_rate: Annotated[float | None, typer.Option(help="Constant; recommended if left out.")] = None,
    ridge: Annotated[float, typer.Option(help="Weight of the penalty 1/2 ridge |theta|^2.")] = 0.0,
    sampling: Annotated[Sampling, typer.Option(help="How a batch is drawn.")] = Sampling.replacement,
    standardize: Annotated[bool, typer.Option("--standardize", help="Features of variance 1.")] = False,
    no_intercept: Annotated[bool, typer.Option("--no-intercept", help="Add no constant column.")] = False,
    drop: Annotated[list[str] | None, typer.Option(help="Column to leave out; may be repeated.")] = None,
    cost: Annotated[
        str, typer.Option(metavar="PER_STEP,PER_SAMPLE", help="What a step costs, for its best batch size.")
    ] = "10,1",
    check: Annotated[bool, typer.Option("--check", help="Run that SGD and compare.")] = False,
    replicas: Annotated[int | None, typer.Option(help="Runs of --check; at most 4000 if left out.")] = None,
    steps: Annotated[
        int | None, typer.Option(help="Steps of --check; to the floor if left out, or as many as take seconds.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of --check.")] = 0,
    plot: Annotated[Path | None, typer.Option(help="Draw to this .png, .pdf or .svg file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON only on standard output.")] = False,
) -> None:
    """Predict what SGD will do on your data (least squares), and check it by running that SGD.

    For example: sgdtheory predict my.csv --target y --standardize --check
    """
    if plot is not None:
        check_plot_path(plot)
    pair = parse_cost(cost)
    from sgdtheory.cli.report import as_dict, describe, describe_check
    from sgdtheory.verbs import prediction as verb

    verb.check_counts(replicas, steps, seed)
    data = read_data("predict", path, dataset, target, drop or [], standardize, not no_intercept)
    predicted = verb.predict(
        data, batch_size, learning_rate=learning_rate, ridge=ridge, sampling=sampling.value, cost=pair
    )
    if not as_json:
        _print(describe(predicted))
    checked = None
    if check:
        progress = False if as_json else None  # a bar where a person watches
        checked = verb.check(predicted, replicas=replicas, seed=seed, steps=steps, progress=progress)
        if not as_json:
            _print(describe_check(predicted, checked))
    if plot is not None:
        from sgdtheory.render.plot import prediction_figure, save

        save(prediction_figure(predicted, checked), plot)
        if not as_json:
            typer.echo(f"\nPlot written to {plot}")
    if as_json:
        typer.echo(json.dumps(as_dict(predicted, checked), allow_nan=False, indent=2))


def read_data(
    command: str,
    path: Path | None,
    dataset: str | None,
    target: str | None,
    drop: list[str],
    standardize: bool,
    intercept: bool,
) -> Data:
    """Return the table that the options of a command name."""
    from sgdtheory.data import DATASETS, load_dataset, read_table
    from sgdtheory.errors import DataError

    options: dict[str, Any] = {"drop": drop, "standardize": standardize, "intercept": intercept}
    if (path is None) == (dataset is None):
        raise DataError(
            "give either a file or a data set",
            got="both" if path else "neither",
            allowed=f"a CSV, TSV or NPZ file, or --dataset {' | '.join(DATASETS)}",
            mend=f"write, for example, sgdtheory {command} --dataset diabetes",
        )
    if path is not None:
        return read_table(path, target, **options)
    if target is not None:
        raise DataError(
            "a built-in data set has its own target",
            got=f"--target {target}",
            allowed="no --target",
            mend="leave --target out",
        )
    return load_dataset(dataset or "", **options)


def parse_cost(text: str) -> tuple[float, float]:
    """Return the cost per step and per sample from ``"10,1"``."""
    from sgdtheory.errors import DomainError

    try:
        per_step, per_sample = (float(part) for part in text.split(","))
    except ValueError:
        raise DomainError(
            "the cost is not a pair of numbers",
            got=repr(text),
            allowed="COST_PER_STEP,COST_PER_SAMPLE",
            mend="write, for example, --cost 10,1",
        ) from None
    return per_step, per_sample


def check_plot_path(path: Path) -> None:
    """Refuse a place where no plot can be written, before anything is computed."""
    from sgdtheory.errors import DataError

    if path.suffix.lower() not in PLOTS:
        raise DataError(
            "unknown kind of plot", got=str(path), allowed=", ".join(PLOTS), mend="name the file, for example, out.png"
        )
    folder = path.parent
    if not folder.is_dir():
        raise DataError(
            "the folder of the plot does not exist",
            got=str(folder),
            allowed="a folder that exists",
            mend="make the folder, or name another",
        )
    if path.is_dir() or not os.access(path if path.exists() else folder, os.W_OK):
        raise DataError(
            "the plot cannot be written there", got=str(path), allowed="a file you may write", mend="name another file"
        )


def _print(sections: list[Section]) -> None:
    """Print headed sections; headings are bold on a terminal and plain elsewhere."""
    from rich.console import Console

    console = Console(markup=False, highlight=False, soft_wrap=True)
    for heading, lines in sections:
        console.print(f"\n{heading}", style="bold")
        for label, text in lines:
            head = f"  {label:<{LABEL}}"
            if label and len(label) >= LABEL:
                head = f"  {label}  "
            body = (
                text
                if text.startswith(" ") or "  " in text
                else "\n".join(textwrap.wrap(text, WIDTH - LABEL - 2, break_long_words=False, break_on_hyphens=False))
            )
            console.print((head + body.replace("\n", "\n" + " " * (LABEL + 2))).rstrip())
