"""The verdict of a run on itself: whether what fluctuates and what dissipates are in balance, as once it is settled."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from sgdtheory.numeric.engine.balance import held, shares_of
from sgdtheory.numeric.engine.model import Model
from sgdtheory.numeric.engine.plan import Plan
from sgdtheory.numeric.engine.statistics import JointSums

FALSE_ALARM = 1e-4
ROUNDING = 4  # times the first-order bound
RESHUFFLED = (
    "batches of a shuffled epoch depend on those before them, so a batch's noise depends on where the run is, and the"
    " relations do not hold step by step"
)
DELAYED = "gradients are taken where the run was before, and the relations are those of gradients taken where it is"


@dataclass(frozen=True)
class Relation:
    """One fluctuation-dissipation relation.

    Attributes
    ----------
    left, right
        Its two sides, averaged over the replicas.
    standard_error
        Of the difference of the sides, from the spread between replicas.
    z
        The difference in standard errors; zero where rounding explains it.
    """

    left: float
    right: float
    standard_error: float
    z: float


@dataclass(frozen=True)
class FluctuationDissipation:
    """How far a run is in balance, which says without any theory of its noise whether it has settled.

    Attributes
    ----------
    first
        <(theta - theta*)' grad L> against (1 + momentum) / (2 learning_rate) <|moved|^2>, for any loss.
    second
        <|grad L|^2> against (1 + momentum) / (2 learning_rate) <moved' H moved>; None where the loss is not quadratic.
    pflug, pflug_standard_error
        Pflug's statistic, -<step' next gradient> / learning_rate: without momentum the mean product of the gradients of
        two successive batches. Positive while the run makes way, negative once it goes to and fro; in balance it is
        -<step' H step> / (2 learning_rate), whatever the momentum.
    critical
        Largest \\|z\\| that is accepted: a settled run exceeds it with probability ``false_alarm``.
    false_alarm
        See ``critical``; more where few replicas are averaged, whose average squares are not normal.
    reason
        Why there are no relations; empty if there are.

    Notes
    -----
    With Nesterov's momentum the left sides are taken at theta + momentum * learning_rate * velocity, that is before
    looking ahead. ``moved`` is the next step without momentum, with it the last one, learning_rate * velocity.

    Sources: Yaida (2019), Fluctuation-dissipation relations for stochastic gradient descent, eqs. (FDR1), (FDR2); Pflug
    (1990), Non-asymptotic confidence bounds for stochastic approximation algorithms with constant step size.
    """

    first: Relation | None
    second: Relation | None
    pflug: float
    pflug_standard_error: float
    critical: float
    false_alarm: float = FALSE_ALARM
    reason: str = ""

    @property
    def z(self) -> float:
        """The largest \\|z\\| of the relations; NaN if there are none, or replicas were lost."""
        found = [abs(relation.z) for relation in (self.first, self.second) if relation is not None]
        return max(found, key=lambda z: math.inf if math.isnan(z) else z, default=math.nan)

    @property
    def settled(self) -> bool | None:
        """Whether the relations hold within their errors; None where nothing can be said."""
        return None if math.isnan(self.z) else self.z <= self.critical

    def __str__(self) -> str:
        if self.reason:
            return f"fluctuation-dissipation relations are left out: {self.reason}"
        if self.settled is None:
            return "fluctuation-dissipation relations: nothing to compare, replicas were lost"
        accepted = f"largest |z| {self.z:.2f} of at most {self.critical:.2f}"
        if self.settled:
            return f"fluctuation and dissipation are in balance ({accepted})"
        sides = self.first if self.first is not None and abs(self.first.z) == self.z else self.second
        way = "more dissipates than fluctuates" if sides and sides.z > 0 else "more fluctuates than dissipates"
        return f"THE RUN HAS NOT SETTLED: {way} ({accepted})"


def fluctuation_dissipation(plan: Plan, statistics: dict[str, JointSums], *, lost: bool) -> FluctuationDissipation:
    """Return the verdict from merged statistics."""
    if not held(plan):
        reason = RESHUFFLED if plan.optimizer.sampling == "reshuffle" else DELAYED
        return FluctuationDissipation(None, None, math.nan, math.nan, math.nan, reason=reason)
    sums, pflug = statistics["balance"], statistics["pflug"]
    spoilt = math.nan if lost else 1.0
    left, right, size = sums.averages * spoilt
    count, cross = sums.count, sums.cross
    variance = (cross[0, 0] - 2 * cross[0, 1] + cross[1, 1]) / (count - 1) / count
    errors = np.sqrt(np.maximum(variance, 0.0)) * spoilt
    # A step is the difference of two points, each rounded, and the full gradient is known as well as at the minimum.
    unit, share = float(np.finfo(plan.precision).eps), shares_of(plan)
    pushed = _push(plan.model, unit) * np.array([1.0, np.linalg.norm(plan.hessian, 2) ** 0.5])
    rounded = ROUNDING * (unit * (2 * np.sqrt(share * right * size) + unit * share * size) + pushed * np.sqrt(size))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(np.abs(left - right) <= rounded, 0.0, (left - right) / errors)  # infinite where there is no noise
    relations = [Relation(*map(float, found)) for found in zip(left, right, errors, z, strict=True)]
    first, second = relations if plan.linear else (relations[0], None)
    critical = -float(stdtrit(count - 1, FALSE_ALARM / (2 if plan.linear else 1) / 2))
    return FluctuationDissipation(
        first, second, float(pflug.averages[0]) * spoilt, float(pflug.standard_errors[0]) * spoilt, critical
    )


def _push(model: Model, unit: float) -> float:
    """Return how large rounding may make the full gradient at the minimum: a run without noise rests beside it.

    A model that holds no samples adds noise to a gradient that is zero there.
    """
    gradients = getattr(model, "gradients", None)
    if gradients is None:
        return 0.0
    return float(np.linalg.norm(gradients.mean(axis=0)) + unit * np.linalg.norm(gradients, axis=1).mean())
