"""How near the stationary law of a run is to the Gaussian posterior of precision D H, and where it is nearest.

The Kullback-Leibler divergence is an energy less an entropy. The energy D E[L - L*] is a form that runs are looked at
for; the entropy is that of the Gaussian with the covariance that the recursion gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from sgdtheory.processes import preconditioned
from sgdtheory.processes.forms import STATIONARY, Arm, Branch, Form, products, squared, weighted
from sgdtheory.processes.observables import DIGITS, Recursion, root
from sgdtheory.processes.process import Environment, Process
from sgdtheory.processes.spread import mode_squares

NEAR = sp.Rational(1, 10**20)  # relative distance of the rates between which a slope is taken, in exact numbers


@dataclass(frozen=True)
class PosteriorDivergence:
    """The Kullback-Leibler divergence of the stationary law from the posterior."""

    description: str = "Kullback-Leibler divergence of the stationary law from the posterior"

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return energy less entropy."""
        return recursion.expectations(process, self.arms(process, point, (), recursion))

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return stationary runs, with the energy less the entropy of the recursion's covariance."""
        (env,) = process.environments(point)
        precision = point["dataset_size"] * env.hessian
        covariance = _covariance(process, env, point["learning_rate"], recursion)
        entropy = (len(env.minimum) + sp.log((precision * covariance).det())) / 2
        form = weighted([(1, squared(precision / 2, env.minimum))], -_rounded(entropy))
        return [_settled(env, point["learning_rate"], (form,))]

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return the claim: it is the expectation itself."""
        return list(claim)


@dataclass(frozen=True)
class NearestRate:
    """The learning rate at which the stationary law is nearest to the posterior.

    Attributes
    ----------
    description
        What it is, for a reader.
    reverse
        Whether the divergence is that of the posterior from the law.
    curvature
        The word of the point that holds the curvatures of the coordinates in which the process runs.
    """

    description: str = "minimiser over the learning rate of the divergence of the stationary law from the posterior"
    reverse: bool = False
    curvature: str = "curvature"

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return where the slope of the divergence crosses zero."""
        (env,) = process.environments(point)
        curvatures = point[self.curvature]
        edge = 2 / (max(curvatures) if isinstance(curvatures, tuple) else curvatures)

        def slope(rate: Any) -> float:
            form, wanted = self._slopes(process, env, point, sp.Rational(rate), recursion)
            covariance = _covariance(process, env, sp.Rational(rate), recursion)
            return float((form * covariance).trace() - wanted)

        share = sp.Rational(1, 2)
        while slope(edge * (1 - share)) < 0:
            share /= 2
        return [root(slope, edge / 1000, edge * (1 - share))]

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return stationary runs at the claimed rate, with a form whose expectation is the divergence's slope there."""
        (env,) = process.environments(point)
        slope, wanted = self._slopes(process, env, point, claim[0], recursion)
        form = weighted([(1, squared(slope.applyfunc(_rounded), env.minimum))], -_rounded(wanted))
        return [_settled(env, claim[0], (form,))]

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return zero, the slope at a minimum."""
        return [sp.Integer(0)]

    def _slopes(
        self, process: Process, env: Environment, point: Mapping[str, Any], rate: Any, recursion: Recursion
    ) -> tuple[sp.Matrix, sp.Expr]:
        """Return a form and a number: the form's expectation less the number is the slope of twice the divergence.

        The slope is in log eta. With S' the covariance's slope it is tr(D H S') - tr(S^-1 S'), energy less entropy; in
        reverse tr(S^-1 S') - tr(S^-1 S' S^-1 (D H)^-1), whose first part is a form of S too.
        """
        width = NEAR * rate
        here, above, below = (_covariance(process, env, r, recursion) for r in (rate, rate + width, rate - width))
        change, precision = rate * (above - below) / (2 * width), point["dataset_size"] * env.hessian
        inverse = here.inv()
        relative = change * inverse
        form = inverse * relative if self.reverse else precision * relative
        wanted = (inverse * relative * precision.inv()).trace() if self.reverse else relative.trace()
        return (form + form.T) / 2, wanted


@dataclass(frozen=True)
class PosteriorSteps:
    """The preconditioner along each mode with which the stationary law is the posterior, for modes that keep apart."""

    description: str = "preconditioner along each mode with which the stationary variance is that of the posterior"

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the roots, each mode alone: the others take steps to their minimum."""
        return [self._root(process, point, mode, recursion) for mode in range(len(point["curvature"]))]

    def _root(self, process: Process, point: Mapping[str, Any], mode: int, recursion: Recursion) -> Any:
        steps = [1 / (point["learning_rate"] * curvature) for curvature in point["curvature"]]

        def excess(step: Any) -> float:
            values = (*steps[:mode], sp.Rational(step), *steps[mode + 1 :])
            arms = self.arms(process, point, values, recursion)
            return float(recursion.expectations(process, arms)[mode]) - 1

        edge, share = 2 * steps[mode], sp.Rational(1, 2)
        while excess(edge * (1 - share)) < 0:
            share /= 2
        return root(excess, edge / 1000, edge * (1 - share))

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return stationary runs with the claimed preconditioner, and squares in units of the posterior's variances."""
        (env,) = process.environments({**point, "preconditioner": tuple(claim)})
        pairs = zip(point["curvature"], preconditioned.mode_squares(env), strict=True)
        forms = tuple(weighted([(point["dataset_size"] * curvature, form)]) for curvature, form in pairs)
        return [_settled(env, point["learning_rate"], forms)]

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return ones."""
        return [sp.Integer(1)] * len(claim)


def excess_squares(temperature: Any, curvature: Any) -> Callable[[Environment], tuple[Form, ...]]:
    """Return the square of the displacement along each eigenvector less its mean under exp(-L/temperature)."""

    def forms(env: Environment) -> tuple[Form, ...]:
        pairs = zip(mode_squares(env), curvature, strict=True)
        return tuple(weighted([(1, square)], -temperature / eigenvalue) for square, eigenvalue in pairs)

    return forms


def _covariance(process: Process, env: Environment, rate: Any, recursion: Recursion) -> sp.Matrix:
    found = recursion.expectations(process, [_settled(env, rate, products(env))])
    d = len(env.minimum)
    return sp.Matrix(d, d, [sp.Rational(entry.numerator, entry.denominator) for entry in found])


def _settled(env: Environment, rate: Any, forms: tuple[Form, ...]) -> Arm:
    return Arm(env, (Branch(rate, env.minimum),), STATIONARY, forms)


def _rounded(entry: sp.Expr) -> sp.Rational:
    return sp.Rational(str(sp.N(entry, DIGITS)))
