"""``stability``: from a table of data to the learning rates up to which SGD on it is stable."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sgdtheory.cli.predict import Sampling, check_plot_path, read_data

if TYPE_CHECKING:
    from sgdtheory.verbs.stability_report import StabilityReport


def stability_command(
    path: Annotated[Path | None, typer.Argument(help="A CSV, TSV or NPZ file.", metavar="[FILE]")] = None,
    dataset: Annotated[str | None, typer.Option(help="A real data set: diabetes, digits or mnist5k.")] = None,
    target: Annotated[str | None, typer.Option(help="Column to predict.")] = None,
    batch_sizes: Annotated[
        str | None,
        typer.Option(
            metavar="M,M,...",
            help="Samples per step, one row for each; if left out, 1,2,4,...,64, at most all samples.",
        ),
    ] = None,
    momentum: Annotated[float, typer.Option(help="Heavy ball, as in torch.optim.SGD.")] = 0.0,
    nesterov: Annotated[bool, typer.Option("--nesterov", help="Nesterov's momentum instead.")] = False,
    ridge: Annotated[float, typer.Option(help="Weight of the penalty 1/2 ridge |theta|^2.")] = 0.0,
    sampling: Annotated[Sampling, typer.Option(help="How a batch is drawn.")] = Sampling.replacement,
    standardize: Annotated[bool, typer.Option("--standardize", help="Features of variance 1.")] = False,
    no_intercept: Annotated[bool, typer.Option("--no-intercept", help="Add no constant column.")] = False,
    drop: Annotated[list[str] | None, typer.Option(help="Column to leave out; may be repeated.")] = None,
    exact_only: Annotated[bool, typer.Option("--exact-only", help="Leave out what has to be simulated.")] = False,
    seed: Annotated[int, typer.Option(help="Seed of what is simulated.")] = 0,
    plot: Annotated[Path | None, typer.Option(help="Draw to this .png, .pdf or .svg file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON only on standard output.")] = False,
) -> None:
    """Say up to which learning rates SGD is stable on your data (least squares), by batch size.

    For example: sgdtheory stability my.csv --target y --standardize --plot limits.png
    """
    if plot is not None:
        check_plot_path(plot)
    sizes = None if batch_sizes is None else parse_sizes(batch_sizes)
    from sgdtheory.problems import LeastSquares
    from sgdtheory.verbs.stability_report import stability_report

    data = read_data("stability", path, dataset, target, drop or [], standardize, not no_intercept)
    if sizes is not None and sampling is Sampling.without_replacement:
        _check_sizes(sizes, len(data.y))
    report = stability_report(
        LeastSquares(data.X, data.y, ridge),
        sizes,
        momentum=momentum,
        nesterov=nesterov,
        sampling=sampling.value,
        simulate=not exact_only,
        seed=seed,
    )
    if as_json:
        typer.echo(json.dumps(as_dict(report, data.name), allow_nan=False, indent=2))
    else:
        for note in data.notes:
            typer.echo(f"Data: {note}.")
        typer.echo(str(report))
    if plot is not None:
        from sgdtheory.render.plot import save

        save(report.plot(), plot)
        if not as_json:
            typer.echo(f"\nPlot written to {plot}")


def parse_sizes(text: str) -> list[int]:
    """Return batch sizes from ``"1,8,64"``.

    Examples
    --------
    >>> parse_sizes("1,8,64")
    [1, 8, 64]
    """
    from sgdtheory.errors import DomainError

    try:
        sizes = [int(part) for part in text.split(",")]
    except ValueError:
        sizes = []
    if not sizes or min(sizes) < 1 or len(set(sizes)) < len(sizes):
        raise DomainError(
            "the batch sizes are not a list of different whole numbers",
            got=repr(text)[:60],
            allowed="whole numbers >= 1, with commas between them",
            mend="write, for example, --batch-sizes 1,8,64",
        )
    return sorted(sizes)


def _check_sizes(sizes: list[int], samples: int) -> None:
    from sgdtheory.errors import DomainError

    if sizes[-1] > samples:
        raise DomainError(
            "a batch size is larger than the data set",
            got=f"--batch-sizes with {sizes[-1]}, of {samples} samples",
            allowed=f"batch sizes <= {samples} without replacement",
            mend="take smaller --batch-sizes, or --sampling replacement",
        )


def as_dict(report: StabilityReport, name: str) -> dict[str, Any]:
    """Return a report as plain numbers."""
    return {
        "data": name,
        "momentum": report.momentum,
        "nesterov": report.nesterov,
        "sampling": report.sampling,
        "critical_batch_size": report.critical_batch_size,
        "rows": [
            {
                "batch_size": row.batch_size,
                "batch_sharpness": row.batch_sharpness,
                "mean_square": row.mean_square,
                "almost_sure": row.almost_sure,
                "almost_sure_standard_error": row.almost_sure_error,
                "mean": row.mean,
                "bounds": row.bounds and row.bounds._asdict(),
            }
            for row in report.rows
        ],
    }
