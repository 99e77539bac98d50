"""Laws of SGD with a preconditioner: those of plain SGD in other coordinates, turned back."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import sympy as sp

from sgdtheory.algebra.derivation import tidy
from sgdtheory.errors import DomainError
from sgdtheory.numeric.arrays import NUMPY, OPERATOR, dot, kind_of
from sgdtheory.numeric.coordinates import divided, root_of
from sgdtheory.problems import Problem
from sgdtheory.problems.coordinates import in_coordinates
from sgdtheory.verbs.epoch_law import in_words
from sgdtheory.verbs.law import Law


class PreconditionedLaw(Law):
    """The law of theta = R phi, from that of phi."""

    def __init__(self, law: Law, problem: Problem, factor: Any) -> None:
        start = None if law.start is None else problem.minimum + factor @ (law.start - law.problem.minimum)
        self.problem, self.optimizer, self.limit = problem, law.optimizer, law.limit
        self.start, self.steps = start, law.steps
        self.exact, self.caveats, self.notes_on_spread = law.exact, law.caveats, law.notes_on_spread
        self.results = tuple(name for name in law.results if not name.endswith("gradient_norm"))  # type: ignore[misc]
        self._inner, self._factor = law, factor

    def _back(self, matrix: Any) -> Any:
        found = self._factor @ matrix @ self._factor.T
        return found.applyfunc(tidy) if isinstance(found, sp.MatrixBase) else found

    @cached_property
    def mean(self) -> Any:
        """Return the (d,) mean of the parameters."""
        if self.steps is None and not hasattr(self, "phase"):
            return self.problem.minimum
        found = self.problem.minimum + self._factor @ (self._inner.mean - self._inner.problem.minimum)
        return found.applyfunc(tidy) if isinstance(found, sp.MatrixBase) else found

    @cached_property
    def covariance(self) -> Any:
        """Return the (d, d) covariance of the parameters."""
        return self._back(self._inner.covariance)

    @cached_property
    def excess_loss(self) -> Any:
        """Return the expected loss above its minimum, which coordinates leave as it is."""
        found = self._inner.excess_loss
        return tidy(found) if isinstance(found, sp.Basic) else found

    @cached_property
    def gradient_norm_squared(self) -> Any:
        """Return the expected squared norm of the full gradient."""
        squared, offset = self.problem.hessian @ self.problem.hessian, self.mean - self.problem.minimum
        found = dot(squared, self.covariance) + dot(offset, squared @ offset)
        return float(found) if kind_of(found) == NUMPY else found

    @cached_property
    def velocity_covariance(self) -> Any:
        """Return the (d, d) covariance of the velocity, which gathers gradients; the preconditioner acts on its step.

        Raises
        ------
        DomainError
            Without momentum, where no velocity is held.
        """
        half = divided(self._factor.T, self._inner.velocity_covariance)
        return divided(self._factor.T, half.T)

    def autocovariance(self, lag: Any) -> Any:
        """Return the (d, d) covariance of the parameters ``lag`` steps later with those now; see ``Law``."""
        return self._back(self._inner.autocovariance(lag))

    @cached_property
    def contraction_rate(self) -> float:
        """Return the factor by which, in the long run, a step shrinks what is left of the start in second moments."""
        return self._inner.contraction_rate

    @cached_property
    def settling_factor(self) -> float:
        """Return the factor by which, in the long run, a step shrinks the distance from stationarity."""
        return self._inner.settling_factor

    @property
    def phase(self) -> int | None:
        """Batches into a shuffled epoch, as in ``ReshuffledLaw``; no attribute of laws of other sampling."""
        return self._inner.phase  # type: ignore[attr-defined]

    @property
    def batches(self) -> int:
        """Batches in a shuffled epoch; no attribute of laws of other sampling."""
        return self._inner.batches  # type: ignore[attr-defined]

    def at_phase(self, phase: int) -> PreconditionedLaw:
        """Return the stationary law after this many batches of a shuffled epoch."""
        return PreconditionedLaw(self._inner.at_phase(phase), self.problem, self._factor)  # type: ignore[attr-defined]

    def averaged(self) -> PreconditionedLaw:
        """Return the stationary law averaged over the batches of a shuffled epoch."""
        return PreconditionedLaw(self._inner.averaged(), self.problem, self._factor)  # type: ignore[attr-defined]

    def __repr__(self) -> str:
        phase = f", {in_words(self.phase)}" if self.steps is None and hasattr(self, "phase") else ""
        return f"{super().__repr__()[:-1]}{phase}, preconditioned>"


def turned_problem(problem: Problem, preconditioner: Any) -> tuple[Problem, Any]:
    """Return the problem in coordinates in which a preconditioner is the identity, and R: theta = R phi, P = R R'.

    Raises
    ------
    ShapeError
        If the preconditioner is neither (d, d) nor (d,).
    DomainError
        If it is not symmetric, or not positive definite; with numbers of a kind that the problem is not made of.
    NonFiniteError
        If it holds a NaN or an infinity.
    """
    if problem.kind == OPERATOR:
        raise NotImplementedError("preconditioners are not built for problems of operators; hand in dense matrices")
    if kind_of(preconditioner) not in (problem.kind, NUMPY):
        raise DomainError(
            "preconditioner and problem are made of different kinds of numbers",
            got=f"a preconditioner of {kind_of(preconditioner)} numbers for a problem of {problem.kind} numbers",
            allowed=f"a preconditioner of {problem.kind} numbers",
            mend="convert one of them",
        )
    factor = root_of(preconditioner, problem.kind, problem.dimension)
    return in_coordinates(problem, factor), factor
