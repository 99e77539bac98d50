"""Observables of a single step: the best learning rate, its decrease of the loss, the best batch size.

Their claims are optima; each becomes a form whose expectation is known if the claim holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from sgdtheory.processes.forms import Arm, Branch, loss, squared, weighted
from sgdtheory.processes.observables import DIGITS, Recursion, start
from sgdtheory.processes.process import Process


def _loss_after_step(process: Process, point: Mapping[str, Any], rate: Any, recursion: Recursion) -> sp.Expr:
    (env,) = process.environments(point)
    (value,) = recursion.expectations(process, [Arm(env, (Branch(rate, start(env, point)),), 1, loss(env))])
    return sp.Rational(value.numerator, value.denominator)


def best_rate(process: Process, point: Mapping[str, Any], recursion: Recursion) -> sp.Expr:
    """Return the learning rate that minimises the exact expected loss after one step: the vertex of a parabola."""
    at0, at1, at2 = (_loss_after_step(process, point, sp.Integer(rate), recursion) for rate in (0, 1, 2))
    curvature = at2 - 2 * at1 + at0
    return -(at1 - at0 - curvature / 2) / curvature


@dataclass(frozen=True)
class BestNextRate:
    """The learning rate that minimises the expected loss after one step."""

    description: str = "minimiser of the expected loss after one step"

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the minimiser."""
        return [best_rate(process, point, recursion)]

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return two coupled steps on either side of the claimed rate, and the slope of the loss between them."""
        (env,) = process.environments(point)
        begin, width = start(env, point), claim[0] / 2
        branches = (Branch(claim[0] + width, begin), Branch(claim[0] - width, begin))
        losses = [squared(env.hessian / 2, env.minimum, copy=copy, copies=2) for copy in (0, 1)]
        slope = weighted([(1 / (2 * width), losses[0]), (-1 / (2 * width), losses[1])])
        return [Arm(env, branches, 1, (slope,))]

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return zero, the slope at a minimum."""
        return [sp.Integer(0)]


@dataclass(frozen=True)
class BestNextDecrease:
    """The expected decrease of the loss in one step at the best learning rate."""

    description: str = "expected decrease of the loss in one step at the best rate"

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the decrease at the minimiser."""
        return recursion.expectations(process, self.arms(process, point, (), recursion))

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return single steps at the best rate, which comes from the recursion and not from a claim."""
        (env,) = process.environments(point)
        begin = start(env, point)
        before = ((begin - env.minimum).T * env.hessian * (begin - env.minimum))[0] / 2
        decrease = weighted([(-1, squared(env.hessian / 2, env.minimum))], before)
        return [Arm(env, (Branch(best_rate(process, point, recursion), begin),), 1, (decrease,))]

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return the claim."""
        return list(claim)


@dataclass(frozen=True)
class BestNextBatch:
    """The batch size with the largest expected decrease per cost, the learning rate being the best for it."""

    description: str = "maximiser of the expected decrease per cost of a step"

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the maximiser, a root found at high precision from exact decreases."""
        size = sp.Symbol("size", positive=True)
        decreases = {
            n: BestNextDecrease().value(process, {**point, "batch_size": sp.Integer(n)}, recursion)[0] for n in (1, 2)
        }
        # The reciprocal of the decrease is affine in 1/size: two batch sizes fix it.
        one, two = (sp.Rational(x.denominator, x.numerator) for x in (decreases[1], decreases[2]))
        reciprocal = (2 * two - one) + 2 * (one - two) / size
        cost = point["cost_per_step"] + point["cost_per_sample"] * size
        slope = sp.diff(1 / (reciprocal * cost), size)
        (root,) = sp.Poly(sp.numer(sp.together(slope)), size).nroots(n=DIGITS)[-1:]
        return [root]

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return coupled steps at the claimed batch size and at four times that, and the slope of the efficiency."""
        size = sp.Rational(str(sp.N(claim[0], DIGITS)))
        values = {**point, "batch_size": size}
        (env,) = process.environments(values)
        begin, rate = start(env, point), best_rate(process, values, recursion)
        branches = (Branch(rate, begin), Branch(rate, begin, noise_scale=sp.Rational(1, 2)))
        before = ((begin - env.minimum).T * env.hessian * (begin - env.minimum))[0] / 2
        here, far = (
            weighted([(-1, squared(env.hessian / 2, env.minimum, copy=copy, copies=2))], before) for copy in (0, 1)
        )
        # At a fixed rate the decrease is affine in u = 1/size, so the difference quotient is the derivative;
        # the rate is optimal, so moving it along changes nothing to first order.
        u = 1 / size
        cost = point["cost_per_step"] + point["cost_per_sample"] * size
        by_u = weighted([(1 / (u / 4 - u), far), (-1 / (u / 4 - u), here)])
        return [Arm(env, branches, 1, (weighted([(-(u**2) * cost, by_u), (-point["cost_per_sample"], here)]),))]

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return zero, the slope at a maximum."""
        return [sp.Integer(0)]
