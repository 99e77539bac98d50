"""The run beside a control variate that does without one: an independent check of what the control variate assumes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtrit

from sgdtheory.numeric.engine.rounding import rounding_of

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
    Differences that rounding can leave count as none. Numbers that cannot be compared, such as NaN, make it NaN.
    """
    values = {name: np.asarray(getattr(witness, name), dtype=float) for name in OBSERVABLES}
    rounding = rounding_of(witness.problem, witness.start, values, witness.precision)
    scores = []
    for name, value in values.items():
        difference = np.abs(np.asarray(getattr(run, name)) - value)
        errors = (np.asarray(getattr(each, f"{name}_standard_error")) for each in (run, witness))
        with np.errstate(invalid="ignore", divide="ignore"):
            z = difference / np.sqrt(sum(each**2 for each in errors))
        scores.append(np.where(difference <= rounding[name], 0.0, z).ravel())
    z = np.concatenate(scores)
    return float(np.max(z)), float(-stdtrit(witness.replicas - 1, FALSE_ALARM / len(z) / 2))


def verdict(run: Run, witness: Run) -> str:
    """Return what the witness says, in a few words."""
    z, critical = agreement(run, witness)
    if np.isnan(z):
        return "there is nothing to compare with the witness without control variate"
    word = "agrees" if z <= critical else "DISAGREES"
    return f"the witness without control variate {word} (largest |z| {z:.2f} of at most {critical:.2f})"


def warning(run: Run, witness: Run) -> tuple[str, ...]:
    """Return a loud sentence unless the two agree."""
    z, critical = agreement(run, witness)
    if np.isnan(z):
        return (
            "THE WITNESS CANNOT BE COMPARED: some averages of this run or of its witness are not numbers;"
            " nothing supports this run",
        )
    if z <= critical:
        return ()
    return (
        f"THE WITNESS DISAGREES: a run of {witness.replicas} replicas without control variate is {z:.1f} standard"
        f" errors away, where at most {critical:.1f} happen by chance (false alarm {FALSE_ALARM:g}); distrust this run",
    )
