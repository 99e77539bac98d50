"""The law of SGD where samples differ in their curvature: the exact recursion of the second moment."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import sympy as sp

from sgdtheory.algebra.derivation import tidy
from sgdtheory.errors import StabilityError
from sgdtheory.losses.moment_recursion import check_solvable, recursion_in_symbols
from sgdtheory.losses.problem import SampledLoss
from sgdtheory.numeric.arrays import JAX, NUMPY, SYMPY, dot, is_concrete, kind_of
from sgdtheory.numeric.batch_noise import batch_share
from sgdtheory.numeric.second_moments import (
    exact_matrix,
    mean_square_limit,
    moments_after,
    settling_factor,
    stationary_second_moment,
)
from sgdtheory.optimizers import SGD
from sgdtheory.verbs.laws import Law, law_of
from sgdtheory.verbs.stability import mean_square_stability

# Share of the mean-square limit above which squares of the parameters have no reliable standard error: for a Gaussian
# feature and batches of one the eighth moment, which such an error needs, ends at 0.31, and the fourth at 0.58.
HEAVY = 1 / 3
RESULTS = ("second-moment recursion derived from the loss",)


class SecondMomentLaw(Law):
    """The first two moments of the parameters, from the linear recursion that they follow exactly."""

    results = RESULTS

    @cached_property
    def _share(self) -> Any:
        return batch_share(self.problem, self.optimizer)

    @cached_property
    def _symbolic(self) -> bool:
        knobs = (self.optimizer.learning_rate, self.optimizer.batch_size, self.start, self.steps)
        if kind_of(*knobs) == JAX:
            raise NotImplementedError("laws of losses with varying curvature are not built for JAX yet")
        return SYMPY in (self.problem.kind, kind_of(*knobs, self.problem.dataset_size))

    @cached_property
    def _place(self) -> tuple[Any, Any]:
        """Return minimum and Hessian in the kind of numbers in which the law is worked out."""
        problem = self.problem
        if self._symbolic:
            return exact_matrix(problem.minimum), exact_matrix(problem.hessian)
        return problem.minimum, problem.hessian

    @cached_property
    def _moments(self) -> tuple[Any, Any]:
        """Return E[e] and E[e e'], e being the distance from the minimum."""
        if self._symbolic:
            return self._in_symbols()
        minimum, hessian = self._place
        words = (hessian, self.problem.gradient_noise, self.optimizer.learning_rate, float(self._share))
        if self.steps is None:
            return 0 * minimum, stationary_second_moment(*words)
        return moments_after(self.start - minimum, self.steps, *words)

    def _in_symbols(self) -> tuple[Any, Any]:
        minimum, hessian = self._place
        d, noise = self.problem.dimension, self.problem.gradient_noise.exact()
        rate = _exact(self.optimizer.learning_rate)
        if self.steps is None:
            check_solvable(hessian, noise, rate, self._share)
        recursion, offset = recursion_in_symbols(hessian, noise, rate, self._share)
        if self.steps is None:
            found = recursion.stationary()
        else:
            start = exact_matrix(self.start) - minimum
            found = recursion.transient(dict(zip(offset, start, strict=True)), sp.sympify(self.steps))
        mean = sp.ImmutableMatrix(d, 1, lambda i, _: found[offset[i]])
        return mean, sp.ImmutableMatrix(d, d, lambda i, j: found[offset[i] * offset[j]])

    def _shown(self, value: Any) -> Any:
        """Return an answer as it is given out: decimal where the problem is made of numbers beside symbols."""
        if not self._symbolic:
            return value
        value = value.applyfunc(tidy) if isinstance(value, sp.MatrixBase) else tidy(value)
        return value.evalf(17) if self.problem.kind == NUMPY else value

    @cached_property
    def mean(self) -> Any:
        """Return the (d,) mean of the parameters."""
        return self._shown(self._place[0] + self._moments[0])

    @cached_property
    def covariance(self) -> Any:
        """Return the (d, d) covariance of the parameters."""
        mean, second = self._moments
        return self._shown(second - (mean * mean.T if self._symbolic else mean[:, None] * mean[None, :]))

    @cached_property
    def excess_loss(self) -> Any:
        """Return the expected loss above its minimum."""
        return self._scalar(dot(self._place[1], self._moments[1]) / 2)

    @cached_property
    def gradient_norm_squared(self) -> Any:
        """Return the expected squared norm of the full gradient."""
        hessian = self._place[1]
        return self._scalar(dot(hessian @ hessian, self._moments[1]))

    def _scalar(self, value: Any) -> Any:
        return self._shown(value) if self._symbolic else float(value)

    @cached_property
    def notes_on_spread(self) -> tuple[str, ...]:
        """Return a warning of heavy tails, NumPy only."""
        problem = self.problem
        limit = mean_square_limit(problem.hessian, problem.gradient_noise, float(self._share))
        used = self.optimizer.learning_rate / limit
        if used < HEAVY:
            return ()
        return (
            f"the learning rate is {used:.0%} of the largest that is stable in mean square; where curvature varies the"
            " parameters then have heavy tails, and standard errors of their squares may mean little",
        )

    @cached_property
    def settling_factor(self) -> float:
        """Return the factor by which, in the long run, a step shrinks the distance from stationarity, NumPy only."""
        problem, rate = self.problem, self.optimizer.learning_rate
        return settling_factor(problem.hessian, problem.gradient_noise, rate, float(self._share))


@law_of.register
def _(problem: SampledLoss, optimizer: SGD, limit: str | None, start: Any = None, steps: Any = None) -> Law:
    if problem.one_curvature or not problem.exact or limit is not None:
        return Law(problem, optimizer, limit, start, steps)
    if steps is None:
        check_mean_square(problem, optimizer)
    return SecondMomentLaw(problem, optimizer, limit, start, steps)


@mean_square_stability.register
def _(problem: SampledLoss, optimizer: SGD) -> Any:
    if not problem.exact:
        raise NotImplementedError("stability limit of kind 'mean_square' is not built for a loss that is not quadratic")
    share = batch_share(problem, optimizer)
    hessian, noise = problem.hessian, problem.gradient_noise
    if problem.kind != SYMPY and is_concrete(share):
        return mean_square_limit(hessian, noise, float(share))
    if problem.dimension > 1:
        raise NotImplementedError("the mean-square limit of more than one parameter needs numbers; see problem.at")
    return mean_square_limit(exact_matrix(hessian), noise.exact(), share)


def check_mean_square(problem: SampledLoss, optimizer: SGD) -> None:
    """Refuse a learning rate at which the second moment diverges; symbols cannot be judged and pass."""
    rate, share = optimizer.learning_rate, batch_share(problem, optimizer)
    if problem.kind != NUMPY or kind_of(rate) == JAX or not is_concrete(rate) or not is_concrete(share):
        return
    limit = mean_square_limit(problem.hessian, problem.gradient_noise, float(share))
    if float(rate) >= limit * (1 - 1e-12):
        raise StabilityError(
            "the second moment of the parameters diverges, because samples differ in their curvature",
            got=f"learning rate {float(rate):.6g}",
            allowed=f"learning rates below {limit:.6g} for batches of {optimizer.batch_size}",
            mend=f"take, for example, {limit / 2:.3g}, or a larger batch",
        )


def _exact(rate: Any) -> sp.Expr:
    return sp.Rational(repr(rate)) if isinstance(rate, float) else sp.sympify(rate)
