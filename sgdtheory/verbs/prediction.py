"""``predict``: what SGD will do on a table of data, as numbers; ``check`` runs that SGD beside it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sgdtheory.catalogue import results
from sgdtheory.numeric.evaluate import evaluate
from sgdtheory.numeric.moments.of_problem import course_of
from sgdtheory.numeric.scalars import whole_number
from sgdtheory.optimizers import SGD
from sgdtheory.problems import LeastSquares
from sgdtheory.verbs.generalization import Generalization, generalization_gap
from sgdtheory.verbs.laws import Law, check_positive_definite, stationary_law, transient_law
from sgdtheory.verbs.next_step import NextStep, optimal_step
from sgdtheory.verbs.recommended_rate import fits_exactly, recommended_rate
from sgdtheory.verbs.stability import stability_limit

if TYPE_CHECKING:
    from sgdtheory.data import Data
    from sgdtheory.numeric.compare import Report
    from sgdtheory.numeric.simulate import Run

MOST_COUNTED = 10**15  # steps beyond which nobody waits
NEAR, SETTLED = 0.10, 0.01  # how close to the noise floor counts as having reached it, and as having settled
TELLING = SETTLED / 10  # an error of the expected loss, over the noise floor, that is worth telling
LEAST_REPLICAS, MOST_REPLICAS = 200, 4000
# Features that all samples of all replicas meet: one or two seconds in Numba, which may have to compile for three more,
# three or four in NumPy. A count and not a measured time: the same seed must give the same check on every machine.
MOST_WORK = {"numba": 1.5e9, "numpy": 1e9}
FALSE_ALARM = 1e-3

RELAXATION = "quadratic.relaxation_time"


@dataclass(frozen=True, eq=False)
class Prediction:
    """What SGD will do on a table of data, from parameters zero.

    Attributes
    ----------
    data, problem, optimizer, law
        What was predicted from, and the stationary law.
    rate_is_given
        Whether the learning rate was asked for; else it follows ``recommended_rate.RULE``.
    largest_curvature, smallest_curvature, curvature_trace
        Of the Hessian.
    noise_trace, noise_curvature
        tr(C) and tr(HC), with C the gradient covariance of one sample at the minimum.
    noise_scale
        tr(HC) / g'Hg at the start: the batch size at which noise and gradient weigh the same in the next
        step; None where the start is the minimum.
    stability_limit, mean_stability_limit
        In mean square, for this way of drawing batches, and of the mean.
    minimum_loss, start_excess_loss
        The loss at its minimum, and how far above it the start lies.
    standard_deviations
        (d,) stationary standard deviation of each parameter.
    fastest_time, slowest_time
        Steps in which the mean along a mode falls by a factor e.
    mixing_time
        Steps in which, in the long run, the memory of the start in squares of the parameters falls by a factor e.
    steps_to_floor
        First step at which the expected excess loss is within 10 % of the noise floor and stays there; None
        where there is no noise.
    steps_to_settle
        The same within 1 %.
    course_error
        About what share of the noise floor the expected losses are off by from which both follow.
    next_step, next_step_for_cost
        Best first step at the batch size, and at the best batch size for the cost.
    cost
        Cost ``(per step, per sample)`` that the best batch size refers to.
    generalization
        Gap and excess test loss.
    results
        Names of the closed forms used.
    """

    data: Data
    problem: LeastSquares
    optimizer: SGD
    law: Law
    rate_is_given: bool
    largest_curvature: float
    smallest_curvature: float
    curvature_trace: float
    noise_trace: float
    noise_curvature: float
    noise_scale: float | None
    stability_limit: float
    mean_stability_limit: float
    minimum_loss: float
    start_excess_loss: float
    standard_deviations: Any
    fastest_time: float
    slowest_time: float
    mixing_time: float
    steps_to_floor: int | None
    steps_to_settle: int | None
    course_error: float
    next_step: NextStep
    next_step_for_cost: NextStep
    cost: tuple[float, float]
    generalization: Generalization
    results: tuple[str, ...]

    @property
    def condition_number(self) -> float:
        """Largest over smallest curvature."""
        return self.largest_curvature / self.smallest_curvature

    @property
    def caveats(self) -> tuple[str, ...]:
        """In what way the law and its course are only approximations."""
        if self.course_error <= TELLING:
            return self.law.caveats
        return (
            *self.law.caveats,
            f"curvatures are so far apart that the expected loss after some steps is good to {self.course_error:.1g} of"
            " the noise floor only, and the steps to the floor accordingly",
        )

    @property
    def noiseless(self) -> bool:
        """Whether there is no noise at the minimum: an exact fit, or batches that hold all the data."""
        return fits_exactly(self.problem) or not self.law.excess_loss > 0

    @property
    def floor_percent(self) -> float | None:
        """The noise floor in percent of the minimum loss; None where that is zero."""
        return None if fits_exactly(self.problem) else 100 * self.law.excess_loss / self.minimum_loss


@dataclass(frozen=True, eq=False)
class Check:
    """The same SGD, run.

    Attributes
    ----------
    law
        The transient law at the last step of the run.
    steps_wanted
        The steps it takes to settle, where so many are more than were run unasked; else None.
    run
        The simulation.
    report
        How they compare.
    deviation, deviation_error
        Simulated over predicted excess loss, minus one, and its standard error; None where the prediction is
        zero.
    """

    law: Law
    steps_wanted: int | None
    run: Run
    report: Report
    deviation: float | None
    deviation_error: float | None

    def worst(self, name: str) -> tuple[int, ...]:
        """Return the place of the entry of ``"mean"`` or ``"covariance"`` that differs most, in standard errors."""
        z = abs(self.report.z[name])
        width = z.shape[-1]
        return tuple(divmod(int(z.argmax()), width)) if z.ndim == 2 else (int(z.argmax()),)


def predict(
    data: Data,
    batch_size: int,
    *,
    learning_rate: float | None = None,
    ridge: float = 0.0,
    sampling: str = "replacement",
    cost: tuple[float, float] = (10.0, 1.0),
) -> Prediction:
    """Predict what SGD on least squares will do, from parameters zero.

    Parameters
    ----------
    data
        The table.
    batch_size
        Samples per step.
    learning_rate
        Constant learning rate; recommended by ``recommended_rate.RULE`` if left out.
    ridge
        Weight of the penalty.
    sampling
        ``"replacement"`` or ``"without_replacement"``.
    cost
        ``(per step, per sample)``, for the best batch size of the next step.

    Raises
    ------
    DomainError
        If the Hessian is singular or a number out of its domain.
    StabilityError
        If the learning rate is beyond the stability limit in mean square.
    """
    if sampling == "reshuffle":
        raise NotImplementedError("predictions for sampling='reshuffle' are not built yet; stationary_law has its law")
    problem = LeastSquares(data.X, data.y, ridge)
    mean_limit = stability_limit(problem, batch_size, sampling=sampling, kind="mean")
    check_positive_definite(problem)
    limit = stability_limit(problem, batch_size, sampling=sampling, kind="mean_square")
    given = learning_rate is not None
    rate = learning_rate if given else recommended_rate(problem, batch_size, sampling, limit)
    optimizer = SGD(rate, batch_size, sampling=sampling)
    law = stationary_law(problem, optimizer)
    start = 0 * problem.minimum
    curvature = problem.spectrum.eigenvalues
    times = relaxation_times(problem, optimizer)
    step = optimal_step(problem, start, batch_size=batch_size, sampling=sampling)
    for_cost = optimal_step(problem, start, cost=cost)
    gap = generalization_gap(problem, optimizer)
    reached, course_error = steps_to_reach(law, start, (NEAR, SETTLED))
    used = ["quadratic.mean_stability_limit", RELAXATION]
    for part in (law, step, for_cost, gap):
        used += part.results
    return Prediction(
        data,
        problem,
        optimizer,
        law,
        given,
        largest_curvature=float(curvature[-1]),
        smallest_curvature=float(curvature[0]),
        curvature_trace=float(curvature.sum()),
        noise_trace=float(problem.noise.trace()),
        noise_curvature=float((problem.hessian * problem.noise).sum()),
        noise_scale=_noise_scale(problem, start),
        stability_limit=float(limit),
        mean_stability_limit=float(mean_limit),
        minimum_loss=problem.loss(problem.minimum),
        start_excess_loss=problem.loss(start) - problem.loss(problem.minimum),
        standard_deviations=law.covariance.diagonal() ** 0.5,
        fastest_time=float(times.min()),
        slowest_time=float(times.max()),
        mixing_time=law.mixing_time,
        steps_to_floor=reached[0],
        steps_to_settle=reached[1],
        course_error=course_error,
        next_step=step,
        next_step_for_cost=for_cost,
        cost=cost,
        generalization=gap,
        results=tuple(sorted(set(used))),
    )


def relaxation_times(problem: LeastSquares, optimizer: SGD) -> Any:
    """Return the relaxation time of each mode in steps, (d,), slowest curvature first."""
    import numpy as np

    with np.errstate(divide="ignore"):  # a mode that one step brings to its minimum has the time 0 = -1/log 0
        return evaluate(results[RELAXATION], hessian=problem.spectrum, learning_rate=optimizer.learning_rate)


def steps_to_reach(law: Law, start: Any, shares: Sequence[float]) -> tuple[list[int | None], float]:
    """Return, for each share, the first step from which the expected excess loss stays within it of the noise floor.

    None where the floor is zero, which is approached for ever, or more than MOST_COUNTED steps away. Beside these
    stands what share of the floor the losses may be off by.
    """
    floor = law.excess_loss
    if not floor > 0 or fits_exactly(law.problem):
        return [None] * len(shares), 0.0
    loss, error = course_of(law.problem, law.optimizer, start).excess_losses(4 * MOST_COUNTED)
    steps = [_first_step(lambda steps: abs(loss(steps) / floor - 1) <= share) for share in shares]  # noqa: B023
    return steps, error / floor


def _first_step(near: Callable[[int], bool]) -> int | None:
    high = 1
    # A second look at twice the time passes over a curve that only crosses the floor.
    while not (near(high) and near(2 * high)):
        if high > MOST_COUNTED:
            return None
        high *= 2
    if high == 1:
        return 0 if near(0) else 1
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if near(middle) else (middle, high)
    return high


def expected_excess_loss(law: Law, start: Any, steps: Sequence[int]) -> list[float]:
    """Return the predicted excess loss after some numbers of steps."""
    course = course_of(law.problem, law.optimizer, start).excess_losses(max(1, *steps))
    return [course.after(int(count)) for count in steps]


def check(
    prediction: Prediction,
    *,
    replicas: int | None = None,
    seed: int = 0,
    steps: int | None = None,
    progress: Callable[[int, int], None] | bool | None = None,
) -> Check:
    """Run the SGD of a prediction from parameters zero, and compare.

    Parameters
    ----------
    prediction
        From ``predict``.
    replicas
        Independent runs; if left out 4000, or down to 200 where these would take too long.
    seed, progress
        As for ``simulate``.
    steps
        Steps of each run; if left out, until the expected excess loss is within 1 % of the noise floor, or as many as
        a person will wait for. Either way the law is that after just so many steps.

    Raises
    ------
    DomainError
        If ``steps`` or ``replicas`` is no number of steps or runs.
    StabilityError
        If a run diverges.
    """
    from sgdtheory.numeric.compare import compare
    from sgdtheory.numeric.simulate import simulate

    start = 0 * prediction.problem.minimum
    wanted = prediction.steps_to_settle
    if wanted is None:  # without noise there is no floor to settle to: five slowest relaxation times
        wanted = math.ceil(5 * prediction.slowest_time)
    check_counts(replicas, steps, seed)
    asked = wanted if steps is None else int(steps)
    count, replicas = _affordable(prediction, asked, replicas, shorten=steps is None)
    law = transient_law(prediction.problem, prediction.optimizer, start, count)
    run = simulate(prediction.problem, prediction.optimizer, count, replicas, start=start, seed=seed, progress=progress)
    report = compare(law, run, false_alarm=FALSE_ALARM)
    scale = law.excess_loss
    return Check(
        law,
        wanted if steps is None and count < wanted else None,
        run,
        report,
        deviation=run.excess_loss / scale - 1 if scale > 0 else None,
        deviation_error=run.excess_loss_standard_error / scale if scale > 0 else None,
    )


def check_counts(replicas: int | None = None, steps: int | None = None, seed: int = 0) -> None:
    """Refuse what ``check`` would refuse of its numbers, so that nothing else is done before."""
    if steps is not None:
        whole_number("steps", steps, least=0, symbols=False)
    if replicas is not None:
        whole_number("replicas", replicas, least=2, mend="a variance needs at least two runs", symbols=False)
    whole_number("seed", seed, least=0, symbols=False)


def _affordable(prediction: Prediction, steps: int, replicas: int | None, shorten: bool) -> tuple[int, int]:
    """Return the steps and replicas of a check that stays within ``MOST_WORK`` where it may choose them."""
    from sgdtheory.numeric.engine.backends import installed

    backend = "numba" if "numba" in installed() else "numpy"
    budget = MOST_WORK[backend] / (prediction.optimizer.batch_size * prediction.problem.dimension)  # replica-steps
    if shorten:
        steps = min(steps, max(1, _two_digits(budget / (replicas or LEAST_REPLICAS))))
    if replicas is None:
        replicas = int(min(MOST_REPLICAS, max(LEAST_REPLICAS, budget // max(steps, 1))))
    return steps, replicas


def _two_digits(number: float) -> int:
    """Return a number rounded down to two digits, which are easier to type again."""
    unit = 10 ** max(0, math.floor(math.log10(max(number, 1))) - 1)
    return int(number // unit * unit)


def _noise_scale(problem: LeastSquares, theta: Any) -> float | None:
    gradient = problem.gradient(theta)
    bent = float(gradient @ problem.hessian @ gradient)
    return float((problem.hessian * problem.noise_at(theta)).sum()) / bent if bent > 0 else None
