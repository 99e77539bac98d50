"""How far gradient descent on a data set is from where it would be on the population: a spread over data sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from sgdtheory.processes.forms import STATIONARY, Arm, Branch, all_products, coordinates
from sgdtheory.processes.observables import Recursion
from sgdtheory.processes.process import Environment, Process


@dataclass(frozen=True)
class DatasetCovariance:
    """The covariance over data sets of the parameters, all runs having one start.

    The mean over data sets, about which it is taken, comes from the recursion.

    Attributes
    ----------
    description
        What it is, for a reader.
    time
        STATIONARY, or the word of the point that holds the number of steps.
    """

    description: str
    time: str = STATIONARY

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the exact covariance."""
        return recursion.expectations(process, self.arms(process, point, (), recursion))

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return one arm for each data set, with the products about the mean over all of them."""
        from_truth = self._looks(process, point, lambda env: coordinates(sp.eye(len(env.truth)), env.truth))
        mean = sp.Matrix([_rational(entry) for entry in recursion.expectations(process, from_truth)])
        return self._looks(process, point, lambda env: all_products(env.truth + mean))

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return the claim: it is the expectation itself."""
        return list(claim)

    def _looks(self, process: Process, point: Mapping[str, Any], forms: Any) -> list[Arm]:
        time = STATIONARY if self.time == STATIONARY else int(point[self.time])
        return [
            Arm(env, (Branch(point["learning_rate"], _common_start(env, point)),), time, forms(env))
            for env in process.environments(point)
        ]


def _common_start(env: Environment, point: Mapping[str, Any]) -> sp.Matrix:
    """Return the true optimum displaced along the eigenvectors: the same place for every data set."""
    return env.truth + env.basis * sp.Matrix(point["displacement"])


def _rational(entry: Any) -> sp.Rational:
    return sp.Rational(entry.numerator, entry.denominator)
