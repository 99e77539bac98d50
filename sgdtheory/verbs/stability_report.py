"""``stability_report``: every limit of stability over the batch size, beside the bounds and rules of the literature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sgdtheory.errors import DomainError
from sgdtheory.numeric.arrays import NUMPY, is_concrete
from sgdtheory.numeric.scalars import known, whole_number
from sgdtheory.optimizers import SGD
from sgdtheory.problems import Problem, check_problem
from sgdtheory.verbs.stability import (
    check_batch_range,
    check_curvature,
    check_scale,
    holds_everything,
    mean_square_stability,
    mean_stability,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sgdtheory.numeric.stability.bounds import Bounds

BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64)
LADDER = "batch sharpness <= mean square <= almost sure, and mean square <= mean"
BOUNDS = (
    ("Wu-Ma-E", "sufficient"),
    ("Patel below", "sufficient_patel"),
    ("Jain", "sufficient_jain"),
    ("Mulayoff", "divergent_mulayoff"),
    ("Patel above", "divergent_patel"),
    ("diagram", "diagram"),
)


@dataclass(frozen=True, eq=False)
class StabilityRow:
    """The limits for one batch size, all of them learning rates.

    Attributes
    ----------
    batch_size
        Samples per step.
    mean_square, mean
        Exact.
    almost_sure, almost_sure_error
        Where single runs cease to shrink, and its standard error: zero where it is exact. None where it would
        have to be simulated and is not to be.
    batch_sharpness
        Exact; None with momentum.
    bounds
        What papers say of the limit in mean square by a formula; None with momentum.
    """

    batch_size: int
    mean_square: float
    mean: float
    almost_sure: float | None
    almost_sure_error: float | None
    batch_sharpness: float | None
    bounds: Bounds | None


@dataclass(frozen=True, eq=False)
class StabilityReport:
    """The limits of stability over the batch size; prints as a table.

    Attributes
    ----------
    problem
        What is minimised.
    momentum, nesterov, sampling
        Of SGD.
    rows
        One for each batch size.
    critical_batch_size
        Where the limit in mean square is half of that of the mean: below it the limit grows nearly in proportion to
        the batch size, beyond it larger batches gain at most a factor of two. None where samples do not differ.
    seed
        Of the simulations.
    """

    problem: Problem
    momentum: float
    nesterov: bool
    sampling: str
    rows: tuple[StabilityRow, ...]
    critical_batch_size: float | None
    seed: int

    @property
    def simulated(self) -> bool:
        """Whether some number has an error."""
        return any(row.almost_sure_error for row in self.rows)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know, in sentences."""
        notes = [f"limits of exact stability; where no batch curves downward {LADDER}"]
        if self.simulated:
            notes.append(f"almost sure: simulated, seed {self.seed}, with its standard error")
        if self.critical_batch_size is not None:
            notes.append(
                f"critical batch size {self.critical_batch_size:.4g}: there the mean square's limit is half the mean's"
            )
        first = self.rows[0].bounds
        if first is not None:
            notes += [
                "Wu-Ma-E, Patel below, Jain: below each the mean square converges",
                "Mulayoff, Patel above: above each it diverges",
                f"diagram: its edge in sharpness, here {first.sharpness:.4g}, and non-uniformity, here"
                f" {first.non_uniformity:.4g}; a bound on neither side",
            ]
        return tuple(notes)

    def ladder_table(self) -> list[tuple[str, ...]]:
        """Return the limits as rows of text, the head first."""
        columns = [
            ("batch sharpness", [row.batch_sharpness for row in self.rows], None),
            ("mean square", [row.mean_square for row in self.rows], None),
            ("almost sure", [row.almost_sure for row in self.rows], [row.almost_sure_error for row in self.rows]),
            ("mean", [row.mean for row in self.rows], None),
        ]
        shown = [column for column in columns if any(value is not None for value in column[1])]
        table = [("batch size", *(title for title, _, _ in shown))]
        for place, row in enumerate(self.rows):
            cells = (_cell(values[place], errors and errors[place]) for _, values, errors in shown)
            table.append((str(row.batch_size), *cells))
        return table

    def bounds_table(self) -> list[tuple[str, ...]]:
        """Return the bounds as rows of text, the head first; empty with momentum."""
        if self.rows[0].bounds is None:
            return []
        table = [("batch size", *(title for title, _ in BOUNDS))]
        return table + [
            (str(row.batch_size), *(f"{getattr(row.bounds, name):.4g}" for _, name in BOUNDS)) for row in self.rows
        ]

    def plot(self) -> Figure:
        """Return a figure of the limits over the batch size."""
        from sgdtheory.render.stability_plot import stability_figure

        return stability_figure(self)

    @property
    def title(self) -> str:
        """What was asked."""
        kind = f", {'Nesterov ' if self.nesterov else ''}momentum {self.momentum:g}" if self.momentum else ""
        drawn = "" if self.sampling == "replacement" else ", without replacement"
        return f"largest stable learning rates of SGD{kind}{drawn}"

    def __str__(self) -> str:
        from sgdtheory.render.tables import plain

        bounds = self.bounds_table()
        text = f"{self.title} on {self.problem}\n"
        text += plain(self.ladder_table(), title="", notes=() if bounds else self.notes)
        if bounds:
            text += "\n\n" + plain(bounds, title="bounds of the mean square's limit", notes=self.notes)
        return text

    def _repr_html_(self) -> str:
        from sgdtheory.render.tables import html

        bounds = self.bounds_table()
        text = html(self.ladder_table(), title=self.title, notes=() if bounds else self.notes)
        return text + (html(bounds, title="bounds of the mean square's limit", notes=self.notes) if bounds else "")


def stability_report(
    problem: Problem,
    batch_sizes: Sequence[int] | None = None,
    *,
    momentum: float = 0.0,
    nesterov: bool = False,
    sampling: str = "replacement",
    simulate: bool = True,
    seed: int = 0,
) -> StabilityReport:
    """Return every limit of stability over the batch size.

    Parameters
    ----------
    problem
        What is minimised, in NumPy numbers.
    batch_sizes
        At least one, each an int >= 1. Left out: the powers of two up to 64, without replacement no more than samples.
    momentum, nesterov
        As in ``SGD``; with momentum there are neither bounds nor batch sharpness.
    sampling
        ``"replacement"`` or ``"without_replacement"``.
    simulate
        Whether to give the almost-sure limit where it takes a simulation: a second or so for each batch size, longer
        by 1 / (1 - momentum).
    seed
        Of these simulations.

    Returns
    -------
    StabilityReport
        Prints as a table; ``.plot()`` draws it.

    Raises
    ------
    DomainError, StabilityError
        As for ``stability_limit``.
    NotImplementedError
        For symbols, JAX arrays and sampling ``"reshuffle"``.

    Notes
    -----
    Sources: ``stability_limit`` for the limits; the bounds are those of L. Wu, C. Ma and W. E (2018), V. Patel (2018),
    P. Jain and others (2018, eq. (5), for a well-specified model) and R. Mulayoff and T. Michaeli (2024, proposition
    3), for plain SGD, each with the share p of a batch's noise in place of 1/m.

    Examples
    --------
    >>> from sgdtheory.problems import QuadraticSums
    >>> report = stability_report(QuadraticSums([[[0.1]], [[1.9]]], [[0.0], [0.0]]), [1, 2])
    >>> print("\\n".join(str(report).splitlines()[:4]))
    largest stable learning rates of SGD on QuadraticSums(dataset_size=2, dimension=1)
    batch size  batch sharpness  mean square  almost sure  mean
    1           1.055            1.105        1.119        2
    2           1.269            1.423        1.728        2
    """
    check_problem(problem)
    sizes = _usual_sizes(problem, sampling) if batch_sizes is None else _sizes(batch_sizes)
    optimizers = [SGD(1, size, momentum, nesterov, sampling) for size in sizes]
    seed = whole_number("seed", seed, least=0, mend="take an int, for example 0")
    if problem.kind != NUMPY or not is_concrete(optimizers[0].momentum):
        raise NotImplementedError(
            "the report on stability is not built yet for symbols, JAX arrays or linear operators; see stability_limit"
        )
    if sampling == "reshuffle":
        raise NotImplementedError(
            "the report on stability is not built yet for sampling='reshuffle'; see stability_limit"
        )
    from sgdtheory.numeric.batch_noise import check_batch

    for optimizer in optimizers:
        check_batch(problem, optimizer)
        check_batch_range(optimizer.batch_size)
    check_curvature(problem)
    check_scale(problem)
    rows = tuple(_row(problem, optimizer, simulate, seed) for optimizer in optimizers)
    return StabilityReport(
        problem, float(optimizers[0].momentum), nesterov, sampling, rows, _critical(problem, optimizers[0]), seed
    )


def _row(problem: Problem, optimizer: SGD, simulate: bool, seed: int) -> StabilityRow:
    from sgdtheory.numeric.stability import of_problem

    mean = float(mean_stability(problem, optimizer))
    plain = known(optimizer.momentum) == 0
    if problem.one_curvature or holds_everything(problem, optimizer):
        nothing_random = of_problem.bounds_of(problem, optimizer) if plain else None
        return StabilityRow(optimizer.batch_size, mean, mean, mean, 0.0, mean if plain else None, nothing_random)
    sure = of_problem.almost_sure_stability(problem, optimizer, seed, simulate=simulate)
    return StabilityRow(
        optimizer.batch_size,
        float(mean_square_stability(problem, optimizer)),
        mean,
        sure and sure.rate,
        sure and sure.standard_error,
        of_problem.batch_sharpness_stability(problem, optimizer) if plain else None,
        of_problem.bounds_of(problem, optimizer) if plain else None,
    )


def _critical(problem: Problem, optimizer: SGD) -> float | None:
    from sgdtheory.numeric.stability.of_problem import critical_batch_size

    return None if problem.one_curvature else critical_batch_size(problem, optimizer)


def _usual_sizes(problem: Problem, sampling: str) -> tuple[int, ...]:
    """Return the usual batch sizes, those beyond a data set that is drawn from without replacement cut down to it."""
    most = problem.dataset_size
    if sampling == "replacement" or not isinstance(most, int):
        return BATCH_SIZES
    return tuple(sorted({min(size, most) for size in BATCH_SIZES}))


def _sizes(batch_sizes: Any) -> tuple[int, ...]:
    if isinstance(batch_sizes, str) or not isinstance(batch_sizes, Sequence) or not len(batch_sizes):
        raise DomainError(
            "the batch sizes are no list",
            got=repr(batch_sizes)[:60],
            allowed="at least one int >= 1",
            mend="hand in, for example, [1, 8, 64]",
        )
    return tuple(batch_sizes)


def _cell(value: float | None, error: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.4g} +- {error:.1g}" if error else f"{value:.4g}"
