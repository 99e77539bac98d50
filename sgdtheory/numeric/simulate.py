"""``simulate``: run SGD on a problem, many times, and say how sure the averages are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sgdtheory.numeric.engine.backends import block_of
from sgdtheory.numeric.engine.burn_in import settling_of
from sgdtheory.numeric.engine.checks import (
    check_burn_in,
    check_choices,
    check_control_variate,
    check_process,
    check_ring,
    known_lags,
)
from sgdtheory.numeric.engine.choice import choose
from sgdtheory.numeric.engine.driver import execute
from sgdtheory.numeric.engine.fluctuation_dissipation import fluctuation_dissipation
from sgdtheory.numeric.engine.injected_noise import run_model
from sgdtheory.numeric.engine.model import Model, SampledModel
from sgdtheory.numeric.engine.plan import (
    CURVE_POINTS_OF_BURN_IN,
    Averaging,
    Plan,
    averaging,
    block_sizes,
    recorded_steps,
    samples_ordered,
)
from sgdtheory.numeric.engine.pool import processors
from sgdtheory.numeric.engine.progress import Meter, reporter
from sgdtheory.numeric.engine.summary import summary
from sgdtheory.numeric.engine.witness import chains, warning
from sgdtheory.numeric.run import Run as Run
from sgdtheory.numeric.scalars import whole_number
from sgdtheory.optimizers import Optimizer
from sgdtheory.problems import Problem, as_point


def simulate(
    problem: Problem,
    optimizer: Optimizer,
    steps: int,
    replicas: int,
    start: Any = None,
    seed: int = 0,
    backend: str = "auto",
    progress: Callable[[int, int], None] | bool | None = None,
    *,
    precision: str = "float64",
    time_average: bool = False,
    burn_in: int | None = None,
    lags: Sequence[int] = (),
    control_variate: bool = False,
    divergence: str = "raise",
    threads: int | None = None,
) -> Run:
    """Run SGD many times and average.

    Parameters
    ----------
    problem
        ``Quadratic``: Gaussian gradient noise is drawn. ``GaussianFeatures``: fresh samples. ``LeastSquares``,
        ``QuadraticSums`` and ``from_loss``: real mini-batches are drawn.
    optimizer
        Any ``SGD``; sampling ``"reshuffle"`` (shuffled epochs) needs the samples themselves, not a ``Quadratic``. Or
        ``SGLD``: in NumPy, for a ``Quadratic`` on every backend.
    steps
        Steps of each run, >= 0.
    replicas
        Independent runs, >= 2.
    start
        (d,) parameters before the first step; the minimum if left out.
    seed
        Non-negative integer. The same seed gives the same run on a backend, whatever the number of threads.
    backend
        ``"numpy"``, ``"numba"`` (``pip install "sgdtheory[fast]"``), ``"jax"`` (``pip install "sgdtheory[jax]"``), or
        ``"auto"``: the fastest that is installed for this problem and this much work. ``Run.backend`` says which.
    progress
        None: a bar on standard error where that is a terminal and the work is long; True: a bar at once; False: none; a
        function: called now and then with the replica-steps done and in all, by one thread at a time.
    precision
        ``"float64"``, or ``"float32"``, which is faster on a GPU and good to about six digits.
    time_average
        Average each replica over its steps after the burn-in too, and take standard errors from the spread between
        replicas. For stationary values that costs far fewer steps than many replicas' last states.
    burn_in
        Steps before time averages begin. If left out, until less than 1e-5 of the stationary second moments is left of
        the start. Where the rate is not known exactly, a note says so: shuffled epochs, losses that are not
        quadratic, and data of varying curvature with more than 128 parameters.
    lags
        Different whole numbers of steps >= 1, in any order, for ``Run.lagged_covariance``.
    control_variate
        Correct the averages by a recursion that is driven by the same batches and whose moments are known exactly; for
        ``LeastSquares`` and ``QuadraticSums``. Beside it goes a smaller run without, ``Run.witness``.
    divergence
        ``"raise"``: a replica whose squared loss overflows is an error. ``"report"``: the run goes on, ``Run.diverged``
        counts the lost replicas, and averages are infinite or NaN; never those of the survivors.
    threads
        Threads that work on blocks of replicas; as many as the process has processors if left out.

    Returns
    -------
    Run
        Averages over the replicas with standard errors.

    Raises
    ------
    DomainError
        If a number is out of its domain, the problem is not made of NumPy numbers, the backend is not installed,
        there are too few steps for a time average, or a delay keeps more old points than 8 GiB hold.
    StabilityError
        If a replica diverged; it names how many, the first one, and its step. If there is nothing stationary to average
        over time.
    PrecisionError
        If JAX is asked for float64 while its double precision is off.

    Examples
    --------
    >>> from sgdtheory.optimizers import SGD
    >>> from sgdtheory.problems import Quadratic
    >>> run = simulate(Quadratic([[2.0]], [[3.0]]), SGD(0.1, 4), steps=60, replicas=20_000)
    >>> bool(abs(run.covariance[0, 0] - 1 / 48) < 5 * run.covariance_standard_error[0, 0])
    True
    """
    check_process(problem, optimizer, start)
    check_choices(backend, precision, divergence, progress, time_average=time_average, control_variate=control_variate)
    steps = whole_number("steps", steps, least=0, symbols=False)
    seed = whole_number("seed", seed, least=0, symbols=False)
    replicas = whole_number("replicas", replicas, least=2, mend="a variance needs at least two runs", symbols=False)
    threads = processors() if threads is None else whole_number("threads", threads, least=1, symbols=False)
    lags, burn_in = known_lags(lags, steps), check_burn_in(burn_in, time_average)
    begin = np.array(problem.minimum if start is None else as_point(problem, start, "start"), dtype=float)
    model = run_model(problem, optimizer)
    if control_variate:
        check_control_variate(model, optimizer, replicas)
    name = choose(backend, model, optimizer, steps * replicas, precision)
    threads = 1 if name == "jax" else threads
    products = (1 + len(lags)) * (1 + control_variate) if time_average or control_variate else 0
    orders = samples_ordered(model, optimizer, name)
    sizes = block_sizes(replicas, name, problem.dimension, products, orders)
    check_ring(optimizer, problem.dimension, sizes, threads, 1 + control_variate, np.dtype(precision).itemsize)
    offset = begin - problem.minimum
    looks, notes = None, []
    if time_average:
        looks, notes = _averaging(problem, optimizer, model, offset, steps, burn_in, lags, control_variate)
    order = np.array([sorted(lags).index(lag) for lag in lags], dtype=int)
    plan = Plan(
        maker=block_of(name),
        model=model,
        optimizer=optimizer,
        precision=precision,
        start=offset,
        hessian=problem.hessian,
        seed=seed,
        sizes=sizes,
        steps=steps,
        recorded=recorded_steps(looks.burn_in, CURVE_POINTS_OF_BURN_IN) if looks else recorded_steps(steps),
        lags=tuple(sorted(lags)),
        averaging=looks,
        companion=control_variate,
        strict=divergence == "raise",
        linear=problem.exact or not isinstance(model, SampledModel),
    )
    if precision == "float32":
        notes.append("computed in float32: averages are good to about six digits of a standard deviation")

    def run_of(plan: Plan, **others: Any) -> Run:
        statistics, diverged = execute(plan, meter, threads)
        with np.errstate(over="ignore", invalid="ignore"):
            found = summary(plan, problem, statistics, lost=diverged is not None)
            balance = fluctuation_dissipation(plan, statistics, lost=diverged is not None)
        for lagged in ("lagged_covariance", "lagged_covariance_standard_error"):
            found[lagged] = found[lagged][order]
        return Run(
            **found,
            problem=problem,
            optimizer=optimizer,
            start=begin,
            steps=steps,
            replicas=sum(plan.sizes),
            seed=seed,
            backend=name,
            precision=precision,
            time_average=time_average,
            burn_in=looks.burn_in if looks else None,
            lags=lags,
            control_variate=plan.companion,
            diverged=diverged,
            fluctuation_dissipation=balance,
            **others,
        )

    beside = chains(replicas) if control_variate else 0
    with reporter(progress) as report:
        meter = Meter(report, steps * (replicas + beside))
        run = run_of(plan, notes=tuple(notes))
        if not control_variate:
            return run
        sizes = block_sizes(beside, name, problem.dimension, products, orders)
        witness = run_of(replace(plan, companion=False, sizes=sizes, branch=(1,)))
    return replace(run, witness=witness, notes=(*run.notes, *warning(run, witness)))


def _averaging(
    problem: Problem,
    optimizer: Optimizer,
    model: Model,
    offset: np.ndarray,
    steps: int,
    burn_in: int | None,
    lags: tuple[int, ...],
    companion: bool,
) -> tuple[Averaging, list[str]]:
    """Return when to look, and what to say about the burn-in."""
    notes = []
    if burn_in is None:
        settling = settling_of(problem, optimizer, offset)
        burn_in, notes = settling.steps(), [settling.note] * bool(settling.note)
    return averaging(model, optimizer, steps, burn_in, lags, companion), notes
