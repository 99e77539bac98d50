"""Stochastic gradient Fisher scoring: steps with a preconditioner, which also multiplies noise that is injected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from sgdtheory.processes import preconditioned
from sgdtheory.processes.process import Environment, point


def total_noise(values: Mapping[str, Any]) -> sp.Matrix:
    """Return the covariance of a step's noise, counted as noise of the gradient: C/m + E/eta."""
    injected = sp.Matrix(values["injected_noise"]) / values["learning_rate"]
    return sp.Matrix(values["noise"]) / values["batch_size"] + injected


def environments(values: Mapping[str, Any]) -> tuple[Environment, ...]:
    """Return the one setting of a point: that of preconditioned SGD, with the total noise.

    It goes with the point's own learning rate.
    """
    return preconditioned.environments({**values, "noise": total_noise(values).tolist(), "batch_size": sp.Integer(1)})


def point_with_best_preconditioner(**words: Any) -> Mapping[str, Any]:
    """Return a point with the preconditioner 2 (D (eta C/m + E) + eta H)^-1, in the eigenbasis of H."""
    values = point(**words)
    noise = {"noise": total_noise(values).tolist(), "batch_size": 1}
    best = preconditioned.point_with_best_preconditioner(**{**values, **noise})["preconditioner"]
    return point(**words, preconditioner=best)


fisher_scoring = replace(
    preconditioned.preconditioned,
    name="stochastic gradient Fisher scoring",
    description="theta' = theta - eta P g_B + sqrt(eta) P xi, with the mini-batch gradient g_B of a quadratic loss,"
    " whose noise has covariance C/m, and injected noise xi of covariance E; both together are a gradient with noise n"
    " that is independent of theta, with mean zero and covariance C/m + E/eta; it is written for phi, where"
    " theta = R phi and P = R R'",
    environments=environments,
)
