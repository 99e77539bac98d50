"""What closed forms predict of shuffled epochs beyond one moment at one batch: averages over an epoch, and ratios."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from sgdtheory.processes.forms import STATIONARY, Arm, Branch, Form, weighted
from sgdtheory.processes.observables import Recursion
from sgdtheory.processes.process import Environment, Process
from sgdtheory.processes.spread import mode_squares


@dataclass(frozen=True)
class EpochAverage:
    """The expectation of quadratic forms of the state, stationary, averaged over the batches of an epoch.

    Attributes
    ----------
    description
        What it is, for a reader.
    forms
        From a setting to the forms.
    """

    description: str
    forms: Callable[[Environment], tuple[Form, ...]]

    def arms(
        self,
        process: Process,
        point: Mapping[str, Any],
        claim: Sequence[Any] = (),
        recursion: Recursion | None = None,
    ) -> list[Arm]:
        """Return one arm for each batch of the epoch; a run looks at one of them, drawn at random."""
        return _looks(process, point, self.forms, range(int(point["batches_per_epoch"])))

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the exact expectations."""
        return recursion.expectations(process, self.arms(process, point))

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return the claim: it is the expectation itself."""
        return list(claim)


@dataclass(frozen=True)
class VarianceRatio:
    """The variance along each eigenvector in shuffled epochs over that with fresh batches, stationary.

    Attributes
    ----------
    description
        What it is, for a reader.
    averaged
        Whether the variance in shuffled epochs is averaged over an epoch; it is that at the end if not.
    """

    description: str
    averaged: bool = False

    def _shuffled(self, process: Process, point: Mapping[str, Any]) -> list[Arm]:
        count = int(point["batches_per_epoch"]) if self.averaged else 1
        return _looks(process, point, mode_squares, range(count))

    def _fresh(self, process: Process, point: Mapping[str, Any]) -> list[Arm]:
        return _looks(process, {**point, "sampling": "without_replacement"}, mode_squares, range(1))

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the ratios of the exact expectations."""
        shuffled, fresh = (
            recursion.expectations(process, arms(process, point)) for arms in (self._shuffled, self._fresh)
        )
        return [over / under for over, under in zip(shuffled, fresh, strict=True)]

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return runs of both kinds, one half each, whose forms add up to variance minus claim times variance."""
        ones = [sp.Integer(1)] * len(claim)
        return [
            _scaled(arm, factors)
            for arms, factors in (
                (self._shuffled(process, point), ones),
                (self._fresh(process, point), [-ratio for ratio in claim]),
            )
            for arm in arms
        ]

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return zeros."""
        return [sp.Integer(0)] * len(claim)


def _looks(
    process: Process, point: Mapping[str, Any], forms: Callable[[Environment], tuple[Form, ...]], phases: range
) -> list[Arm]:
    """Return stationary arms for each setting and phase, all phases being equally likely."""
    return [
        Arm(
            replace(env, weight=env.weight / len(phases)),
            (Branch(point["learning_rate"], env.minimum),),
            STATIONARY,
            forms(env),
            phase=phase,
        )
        for env in process.environments(point)
        for phase in phases
    ]


def _scaled(arm: Arm, factors: Sequence[Any]) -> Arm:
    """Return an arm with half the weight and twice the forms, each times its factor."""
    forms = tuple(weighted([(2 * factor, form)]) for factor, form in zip(factors, arm.forms, strict=True))
    return replace(arm, environment=replace(arm.environment, weight=arm.environment.weight / 2), forms=forms)
