"""``stationary_law`` and ``transient_law``: what the parameters of SGD are distributed like."""

from __future__ import annotations

from functools import cached_property, singledispatch
from typing import Any

import sympy as sp

from sgdtheory.catalogue import results
from sgdtheory.errors import DomainError, StabilityError, check_choice, check_type
from sgdtheory.numeric.arrays import NUMPY, SYMPY, as_array, is_concrete, kind_of
from sgdtheory.numeric.batch_noise import batch_noise, check_batch
from sgdtheory.numeric.evaluate import evaluate
from sgdtheory.numeric.scalars import known, whole_number
from sgdtheory.optimizers import SGD
from sgdtheory.problems import Problem, as_point, check_problem, known_spectrum

LIMITS = (None, "diffusion")


class Law:
    """The first two moments of the parameters, and what follows from them; worked out when asked for.

    Attributes
    ----------
    mean
        (d,) mean of the parameters.
    covariance
        (d, d) covariance of the parameters.
    excess_loss
        Expected loss above its minimum.
    gradient_norm_squared
        Expected squared norm of the full gradient.
    results
        Names of the closed forms used.
    steps
        Number of steps, or None for a stationary law.
    exact
        Whether the law is exact for this problem.
    caveats
        What is approximate, in sentences.
    notes_on_spread
        What a comparison with a run should know of the parameters' distribution beyond its moments.
    """

    notes_on_spread: tuple[str, ...] = ()

    def __init__(
        self, problem: Problem, optimizer: SGD, limit: str | None, start: Any = None, steps: Any = None
    ) -> None:
        self.problem, self.optimizer, self.limit, self.start, self.steps = problem, optimizer, limit, start, steps
        self.exact = problem.exact and limit is None
        self.caveats = problem.caveats
        if limit == "diffusion":
            self.caveats += ("the diffusion limit: its relative error is of order learning rate times curvature",)

    @cached_property
    def results(self) -> tuple[str, ...]:
        """Names of the closed forms used."""
        used = [] if self.optimizer.sampling == "replacement" else ["quadratic.batch_gradient_covariance"]
        if self.steps is None:
            quantities = ["stationary_covariance", "stationary_excess_loss", "stationary_gradient_norm"]
        else:
            quantities = ["mean_trajectory", "transient_covariance", "transient_excess_loss", "transient_gradient_norm"]
        return tuple(used + [self._name(quantity) for quantity in quantities])

    def _name(self, quantity: str) -> str:
        return f"quadratic.{quantity}" + ("_diffusion" if self.limit == "diffusion" else "")

    @cached_property
    def _batch_noise(self) -> Any:
        return batch_noise(self.problem, self.optimizer)

    def _evaluate(self, quantity: str, **words: Any) -> Any:
        problem = self.problem
        hessian = problem.spectrum if _all_numpy(problem, self.optimizer, self.start) else problem.hessian
        return evaluate(
            results[self._name(quantity)], hessian=hessian, learning_rate=self.optimizer.learning_rate, **words
        )

    @cached_property
    def _noise_words(self) -> dict[str, Any]:
        # The covariance of a whole batch's gradient stands for C at batch size one.
        return {"noise": self._batch_noise, "batch_size": sp.Integer(1) if self.problem.kind == "sympy" else 1}

    @cached_property
    def _course_words(self) -> dict[str, Any]:
        return {"displacement": self.start - self.problem.minimum, "steps": self.steps}

    @cached_property
    def mean(self) -> Any:
        """Return the (d,) mean of the parameters."""
        if self.steps is None:
            return self.problem.minimum
        moved, minimum = self._evaluate("mean_trajectory", **self._course_words), self.problem.minimum
        if kind_of(moved) == SYMPY:  # knobs in symbols for a problem in numbers
            minimum = as_array("the minimum", minimum, SYMPY, 1)
        return minimum + moved

    @cached_property
    def covariance(self) -> Any:
        """Return the (d, d) covariance of the parameters."""
        if self.steps is None:
            return self._evaluate("stationary_covariance", **self._noise_words)
        return self._evaluate("transient_covariance", **self._noise_words, steps=self.steps)

    def _expected(self, quantity: str) -> Any:
        if self.steps is None:
            return self._evaluate(f"stationary_{quantity}", **self._noise_words)
        return self._evaluate(f"transient_{quantity}", **self._noise_words, **self._course_words)

    @cached_property
    def excess_loss(self) -> Any:
        """Return the expected loss above its minimum."""
        return self._expected("excess_loss")

    @cached_property
    def gradient_norm_squared(self) -> Any:
        """Return the expected squared norm of the full gradient."""
        return self._expected("gradient_norm")

    @cached_property
    def settling_factor(self) -> float:
        """Return the factor by which, in the long run, a step shrinks the distance from stationarity, NumPy only."""
        return float(max(abs(1 - self.optimizer.learning_rate * self.problem.spectrum.eigenvalues)))

    def __repr__(self) -> str:
        when = "stationary" if self.steps is None else f"after {self.steps} steps"
        return f"<Law of {self.optimizer} on {self.problem}, {when}{', diffusion limit' if self.limit else ''}>"

    def __str__(self) -> str:
        from sgdtheory.render.tables import plain

        return plain(self._rows(), title=repr(self)[1:-1], notes=self.caveats)

    def _repr_html_(self) -> str:
        from sgdtheory.render.tables import html

        return html(self._rows(), title=repr(self)[1:-1], notes=self.caveats)

    def _repr_latex_(self) -> str:
        from sgdtheory.render.tables import latex

        return latex(self._rows(), title=repr(self)[1:-1], notes=self.caveats)

    def _rows(self) -> list[tuple[str, ...]]:
        names = ("mean", "covariance", "excess_loss", "gradient_norm_squared")
        return [
            ("quantity", "value"),
            *((name, str(getattr(self, name))) for name in names),
            ("closed forms", ", ".join(self.results)),
        ]


def stationary_law(problem: Problem, optimizer: SGD, limit: str | None = None) -> Law:
    """Return the law that the parameters settle to.

    Parameters
    ----------
    problem
        What is minimised.
    optimizer
        How; without momentum, sampling ``"replacement"`` or ``"without_replacement"``.
    limit
        None for the law that is exact at any learning rate; ``"diffusion"`` for the Ornstein-Uhlenbeck limit of a
        small learning rate.

    Returns
    -------
    Law
        Its moments are SymPy, NumPy or JAX like the input; in JAX they can be differentiated and jitted.

    Raises
    ------
    StabilityError
        If the learning rate is at or beyond the largest stable one.
    DomainError
        If the Hessian has an eigenvalue that is not positive: there is no stationary law along it.
    NotImplementedError
        For momentum and for sampling ``"reshuffle"``.

    Notes
    -----
    Source: closed forms ``quadratic.stationary_*``; the covariance S solves H S + S H - eta H S H = (eta/m) C.
    C is the covariance of one sample's gradient, where Wang & Wu (2020) write sigma^2.

    Examples
    --------
    >>> import numpy as np
    >>> from sgdtheory.problems import Quadratic
    >>> law = stationary_law(Quadratic([[2.0]], [[3.0]]), SGD(0.1, 4))
    >>> round(float(law.covariance[0, 0]), 9)  # 0.1 * 3 / (4 * (4 - 0.1 * 4))
    0.020833333
    """
    _check_scope(problem, optimizer, limit)
    check_stationary(problem, optimizer)
    return law_of(problem, optimizer, limit)


def transient_law(problem: Problem, optimizer: SGD, start: Any, steps: Any, limit: str | None = None) -> Law:
    """Return the law of the parameters after some steps from a fixed start.

    Parameters
    ----------
    problem, optimizer, limit
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
        If ``steps`` is not a whole number >= 0; from the moments, if two modes are such that their closed form is
        0/0 (no curvature, or a learning rate exactly at the edge of stability).
    ShapeError
        If ``start`` does not fit the problem.
    NotImplementedError
        For momentum and for sampling ``"reshuffle"``.

    Notes
    -----
    In NumPy the geometric sums keep their digits at any learning rate. In JAX those of the covariance do; the other
    moments are evaluated as they stand and lose digits where learning_rate * curvature * steps is tiny.

    Examples
    --------
    >>> from sgdtheory.problems import Quadratic
    >>> law = transient_law(Quadratic([[2.0]], [[3.0]]), SGD(0.1, 4), start=[1.0], steps=2)
    >>> round(float(law.mean[0]), 12)  # (1 - 0.2) ** 2
    0.64
    """
    _check_scope(problem, optimizer, limit)
    start = as_point(problem, start, "start")
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
def law_of(problem: Problem, optimizer: SGD, limit: str | None, start: Any = None, steps: Any = None) -> Law:
    """Return the law of checked arguments; a kind of problem that knows a better one registers it here."""
    return Law(problem, optimizer, limit, start, steps)


def _check_scope(problem: Problem, optimizer: SGD, limit: str | None) -> None:
    check_problem(problem)
    check_type("optimizer", optimizer, SGD)
    check_choice("limit", limit, LIMITS)
    if not is_concrete(optimizer.momentum) or known(optimizer.momentum) != 0:
        raise NotImplementedError("the laws of SGD with momentum are not built yet; simulate() runs it")
    if optimizer.sampling == "reshuffle":
        raise NotImplementedError(
            "the laws of SGD with sampling='reshuffle' (shuffled epochs) are not built yet; its variance is far below"
            " that of independent batches, so no other law is given in its place"
        )
    check_batch(problem, optimizer)


def _all_numpy(problem: Problem, optimizer: SGD, *others: Any) -> bool:
    return problem.kind == NUMPY and kind_of(optimizer.learning_rate, optimizer.batch_size, *others) == NUMPY


def check_stationary(problem: Problem, optimizer: SGD) -> None:
    """Refuse a problem or learning rate without stationary law; symbols and tracers cannot be judged and pass."""
    check_positive_definite(problem)
    rate = optimizer.learning_rate
    if not is_concrete(problem.hessian) or not is_concrete(rate):
        return
    spectrum = known_spectrum(problem)
    highest = float(spectrum.eigenvalues[-1])
    limit = evaluate(results["quadratic.mean_stability_limit"], largest_curvature=highest)
    if float(rate) >= limit * (1 - spectrum.rounding / highest):  # the edge itself may be rounded to below it
        raise StabilityError(
            "the learning rate is at or beyond the largest stable one, so nothing is stationary",
            got=float(rate),
            allowed=f"learning rates below {limit:.6g} = 2/{highest:.6g}",
            mend=f"take, for example, {limit / 2:.3g}",
        )


def check_positive_definite(problem: Problem) -> None:
    """Refuse a Hessian with an eigenvalue that is not positive."""
    if not is_concrete(problem.hessian):
        return
    spectrum = known_spectrum(problem)
    lowest, highest = float(spectrum.eigenvalues[0]), float(spectrum.eigenvalues[-1])
    if lowest <= spectrum.rounding:
        raise DomainError(
            f"the Hessian is not positive definite: eigenvalue {lowest:.6g}",
            got=f"eigenvalues from {lowest:.6g} to {highest:.6g}",
            allowed="eigenvalues > 0; elsewhere the parameters never settle",
            mend=problem.cure_for_flatness,
        )
