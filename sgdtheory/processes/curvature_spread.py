"""Observable of the spread of the samples' curvatures at which the mean square stops converging."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from sgdtheory.processes.forms import Arm
from sgdtheory.processes.observables import Recursion, geometric_arm, root, started_arm
from sgdtheory.processes.process import Process


@dataclass(frozen=True)
class LargestSpread:
    """The variance of the samples' curvatures at which the mean square neither decays nor grows, in one dimension.

    The samples' curvatures of a point are spread about their mean until it is reached.
    """

    description: str = "variance of the samples' curvatures at which the mean square stops converging"

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the variance."""

        def growth(variance: Any) -> float:
            arm = started_arm(process, _spread(point, variance), point["learning_rate"])
            return recursion.growth(process, arm, 2) - 1

        low, high = sp.Rational(1, 1000), sp.Integer(1)
        while growth(high) < 0:
            low, high = high, 2 * high
        return [root(growth, low, high)]

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return runs with curvatures of the claimed variance, and a form that is multiplied by one factor."""
        values = _spread(point, claim[0])
        return [geometric_arm(process, values, point["learning_rate"], 2, recursion)]

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return one, where the form starts: it neither grows nor shrinks."""
        return [sp.Integer(1)]


def _spread(point: Mapping[str, Any], variance: Any) -> Mapping[str, Any]:
    """Return the point with its samples' curvatures spread about their mean to a variance."""
    mean, scale = point["curvature"], sp.sqrt(variance / point["curvature_spread"])
    return {**point, "sample_curvatures": tuple(mean + scale * (h - mean) for h in point["sample_curvatures"])}
