"""``stationary_law`` and ``transient_law``: what the parameters of SGD are distributed like."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from sgdtheory.catalogue import results
from sgdtheory.errors import DomainError, StabilityError, check_choice, check_type
from sgdtheory.numeric.arrays import SYMPY, is_concrete, kind_of
from sgdtheory.numeric.batch_noise import check_batch
from sgdtheory.numeric.coordinates import divided
from sgdtheory.numeric.evaluate import evaluate
from sgdtheory.numeric.scalars import known, whole_number
from sgdtheory.optimizers import SGD, SGLD, Optimizer, refuse_delay
from sgdtheory.problems import Problem, as_point, check_problem, known_spectrum
from sgdtheory.verbs.epoch_law import ReshuffledLaw
from sgdtheory.verbs.law import Law as Law
from sgdtheory.verbs.law import all_numpy, check_reach, has_momentum
from sgdtheory.verbs.moment_law import MomentLaw
from sgdtheory.verbs.preconditioned_law import PreconditionedLaw, turned_problem
from sgdtheory.verbs.stability import mean_stability

LIMITS = (None, "diffusion")


def stationary_law(
    problem: Problem, optimizer: Optimizer, limit: str | None = None, *, preconditioner: Any = None
) -> Law:
    """Return the law that the parameters settle to.

    Parameters
    ----------
    problem
        What is minimised.
    optimizer
        How: ``SGD``, with or without momentum, or ``SGLD``, whose injected noise joins that of the batch. Sampling
        ``"reshuffle"`` needs NumPy numbers; the law is that at the end of an epoch, and its ``at_phase`` and
        ``averaged`` give the others.
    limit
        None for the law that is exact at any learning rate; ``"diffusion"`` for the Ornstein-Uhlenbeck limit of a
        small learning rate.
    preconditioner
        (d, d) positive definite P, or the (d,) diagonal of one: steps are theta <- theta - learning_rate * P * g. With
        momentum P acts on what the velocity moves; the noise that ``SGLD`` injects gets the covariance
        2 * learning_rate * temperature * P. In the kind of the problem, or NumPy numbers.

    Returns
    -------
    Law
        Its moments are SymPy, NumPy or JAX like the input; in JAX they can be differentiated and jitted.

    Raises
    ------
    StabilityError
        If the learning rate is at or beyond the largest stable one: that of the mean, or where samples differ in their
        curvature that of the second moment, which is named.
    DomainError
        If the Hessian has an eigenvalue that is not positive: there is no stationary law along it.
        Also if the preconditioner is not symmetric or not positive definite; ShapeError if it does not fit.
    NotImplementedError
        For sampling ``"reshuffle"`` outside NumPy or in the diffusion limit.

    Notes
    -----
    With a preconditioner P = R R' the law is that of plain SGD for phi, where theta = R phi.
    Where all samples share one curvature: closed forms ``quadratic.stationary_*`` and ``momentum.*``; without momentum
    the covariance S solves H S + S H - eta H S H = (eta/m) C. C is the covariance of one sample's gradient, where
    Wang & Wu (2020) write sigma^2.
    Where they differ, in NumPy numbers: with Y the covariance of the point at which gradients are taken, a batch's
    gradient has the covariance p (C + mean (A_i - H) Y (A_i - H)) about H e, p being the share of the batch, 1/m with
    replacement; Y follows from it as before, and the two are solved together. Source: R. Mulayoff and T. Michaeli,
    Exact mean square linear stability analysis for SGD (2024), theorem 5, without momentum. In SymPy and JAX the noise
    at the minimum is taken as constant, and ``exact`` is False.

    Examples
    --------
    >>> import numpy as np
    >>> from sgdtheory.problems import Quadratic
    >>> law = stationary_law(Quadratic([[2.0]], [[3.0]]), SGD(0.1, 4))
    >>> round(float(law.covariance[0, 0]), 9)  # 0.1 * 3 / (4 * (4 - 0.1 * 4))
    0.020833333
    """
    _check_scope(problem, optimizer, limit)
    if preconditioner is not None:
        turned, factor = turned_problem(problem, preconditioner)
        _check_spread(problem, turned)
        return PreconditionedLaw(stationary_law(turned, optimizer, limit), problem, factor)
    check_stationary(problem, optimizer)
    return law_of(problem, optimizer, limit)


def transient_law(
    problem: Problem,
    optimizer: Optimizer,
    start: Any,
    steps: Any,
    limit: str | None = None,
    *,
    preconditioner: Any = None,
) -> Law:
    """Return the law of the parameters after some steps from a fixed start.

    Parameters
    ----------
    problem, optimizer, limit, preconditioner
        As for :func:`stationary_law`; the learning rate may also be unstable.
    start
        (d,) parameters before the first step.
    steps
        Number of steps, an integer >= 0, or a SymPy expression.

    Returns
    -------
    Law
        The moments after ``steps`` steps.

    Raises
    ------
    DomainError
        If ``steps`` is not a whole number >= 0, or the start more than 1e140 away; from the moments, if two modes are
        such that their closed form is 0/0 (no curvature, or a learning rate exactly at the edge of stability).
    ShapeError
        If ``start`` does not fit the problem.
    NotImplementedError
        With momentum outside NumPy or in the diffusion limit; for sampling ``"reshuffle"`` outside NumPy, or where
        samples differ in their curvature.

    Notes
    -----
    In NumPy the geometric sums keep their digits at any learning rate. In JAX those of the covariance do; the other
    moments are evaluated as they stand and lose digits where learning_rate * curvature * steps is tiny.
    Of a run that diverges the moments end as infinite, or NaN where their sign is not known, once floating point cannot
    hold them.

    Examples
    --------
    >>> from sgdtheory.problems import Quadratic
    >>> law = transient_law(Quadratic([[2.0]], [[3.0]]), SGD(0.1, 4), start=[1.0], steps=2)
    >>> round(float(law.mean[0]), 12)  # (1 - 0.2) ** 2
    0.64
    """
    _check_scope(problem, optimizer, limit)
    if has_momentum(optimizer) and not (limit is None and problem.exact and all_numpy(problem, optimizer, start)):
        raise NotImplementedError(
            "transient laws with momentum are not built yet but for quadratic losses in NumPy numbers without a limit"
        )
    start = as_point(problem, start, "start")
    if preconditioner is not None:
        turned, factor = turned_problem(problem, preconditioner)
        begin = turned.minimum + divided(factor, start - problem.minimum)
        return PreconditionedLaw(transient_law(turned, optimizer, begin, steps, limit), problem, factor)
    check_reach(problem, start)
    steps = whole_number("steps", steps, least=0, mend="hand in the number of steps as an int")
    if kind_of(steps) == SYMPY and problem.kind != SYMPY:
        raise DomainError(
            "symbolic steps need a problem in symbols",
            got=f"steps {steps} for a problem of {problem.kind} numbers",
            allowed="an int, or SymPy matrices as hessian and noise",
            mend="hand in the matrices as sympy.Matrix, or the steps as an int",
        )
    return law_of(problem, optimizer, limit, start, steps)


@singledispatch
def law_of(problem: Problem, optimizer: Optimizer, limit: str | None, start: Any = None, steps: Any = None) -> Law:
    """Return the law of checked arguments; a kind of problem that knows a better one registers it here."""
    return known_law(problem, optimizer, limit, start, steps)


def known_law(problem: Problem, optimizer: Optimizer, limit: str | None, start: Any = None, steps: Any = None) -> Law:
    """Return the law of any problem: in NumPy numbers that of the update itself where no closed form holds."""
    kind = Law
    if optimizer.sampling == "reshuffle":
        kind = ReshuffledLaw
    elif limit is None and problem.exact and all_numpy(problem, optimizer, start, steps):
        closed = problem.one_curvature and not has_momentum(optimizer) and not optimizer.delay
        kind = Law if closed else MomentLaw
    if kind is not MomentLaw:
        refuse_delay(optimizer, "laws that are not worked out in NumPy numbers")
    return kind(problem, optimizer, limit, start, steps)


def _check_scope(problem: Problem, optimizer: Optimizer, limit: str | None) -> None:
    check_problem(problem)
    check_type("optimizer", optimizer, SGD, SGLD)
    check_choice("limit", limit, LIMITS)
    check_batch(problem, optimizer)
    if limit is not None or optimizer.sampling == "reshuffle" or not problem.exact or not all_numpy(problem, optimizer):
        refuse_delay(optimizer, "laws outside quadratic losses in NumPy numbers, in a limit or of shuffled epochs")
    if optimizer.delay:
        from sgdtheory.numeric.moments.linear_optimizer import check_delay  # solvers are loaded where they are used

        check_delay(optimizer, problem.dimension**2)
    if optimizer.sampling == "reshuffle" and (limit is not None or not all_numpy(problem, optimizer)):
        raise NotImplementedError(
            "laws with sampling='reshuffle' (shuffled epochs) are not built yet but for NumPy numbers without a limit;"
            " its variance is far below that of independent batches, so no other law is given in its place"
        )


def check_stationary(problem: Problem, optimizer: Optimizer) -> None:
    """Refuse a problem or learning rate without stationary law; symbols and tracers cannot be judged and pass."""
    check_positive_definite(problem)
    rate = optimizer.learning_rate
    if not is_concrete(problem.hessian) or not is_concrete(rate) or not is_concrete(optimizer.momentum):
        return
    spectrum = known_spectrum(problem)
    highest = float(spectrum.eigenvalues[-1])
    if optimizer.delay:
        limit, origin = mean_stability(problem, optimizer), "at the largest curvature {:.6g}"
    elif not has_momentum(optimizer):
        limit, origin = evaluate(results["quadratic.mean_stability_limit"], largest_curvature=highest), "= 2/{:.6g}"
    else:
        name = "nesterov_stability_limit" if optimizer.nesterov else "mean_stability_limit"
        words = {"largest_curvature": highest, "momentum": known(optimizer.momentum)}
        limit, origin = evaluate(results[f"momentum.{name}"], **words), "at the largest curvature {:.6g}"
    if float(rate) >= limit * (1 - spectrum.rounding / highest):  # the edge itself may be rounded to below it
        raise StabilityError(
            "the learning rate is at or beyond the largest stable one, so nothing is stationary",
            got=float(rate),
            allowed=f"learning rates below {limit:.6g} {origin.format(highest)}",
            mend=f"take, for example, {limit / 2:.3g}",
        )


def check_positive_definite(problem: Problem) -> None:
    """Refuse a Hessian with an eigenvalue that is not positive."""
    if _is_flat(problem):
        lowest, highest = _ends(problem)
        raise DomainError(
            f"the Hessian is not positive definite: eigenvalue {lowest:.6g}",
            got=f"eigenvalues from {lowest:.6g} to {highest:.6g}",
            allowed="eigenvalues > 0; elsewhere the parameters never settle",
            mend=problem.cure_for_flatness,
        )


def _is_flat(problem: Problem) -> bool:
    """Return whether an eigenvalue of the Hessian is not positive, or cannot be told from zero."""
    if not is_concrete(problem.hessian):
        return False
    return _ends(problem)[0] <= known_spectrum(problem).rounding


def _ends(problem: Problem) -> tuple[float, float]:
    eigenvalues = known_spectrum(problem).eigenvalues
    return float(eigenvalues[0]), float(eigenvalues[-1])


def _check_spread(problem: Problem, turned: Problem) -> None:
    """Refuse a preconditioner that spreads good curvatures so far that floating point loses the smallest."""
    if not _is_flat(turned) or _is_flat(problem):
        return
    lowest, highest = _ends(turned)
    raise DomainError(
        "the preconditioner spreads the curvatures so far that floating point cannot tell the smallest from zero",
        got=f"eigenvalues of the preconditioner times the Hessian from {lowest:.6g} to {highest:.6g}",
        allowed=f"a ratio of at least {known_spectrum(turned).rounding / highest:.2g} between them",
        mend="take a preconditioner whose eigenvalues are closer to one another",
    )
