"""The run beside a control variate that does without one: an independent check of what the control variate assumes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtrit

if TYPE_CHECKING:
    from sgdtheory.numeric.run import Run

FALSE_ALARM = 1e-6
LEAST, SHARE = 64, 8
OBSERVABLES = ("mean", "covariance", "lagged_covariance", "excess_loss", "gradient_norm_squared")


def chains(replicas: int) -> int:
    """Return how many replicas a witness has."""
    return max(LEAST, replicas // SHARE)


def agreement(run: Run, witness: Run) -> tuple[float, float]:
    """Return the largest difference between two runs in its standard errors, and how large it may be.

    The larger of two agreeing runs' differences exceeds that with probability ``FALSE_ALARM`` at most, if averages over
    replicas are normal: a t test of each observable with the witness's degrees of freedom, by Bonferroni over all.
    """
    largest, comparisons = 0.0, 0
    for name in OBSERVABLES:
        difference = np.abs(np.asarray(getattr(run, name)) - getattr(witness, name))
        errors = (np.asarray(getattr(each, f"{name}_standard_error")) for each in (run, witness))
        error = np.sqrt(sum(each**2 for each in errors))
        with np.errstate(invalid="ignore", divide="ignore"):
            z = np.where(difference <= 1e-12 * np.abs(getattr(witness, name)), 0.0, difference / error)
        largest = max(largest, float(np.max(z, initial=0.0)))
        comparisons += z.size
    return largest, float(-stdtrit(witness.replicas - 1, FALSE_ALARM / comparisons / 2))


def warning(run: Run, witness: Run) -> tuple[str, ...]:
    """Return a loud sentence if the two disagree."""
    z, critical = agreement(run, witness)
    if z <= critical:
        return ()
    return (
        f"THE WITNESS DISAGREES: a run of {witness.replicas} replicas without control variate is {z:.1f} standard"
        f" errors away, where at most {critical:.1f} happen by chance (false alarm {FALSE_ALARM:g}); distrust this run",
    )
