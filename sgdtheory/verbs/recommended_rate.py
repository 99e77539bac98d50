"""The learning rate that ``predict`` recommends."""

from __future__ import annotations

import math
from functools import cache

from sgdtheory.optimizers import SGD
from sgdtheory.problems import LeastSquares
from sgdtheory.verbs.laws import stationary_law

FLOOR_SHARE = 0.05  # a recommended rate costs at most this share of the minimum loss
RULE = (
    "the smaller of half the stability limit and the rate whose noise floor is 5 % of the minimum loss (half the limit"
    " where the data are fitted exactly), rounded down to 3 digits"
)
ROUNDING = 1e-24  # a loss this much smaller than that of the start is zero


def recommended_rate(problem: LeastSquares, batch_size: int, sampling: str, limit: float) -> float:
    """Return the learning rate that ``RULE`` recommends, from the stability limit in mean square."""
    from scipy.optimize import brentq

    target = FLOOR_SHARE * problem.loss(problem.minimum)

    @cache  # the ends of the bracket are looked at again
    def share(slowness: float) -> float:
        """Return the target over the noise floor of a learning rate, from one over that rate."""
        floor = stationary_law(problem, SGD(1 / slowness, batch_size, sampling=sampling)).excess_loss
        return target / floor if floor else math.inf  # a batch may hold all samples

    fastest = 2 / limit
    # Where data are fitted without noise no floor limits the rate.
    if fits_exactly(problem) or share(fastest) >= 1:
        return _round_down(limit / 2)
    # The share is nearly affine in the slowness; it grows faster, for the floor grows faster than the rate.
    slowest = 2 * fastest / share(fastest)
    return _round_down(1 / brentq(lambda slowness: share(slowness) - 1, fastest, slowest, rtol=1e-8))


def fits_exactly(problem: LeastSquares) -> bool:
    """Return whether the data leave no loss at the minimum but rounding."""
    return problem.loss(problem.minimum) <= ROUNDING * problem.loss(0 * problem.minimum)


def _round_down(rate: float) -> float:
    digit = 10.0 ** (math.floor(math.log10(rate)) - 2)
    return float(f"{math.floor(rate / digit * (1 + 1e-12)) * digit:.3g}")
