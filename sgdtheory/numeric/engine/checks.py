"""What ``simulate`` refuses before any work is done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sgdtheory.errors import DomainError, check_choice, check_type
from sgdtheory.numeric.arrays import NUMPY, kind_of
from sgdtheory.numeric.batch_noise import check_batch
from sgdtheory.numeric.engine.backends import NAMES
from sgdtheory.numeric.engine.model import GaussianFeaturesModel, GaussianModel, Model, SampledModel
from sgdtheory.numeric.moments.linear_optimizer import BEYOND, check_delay, long_delay
from sgdtheory.numeric.scalars import whole_number
from sgdtheory.optimizers import SGD, SGLD, Optimizer
from sgdtheory.problems import Problem, Quadratic, check_problem

MOST_BYTES = 2**33  # of old points that replicas keep because of a delay
LEAST_CHAINS = 32  # below, the slope of a control variate is guesswork


def check_process(problem: Problem, optimizer: Optimizer, start: Any) -> None:
    """Refuse problems and optimizers that no backend can run."""
    check_problem(problem)
    check_type("optimizer", optimizer, SGD, SGLD)
    kinds = {"problem": problem.kind, "optimizer": kind_of(*optimizer.numbers), "start": kind_of(start)}
    foreign = {what: kind for what, kind in kinds.items() if kind != NUMPY}
    if problem.constants:
        names = ", ".join(map(str, problem.constants))
        raise DomainError(
            "the problem has symbols without a value, so it cannot be simulated",
            got=f"no value for {names}",
            allowed="numbers for all of them",
            mend=f"take problem.at({{'{problem.constants[0]}': 1, ...}}) with a value for each of {names}",
        )
    if foreign:
        raise DomainError(
            "only problems made of NumPy numbers can be simulated",
            got=", ".join(f"{what} made of {kind}" for what, kind in foreign.items()),
            allowed="NumPy arrays and Python numbers",
            mend="convert arrays with numpy.asarray, sparse matrices with .toarray()",
        )
    if optimizer.sampling == "reshuffle" and isinstance(problem, Quadratic):
        raise DomainError(
            "only a finite data set can be shuffled, and a Quadratic knows its noise alone",
            got="sampling='reshuffle'",
            allowed="sampling='replacement' or 'without_replacement'",
            mend="state the samples as QuadraticSums or LeastSquares",
        )
    check_batch(problem, optimizer)


def check_choices(backend: Any, precision: Any, divergence: Any, progress: Any, **switches: Any) -> None:
    """Refuse words that are not among the allowed ones."""
    check_choice("backend", backend, (*NAMES, "auto"))
    check_choice("precision", precision, ("float64", "float32"))
    check_choice("divergence", divergence, ("raise", "report"))
    for name, value in switches.items():
        check_choice(name, value, (False, True))
    if not callable(progress):
        check_choice("progress", progress, (None, False, True))


def known_lags(lags: Any, steps: int) -> tuple[int, ...]:
    """Return the lags as whole numbers, in their order."""
    if isinstance(lags, str) or not isinstance(lags, Iterable):
        raise DomainError(
            "lags is not a sequence",
            got=repr(lags)[:60],
            allowed="whole numbers of steps, such as (1, 10)",
            mend=f"write lags=({lags!r},)"[:60],
        )
    found = tuple(whole_number("a lag", lag, least=1, symbols=False) for lag in lags)
    if len(set(found)) < len(found) or max(found, default=0) > steps:
        raise DomainError(
            "a lag comes twice" if len(set(found)) < len(found) else "a lag reaches back before the start",
            got=", ".join(map(str, found)),
            allowed=f"different whole numbers up to {steps}, the number of steps",
            mend="leave out lags, or take more steps",
        )
    return found


def check_burn_in(burn_in: Any, time_average: bool) -> int | None:
    """Return a burn-in that was given, as a whole number."""
    if burn_in is None:
        return None
    if not time_average:
        raise DomainError(
            "a burn-in without time averages",
            got=f"burn_in={burn_in!r}"[:60],
            allowed="burn_in together with time_average=True",
            mend="leave burn_in out, or ask for time_average=True",
        )
    return whole_number("burn_in", burn_in, least=0, symbols=False)


def check_control_variate(model: Model, optimizer: Optimizer, replicas: int) -> None:
    """Refuse a control variate where its law is not known or cannot be fitted."""
    if isinstance(model, GaussianModel | GaussianFeaturesModel | SampledModel) or optimizer.sampling == "reshuffle":
        what = "Langevin dynamics" if isinstance(optimizer, SGLD) else "stated losses"
        if isinstance(model, GaussianModel):
            what = "a Quadratic: it would be the run itself"
        elif isinstance(model, GaussianFeaturesModel):
            what = "Gaussian features"
        elif optimizer.sampling == "reshuffle":
            what = "shuffled epochs"
        raise DomainError(
            f"there is no control variate for {what}",
            got="control_variate=True",
            allowed="LeastSquares or QuadraticSums, sampling 'replacement' or 'without_replacement'",
            mend="leave control_variate out",
        )
    check_delay(optimizer, model.dimension**2)
    if replicas < LEAST_CHAINS:
        raise DomainError(
            "too few replicas for a control variate, whose slope is regressed over them",
            got=f"{replicas} replicas",
            allowed=f"at least {LEAST_CHAINS}",
            mend=f"take {LEAST_CHAINS} replicas or more, of fewer steps each if need be",
        )


def check_ring(
    optimizer: Optimizer, dimension: int, sizes: tuple[int, ...], threads: int, parts: int, width: int
) -> None:
    """Refuse a delay whose old points take too much room.

    Parameters
    ----------
    optimizer, dimension
        Of the delay; parameters of a point.
    sizes, threads
        Replicas of each block, and how many blocks there are at once.
    parts
        Points that a replica keeps for each step: a companion has its own.
    width
        Bytes of a number.
    """
    at_once = sum(sorted(sizes)[-threads:])
    point = at_once * dimension * parts * width
    room = point * (1 + min(optimizer.delay, BEYOND))
    if optimizer.delay and room > MOST_BYTES:
        raise long_delay(
            optimizer,
            "the old points of all replicas that run at once to be kept",
            f"{room / 2**30:.3g} GiB for {at_once} replicas of {dimension} parameters",
            MOST_BYTES // point - 1,
            "take a shorter delay, fewer replicas or fewer threads; all delays longer than the run do the same",
        )
