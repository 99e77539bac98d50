"""What a simulation saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sgdtheory.numeric.engine.divergence import Diverged
from sgdtheory.numeric.engine.fluctuation_dissipation import FluctuationDissipation
from sgdtheory.optimizers import SGD
from sgdtheory.problems import Problem


@dataclass(frozen=True, eq=False)
class Run:
    """What a simulation saw: averages over independent replicas, each with its standard error.

    Two runs are equal only if they are the same object.

    Attributes
    ----------
    mean, covariance
        (d,) and (d, d), of the parameters: after the last step, or averaged over the steps after the burn-in.
    excess_loss, gradient_norm_squared
        Training loss above its minimum, and squared norm of the full gradient.
    lagged_covariance
        (lags, d, d): of the parameters with those ``lags`` steps earlier, in the order of ``lags``.
    mean_standard_error, covariance_standard_error, excess_loss_standard_error, gradient_norm_squared_standard_error, \
lagged_covariance_standard_error
        Estimated from the spread between replicas; infinite where two replicas are too few to show it.
    curve_steps, curve_loss, curve_standard_error
        Mean excess loss along the way, at some of the steps; of a time average, up to the end of the burn-in.
    problem, optimizer, start, steps, replicas, seed, backend, precision
        How it was run.
    time_average, burn_in, lags, control_variate
        How the averages were taken; ``burn_in`` is None for averages after the last step.
    witness
        Beside a run with control variate, one without it on other random numbers; else None.
    diverged
        What was lost of a run that was asked to report it: how many replicas had an excess loss without a finite square
        at one of the looks, the first of them, and its step; None if there were none. Looks are at ``curve_steps``, at
        the lags, and a few times in a time average.
    fluctuation_dissipation
        Whether the run is in balance, as once it is settled, without any theory of its noise: both sides of the
        fluctuation-dissipation relations, after the last step or at some looks of the time average.
    notes
        What a reader of the numbers should know, in sentences.
    """

    mean: np.ndarray
    mean_standard_error: np.ndarray
    covariance: np.ndarray
    covariance_standard_error: np.ndarray
    excess_loss: float
    excess_loss_standard_error: float
    gradient_norm_squared: float
    gradient_norm_squared_standard_error: float
    curve_steps: np.ndarray
    curve_loss: np.ndarray
    curve_standard_error: np.ndarray
    problem: Problem
    optimizer: SGD
    start: np.ndarray
    steps: int
    replicas: int
    seed: int
    backend: str
    precision: str = "float64"
    time_average: bool = False
    burn_in: int | None = None
    lags: tuple[int, ...] = ()
    lagged_covariance: np.ndarray | None = None
    lagged_covariance_standard_error: np.ndarray | None = None
    control_variate: bool = False
    witness: Run | None = None
    diverged: Diverged | None = None
    fluctuation_dissipation: FluctuationDissipation | None = None
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        how = f"{self.replicas} replicas, {self.steps} steps"
        if self.time_average:
            how += f" averaged from step {self.burn_in} on"
        how += f", {self.backend}"
        if self.precision != "float64":
            how += f" in {self.precision}"
        if self.diverged is not None:
            how += f", {self.diverged.count} LOST"
        loss = f"excess loss {self.excess_loss:.6g} +- {self.excess_loss_standard_error:.2g}"
        return f"<Run of {how}: {loss}{self._agreement()}>"

    def _agreement(self) -> str:
        if self.witness is None:
            return ""
        from sgdtheory.numeric.engine.witness import verdict

        return f"; {verdict(self, self.witness)}"

    def __str__(self) -> str:
        return "\n".join((repr(self), *(f"  note: {note}" for note in self.notes)))
