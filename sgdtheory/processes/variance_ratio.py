"""The variance in shuffled epochs over that with fresh batches: a ratio between two kinds of runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from sgdtheory.processes.forms import Arm, weighted
from sgdtheory.processes.observables import Moment, Recursion
from sgdtheory.processes.process import Process
from sgdtheory.processes.spread import mode_squares


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

    def _runs(self, process: Process, point: Mapping[str, Any]) -> tuple[list[Arm], list[Arm]]:
        """Return the shuffled runs and the fresh ones."""
        shuffled = Moment(self.description, mode_squares, epoch="batches_per_epoch" if self.averaged else None)
        fresh = Moment(self.description, mode_squares)
        return shuffled.arms(process, point), fresh.arms(process, {**point, "sampling": "without_replacement"})

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the ratios of the exact expectations."""
        shuffled, fresh = (recursion.expectations(process, arms) for arms in self._runs(process, point))
        return [over / under for over, under in zip(shuffled, fresh, strict=True)]

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return runs of both kinds, one half each, whose forms add up to variance minus claim times variance."""
        shuffled, fresh = self._runs(process, point)
        scaled = [_scaled(arm, [sp.Integer(1)] * len(claim)) for arm in shuffled]
        return scaled + [_scaled(arm, [-ratio for ratio in claim]) for arm in fresh]

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return zeros."""
        return [sp.Integer(0)] * len(claim)


def _scaled(arm: Arm, factors: Sequence[Any]) -> Arm:
    """Return an arm with half the weight and twice the forms, each times its factor."""
    forms = tuple(weighted([(2 * factor, form)]) for factor, form in zip(factors, arm.forms, strict=True))
    return replace(arm, environment=replace(arm.environment, weight=arm.environment.weight / 2), forms=forms)
