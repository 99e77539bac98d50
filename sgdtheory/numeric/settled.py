"""Whether a run has settled far enough to be compared with a stationary law."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

import numpy as np

from sgdtheory.errors import NotStationaryError
from sgdtheory.numeric.engine.burn_in import LEFT, Settling
from sgdtheory.numeric.run import Run
from sgdtheory.verbs.laws import Law, stationary_law, transient_law

if TYPE_CHECKING:
    from sgdtheory.verbs.epoch_law import ReshuffledLaw
    from sgdtheory.verbs.preconditioned_law import PreconditionedLaw

OBSERVABLES = ("mean", "covariance", "excess_loss", "gradient_norm_squared")


def left_of_start(settling: Settling, run: Run, predicted: dict[str, np.ndarray]) -> dict[str, float]:
    """Return what may be left of the start in time averages, by name: no difference below it speaks against a law."""
    left = 2 * settling.left(run.burn_in)
    sizes = {name: float(predicted[name]) for name in OBSERVABLES[2:]}
    sizes["covariance"] = float(np.trace(predicted["covariance"]))  # bounds every entry of what is left
    found = {name: left * abs(size) for name, size in sizes.items()}
    return {"mean": settling.left_of_mean(run.burn_in), **found}


def check_burn_in(
    settling: Settling, run: Run, predicted: dict[str, np.ndarray], errors: dict[str, np.ndarray]
) -> list[str]:
    """Refuse time averages that began while the start was still felt; say how much of it is left where that matters.

    A burn-in as long as the default is never refused, however small the errors; see ``left_of_start``.
    """
    best = max(largest_ratio(predicted[name], errors[name]) for name in OBSERVABLES[1:])
    left = settling.left(run.burn_in)
    remainder = left * best if left else 0.0
    if remainder > 1 and left > LEFT:
        needed = settling.steps(max(0.1 / best, LEFT))
        raise NotStationaryError(
            "the run is not stationary yet when its time averages begin",
            got=f"a burn-in of {run.burn_in} steps, after which it is still {remainder:.3g} standard errors away",
            allowed=f"a burn-in of about {needed} steps or more",
            mend=f"simulate with burn_in={needed}, or leave burn_in out",
        )
    if remainder > 1:
        return [f"up to {left:.2g} of the start is left, more than a standard error; smaller differences are not seen"]
    return [f"the run is up to {remainder:.2g} standard errors from stationary"] if remainder > 0.1 else []


def as_seen(law: Law, run: Run) -> Law:
    """Return a law as a run sees it: under shuffled epochs at the phase of its last step, or averaged over an epoch."""
    if law.steps is not None or getattr(law, "phase", None) != 0:
        return law
    epoch = cast("ReshuffledLaw | PreconditionedLaw", law)  # laws of other sampling have no phase
    return epoch.averaged() if run.time_average else epoch.at_phase(run.steps % epoch.batches)


def check_settled(run: Run, errors: dict[str, np.ndarray], rounding: dict[str, float]) -> list[str]:
    """Refuse a run that is still settling; mention a remainder that is small but not negligible."""
    try:
        now = transient_law(run.problem, run.optimizer, run.start, run.steps)
    except NotImplementedError:
        return ["whether the run has settled was not checked, because its transient law is not known"]
    later = as_seen(stationary_law(run.problem, run.optimizer), run)
    remainder = 0.0
    for name in OBSERVABLES:
        left = np.abs(getattr(now, name) - getattr(later, name))
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(left <= rounding[name], 0.0, left / errors[name])  # infinite where there is no noise
        remainder = max(remainder, float(np.max(ratio)))
    if remainder > 1:
        rate = later.settling_factor
        # Without noise there is no standard error to wait for; a factor 1e-12 is as good as settled.
        fall = math.log(10 * remainder) if math.isfinite(remainder) else math.log(1e13)
        needed = run.steps + (1 if rate == 0 else math.ceil(fall / -math.log(rate)))
        raise NotStationaryError(
            "the run is not stationary yet",
            got=f"{run.steps} steps, after which it is still {remainder:.3g} standard errors away",
            allowed=f"about {needed} steps or more",
            mend=f"simulate {needed} steps, or compare with transient_law(..., steps={run.steps})",
        )
    return [f"the run is {remainder:.2g} standard errors from stationary"] if remainder > 0.1 else []


def largest_ratio(scale: np.ndarray, error: np.ndarray) -> float:
    """Return the best ratio of size to error over the components; without noise any error is seen."""
    if not np.any(error > 0):
        return math.inf
    return float((np.abs(scale)[error > 0] / error[error > 0]).max())
