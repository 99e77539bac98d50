"""``loss_curve``: the expected loss of SGD along a whole run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sgdtheory.errors import DomainError, check_choice, check_type
from sgdtheory.numeric.arrays import NUMPY, kind_of
from sgdtheory.numeric.batch_noise import check_batch
from sgdtheory.numeric.moments.loss_curves import Curves, curves, high_dimensional_curves, times_of
from sgdtheory.numeric.scalars import scalar
from sgdtheory.optimizers import SGD
from sgdtheory.problems import LeastSquares, Problem, as_point, check_problem
from sgdtheory.verbs.law import check_reach

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LIMITS = (None, "high_dimensional")
SHOWN = 12  # rows of a printed curve


@dataclass(frozen=True, eq=False)
class LossCurve:
    """The expected loss along a run.

    Attributes
    ----------
    steps
        (T,) numbers of steps.
    excess_loss
        (T,) expected loss above its minimum; infinite beyond floating point.
    gradient_norm_squared
        (T,) expected squared norm of the full gradient.
    loss_of_mean
        (T,) loss above its minimum at the mean of the parameters: what of ``excess_loss`` is left of the start. The
        rest is noise. None in the high-dimensional limit.
    averaged
        The curve of the averaged weights, or None.
    problem, optimizer, start, averaging_decay
        What it is the curve of; ``averaging_decay`` is None for the parameters themselves.
    exact
        Whether the expectations are exact for this problem.
    method
        How they were worked out.
    caveats
        What is approximate, in sentences.
    """

    steps: Any
    excess_loss: Any
    gradient_norm_squared: Any
    loss_of_mean: Any
    averaged: LossCurve | None
    problem: Problem
    optimizer: SGD
    start: Any
    averaging_decay: float | None
    exact: bool
    method: str
    caveats: tuple[str, ...] = ()

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the curve, with its part that is left of the start and the averaged weights; return the axes."""
        from sgdtheory.render.curve_plot import draw_curve

        return draw_curve(self, axes)

    def __repr__(self) -> str:
        whose = "" if self.averaging_decay is None else f", weights averaged with decay {self.averaging_decay:g}"
        ends = f"from {self.excess_loss[0]:.6g} to {self.excess_loss[-1]:.6g}"
        many = f"{len(self.steps)} times" if len(self.steps) != 1 else "one time"
        return f"<LossCurve of {self.optimizer} on {self.problem}{whose}: excess loss {ends}, {many}>"

    def __str__(self) -> str:
        from sgdtheory.render.tables import plain

        return plain(self._rows(), title=repr(self)[1:-1], notes=(*self.caveats, f"worked out with {self.method}"))

    def _repr_html_(self) -> str:
        from sgdtheory.render.tables import html

        return html(self._rows(), title=repr(self)[1:-1], notes=(*self.caveats, f"worked out with {self.method}"))

    def _rows(self) -> list[tuple[str, ...]]:
        columns = {"step": self.steps, "excess loss": self.excess_loss}
        if self.loss_of_mean is not None:
            columns["left of the start"] = self.loss_of_mean
        columns["gradient norm squared"] = self.gradient_norm_squared
        if self.averaged is not None:
            columns["excess loss of the average"] = self.averaged.excess_loss
        last = len(self.steps) - 1
        shown = sorted({round(k * last / (SHOWN - 1)) for k in range(SHOWN)})
        cells = [[str(int(self.steps[k])), *(f"{column[k]:.6g}" for column in [*columns.values()][1:])] for k in shown]
        return [tuple(columns), *map(tuple, cells)]


def loss_curve(
    problem: Problem,
    optimizer: SGD,
    start: Any,
    steps: Any,
    *,
    averaging_decay: float | None = None,
    limit: str | None = None,
) -> LossCurve:
    """Return the expected loss along a run of SGD, exact at every step.

    Parameters
    ----------
    problem
        ``Quadratic``, ``LeastSquares``, ``QuadraticSums``, ``GaussianFeatures`` or ``from_loss``, in NumPy numbers.
    optimizer
        Any ``SGD``, with momentum too, whose batches are drawn afresh at each step; the learning rate may be unstable.
    start
        (d,) parameters before the first step; the velocity is zero.
    steps
        An int: the curve from 0 to there, every step if they are at most 500, else about 500 of them. Or whole numbers
        of steps, (T,), in any order.
    averaging_decay
        Also follow the average ``average <- decay * average + (1 - decay) * parameters`` after each step, from the
        start on; 0 <= decay < 1.
    limit
        None: exact. ``"high_dimensional"``: homogenized SGD, to which the curve of plain SGD on ``LeastSquares`` tends
        as data and parameters become many; see the notes.

    Returns
    -------
    LossCurve
        Excess loss and squared gradient norm at the steps.

    Raises
    ------
    DomainError
        If a step is not a whole number >= 0, the decay is out of its domain, the problem is not made of NumPy numbers,
        the limit does not apply, the start is more than 1e140 away from the minimum, or a delay is too long.
    ShapeError
        If ``start`` does not fit the problem.
    NotImplementedError
        For sampling ``"reshuffle"``.

    Notes
    -----
    First and second moments obey a linear recursion; nothing is approximated and nothing steps through it. Where
    samples share their curvature the cost is that of a few dozen 2 x 2 (4 x 4 with momentum) products for each mode.
    Where they do not, some hundred products with the recursion of d (d + 1) / 2 second moments reach 100,000 steps;
    values are then good to about ten digits. ``LossCurve.method`` says what was done.

    The limit sees the spectrum of the data and nothing else of them. With Gaussian features and a quarter of the
    largest rate it was off by 3 % at 100 samples of 40 features, by 0.1 % at 800 of 320. Source: C. Paquette,
    E. Paquette, B. Adlam and J. Pennington, Homogenization of SGD in high-dimensions, 2022, where time is counted in
    passes over the data.

    Examples
    --------
    >>> from sgdtheory.problems import LeastSquares
    >>> curve = loss_curve(LeastSquares([[1.0], [2.0]], [1.0, 1.0]), SGD(0.1, 1), start=[0.0], steps=[0, 1, 100_000])
    >>> curve.excess_loss.round(9)  # the minimum is 0.6; 2.5 / 2 times 0.6^2, the mean of 0.5^2 and 0.4^2, the floor
    array([0.45      , 0.25625   , 0.00481928])
    """
    check_problem(problem)
    check_type("optimizer", optimizer, SGD)
    check_choice("limit", limit, LIMITS)
    _check_numbers(problem, optimizer, start)
    start = as_point(problem, start, "start")
    check_reach(problem, start)
    times, order = times_of(steps)
    if averaging_decay is not None:
        averaging_decay = _checked_decay(averaging_decay)
    if optimizer.sampling == "reshuffle":
        raise NotImplementedError(
            "loss curves with sampling='reshuffle' (shuffled epochs) are not built yet; simulate() runs them, and no"
            " other curve is given in their place"
        )
    check_batch(problem, optimizer)
    if limit is None:
        found = curves(problem, optimizer, start - problem.minimum, times, averaging_decay)
    else:
        _check_limit(problem, optimizer, averaging_decay)
        found = high_dimensional_curves(problem, optimizer, start - problem.minimum, times)
    return _result(found, order, times, problem, optimizer, start, averaging_decay)


def _result(
    found: Curves, order: Any, times: Any, problem: Problem, optimizer: SGD, start: Any, decay: float | None
) -> LossCurve:
    def of(row: int, whose: float | None, averaged: LossCurve | None) -> LossCurve:
        mean = None if found.loss_of_mean is None else found.loss_of_mean[row][order]
        values = (times[order], found.excess_loss[row][order], found.gradient_norm_squared[row][order], mean, averaged)
        given = (problem, optimizer, start, whose)
        return LossCurve(*values, *given, exact=not found.caveats, method=found.method, caveats=found.caveats)

    return of(0, None, None if decay is None else of(1, decay, None))


def _check_numbers(problem: Problem, optimizer: SGD, start: Any) -> None:
    knobs = kind_of(optimizer.learning_rate, optimizer.batch_size, optimizer.momentum, start)
    if problem.kind != NUMPY or knobs != NUMPY:
        raise DomainError(
            "loss curves are made of NumPy numbers",
            got=f"a problem of {problem.kind}, optimizer and start of {knobs}",
            allowed="NumPy arrays and plain numbers",
            mend="put numbers in, or take transient_law(problem, optimizer, start, steps).excess_loss",
        )


def _checked_decay(decay: Any) -> float:
    decay = scalar("averaging_decay", decay)
    if kind_of(decay) != NUMPY or not 0 <= decay < 1:
        raise DomainError(
            "averaging_decay lies outside its domain",
            got=decay,
            allowed="a plain number, 0 <= decay < 1",
            mend="take a value such as 0.99; at 1 the average never moves",
        )
    return decay


def _check_limit(problem: Problem, optimizer: SGD, decay: float | None) -> None:
    given = {
        "problem": None if isinstance(problem, LeastSquares) and problem.ridge == 0 else problem,
        "momentum": optimizer.momentum or None,
        "delay": optimizer.delay or None,
        "sampling": None if optimizer.sampling == "replacement" else optimizer.sampling,
        "averaging_decay": decay,
    }
    wrong = {name: value for name, value in given.items() if value is not None}
    if wrong:
        raise DomainError(
            "the high-dimensional limit is that of plain SGD on least squares",
            got=", ".join(f"{name} {value!r:.60}" for name, value in wrong.items()),
            allowed="LeastSquares without ridge, batches with replacement, no momentum or delay, no averaging",
            mend="leave limit out: the exact curve takes all of them",
        )
