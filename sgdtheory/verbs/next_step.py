"""``optimal_step``: the best learning rate and batch size for the next step."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from sgdtheory.catalogue import results
from sgdtheory.errors import DomainError
from sgdtheory.numeric.arrays import NUMPY, OPERATOR, dot, is_concrete, kind_of
from sgdtheory.numeric.batch_noise import batch_noise
from sgdtheory.numeric.evaluate import evaluate
from sgdtheory.numeric.scalars import known, scalar
from sgdtheory.optimizers import SGD, check_batch_size, check_sampling
from sgdtheory.problems import Problem, check_problem


@dataclass(frozen=True)
class NextStep:
    """The best next step.

    Attributes
    ----------
    learning_rate
        Rate that minimises the expected loss after the step.
    batch_size
        Samples in the step's batch: as given, or the best for the cost.
    expected_decrease
        Expected decrease of the loss.
    results
        Names of the closed forms used.
    caveats
        What is approximate, in sentences.
    """

    learning_rate: Any
    batch_size: Any
    expected_decrease: Any
    results: tuple[str, ...]
    caveats: tuple[str, ...] = ()


def optimal_step(
    problem: Problem,
    theta: Any,
    batch_size: Any = None,
    cost: tuple[Any, Any] | None = None,
    sampling: str = "replacement",
) -> NextStep:
    """Return the learning rate, and if a cost is given the batch size, that are best for one step from theta.

    Parameters
    ----------
    problem
        What is minimised; where the gradient noise varies it is that at ``theta``, so the answer is exact for every
        quadratic loss.
    theta
        (d,) present parameters.
    batch_size
        Samples in the step's batch.
    cost
        ``(per step, per sample)``: a step with batch size m costs c0 + c1 m; the batch size then maximises the
        expected decrease per cost. Give either ``batch_size`` or ``cost``.
    sampling
        How the batch is drawn; for a ``cost`` only ``"replacement"`` is built.

    Returns
    -------
    NextStep
        ``learning_rate``, ``batch_size``, ``expected_decrease``. The batch size is the better of the two integers
        next to the optimum (at most the data set's size) for NumPy, and the real-valued optimum for SymPy and JAX.

    Raises
    ------
    DomainError
        If neither or both of ``batch_size`` and ``cost`` are given, a cost is negative, or the curvature along the
        gradient is not positive.

    Notes
    -----
    Sources: Schaul, Zhang & LeCun (2013), eqs. (5) and (6), whose sigma^2 is the variance of the per-sample optima;
    closed forms ``quadratic.optimal_learning_rate``, ``expected_decrease``, ``optimal_batch_size``.

    Examples
    --------
    >>> from sgdtheory.problems import Quadratic
    >>> step = optimal_step(Quadratic([[2.0]], [[3.0]]), theta=[1.0], batch_size=4)
    >>> round(step.learning_rate, 6)  # g'g / (g'Hg + tr(HC)/m) = 4 / (8 + 6/4)
    0.421053
    """
    check_problem(problem)
    if (batch_size is None) == (cost is None):
        raise DomainError(
            "give either the batch size or the cost of a step",
            got=f"batch_size={batch_size}, cost={cost}",
            allowed="batch_size=16, or cost=(per step, per sample)",
            mend="leave one of them out",
        )
    if batch_size is None:
        cost = _check_cost(cost)
    else:
        batch_size = check_batch_size(batch_size)
    check_sampling(sampling)
    if batch_size is None and sampling != "replacement":
        raise NotImplementedError("the best batch size for sampling without replacement is not built yet")
    gradient, noise = problem.gradient(theta), problem.noise_at(theta)
    bent = problem.hessian @ gradient
    if batch_size is not None:
        # A batch stands for one sample of its own covariance, which holds for every way of drawing it.
        noise = batch_noise(problem, SGD(1, batch_size, sampling=sampling), noise)
    words = {
        "gradient_norm_squared": dot(gradient, gradient),
        "gradient_curvature": dot(gradient, bent),
        "noise_curvature": _noise_curvature(problem, noise),
    }
    caveats = problem.step_caveats
    if problem.kind == OPERATOR:
        caveats += (f"the noise's curvature tr(HC) is estimated, {words['noise_curvature']} (standard error)",)
    if kind_of(*words.values(), batch_size, *(cost or ())) == NUMPY:
        words = {word: float(value) for word, value in words.items()}
    if is_concrete(words["gradient_curvature"]) and known(words["gradient_norm_squared"]) == 0:
        return NextStep(
            0 * words["gradient_norm_squared"],
            1 if batch_size is None else batch_size,
            0 * words["gradient_norm_squared"],
            (RATE, DECREASE),
            caveats,
        )
    if is_concrete(words["gradient_curvature"]) and not known(words["gradient_curvature"]) > 0:
        raise DomainError(
            "the loss does not curve upwards along the gradient, so no rate is best",
            got=f"g'Hg = {words['gradient_curvature']}",
            allowed="g'Hg > 0",
            mend="check the Hessian",
        )
    used: tuple[str, ...] = (RATE, DECREASE)
    effective = 1
    if batch_size is None:
        batch_size = effective = _best_batch(problem, words, cost)
        used = (*used, BATCH)
    elif sampling != "replacement":
        used = (*used, "quadratic.batch_gradient_covariance")
    rate, decrease = (_value(name, batch_size=effective, **words) for name in (RATE, DECREASE))
    return NextStep(rate, batch_size, decrease, used, caveats)


RATE, DECREASE, BATCH = (
    f"quadratic.{quantity}" for quantity in ("optimal_learning_rate", "expected_decrease", "optimal_batch_size")
)


def _value(name: str, **words: Any) -> Any:
    """Return a closed form's value; it holds without noise and without a cost per step too, and the rest is checked."""
    return evaluate(results[name], check_domain=False, **words)


def _noise_curvature(problem: Problem, noise: Any) -> Any:
    """Return tr(HC), an ``Estimate`` where the Hessian is an operator."""
    if problem.kind != OPERATOR:
        return dot(problem.hessian, noise)
    from sgdtheory.numeric.lift_operator import trace_of_product  # loads the sparse part of SciPy

    return trace_of_product(problem.hessian, noise)


def _check_cost(cost: Any) -> tuple[Any, Any]:
    """Return the cost per step and per sample, checked."""
    try:
        per_step, per_sample = cost
    except (TypeError, ValueError):
        raise DomainError(
            "the cost of a step is not a pair",
            got=repr(cost),
            allowed="(per step, per sample)",
            mend="write, for example, cost=(10, 1)",
        ) from None
    per_step, per_sample = scalar("cost per step", per_step), scalar("cost per sample", per_sample)
    if is_concrete(per_step) and is_concrete(per_sample) and (known(per_step) < 0 or not known(per_sample) > 0):
        raise DomainError(
            "a cost is negative, or a sample costs nothing",
            got=f"({per_step}, {per_sample})",
            allowed="per step >= 0, per sample > 0",
            mend="count both in the same unit of time",
        )
    return per_step, per_sample


def _best_batch(problem: Problem, words: dict[str, Any], cost: tuple[Any, Any]) -> Any:
    per_step, per_sample = cost
    best = _value(BATCH, cost_per_step=per_step, cost_per_sample=per_sample, **words)
    if kind_of(best) != NUMPY:
        return best
    largest = problem.dataset_size or math.inf
    candidates = {int(min(max(1, size), largest)) for size in (math.floor(best), math.ceil(best))}

    def efficiency(size: int) -> float:
        return _value(DECREASE, batch_size=size, **words) / (per_step + per_sample * size)

    return max(sorted(candidates), key=efficiency)
