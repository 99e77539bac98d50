"""The law of SGD in symbols where samples differ in their curvature: the exact recursion of the second moment."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import sympy as sp

from sgdtheory.algebra.derivation import tidy
from sgdtheory.losses.moment_recursion import check_solvable, recursion_in_symbols
from sgdtheory.losses.problem import SampledLoss
from sgdtheory.numeric.arrays import JAX, NUMPY, dot, kind_of
from sgdtheory.numeric.batch_noise import batch_share, injected_variance
from sgdtheory.numeric.second_moments import exact_matrix
from sgdtheory.optimizers import Optimizer, refuse_delay
from sgdtheory.verbs.law import Law, all_numpy, has_momentum
from sgdtheory.verbs.laws import known_law, law_of

RESULTS = ("second-moment recursion derived from the loss",)


class SecondMomentLaw(Law):
    """The first two moments of the parameters in SymPy, from the linear recursion that they follow exactly."""

    results = RESULTS
    knows_curvatures = True

    @cached_property
    def _place(self) -> tuple[Any, Any]:
        """Return minimum and Hessian as rationals and symbols."""
        return exact_matrix(self.problem.minimum), exact_matrix(self.problem.hessian)

    @cached_property
    def _moments(self) -> tuple[Any, Any]:
        """Return E[e] and E[e e'], e being the distance from the minimum."""
        minimum, hessian = self._place
        d, noise = self.problem.dimension, self.problem.gradient_noise.exact()
        rate, share = _exact(self.optimizer.learning_rate), batch_share(self.problem, self.optimizer)
        if self.steps is None:
            check_solvable(hessian, noise, rate, share)
        injected = _exact(injected_variance(self.optimizer))
        recursion, offset = recursion_in_symbols(hessian, noise, rate, share, injected)
        if self.steps is None:
            found = recursion.stationary()
        else:
            start = exact_matrix(self.start) - minimum
            found = recursion.transient(dict(zip(offset, start, strict=True)), sp.sympify(self.steps))
        mean = sp.ImmutableMatrix(d, 1, lambda i, _: found[offset[i]])
        return mean, sp.ImmutableMatrix(d, d, lambda i, j: found[offset[i] * offset[j]])

    def _shown(self, value: Any) -> Any:
        """Return an answer as it is given out: decimal where the problem is made of numbers beside symbols."""
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
        return self._shown(second - mean * mean.T)

    @cached_property
    def excess_loss(self) -> Any:
        """Return the expected loss above its minimum."""
        return self._shown(dot(self._place[1], self._moments[1]) / 2)

    @cached_property
    def gradient_norm_squared(self) -> Any:
        """Return the expected squared norm of the full gradient."""
        hessian = self._place[1]
        return self._shown(dot(hessian @ hessian, self._moments[1]))

    def autocovariance(self, lag: Any) -> Any:
        """Not built in symbols."""
        raise NotImplementedError("autocovariances of losses with varying curvature are built for NumPy numbers only")


@law_of.register
def _(problem: SampledLoss, optimizer: Optimizer, limit: str | None, start: Any = None, steps: Any = None) -> Law:
    arguments = (problem, optimizer, limit, start, steps)
    in_numbers = all_numpy(problem, optimizer, start, steps, problem.dataset_size)
    if problem.one_curvature or not problem.exact or limit is not None or in_numbers:
        return known_law(*arguments)
    if has_momentum(optimizer):
        raise NotImplementedError("laws with momentum are built in NumPy numbers for losses with varying curvature")
    refuse_delay(optimizer, "laws that are not worked out in NumPy numbers")
    if kind_of(*optimizer.numbers, start, steps) == JAX:
        raise NotImplementedError("laws of losses with varying curvature are not built for JAX yet")
    return SecondMomentLaw(*arguments)


def _exact(rate: Any) -> sp.Expr:
    return sp.Rational(repr(rate)) if isinstance(rate, float) else sp.sympify(rate)
