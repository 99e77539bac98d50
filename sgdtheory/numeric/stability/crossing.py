"""The learning rate at which the mean step ceases to contract, and below it the first at which some radius is one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.optimize

from sgdtheory.numeric.moments.linear_optimizer import LinearOptimizer, of
from sgdtheory.optimizers import SGD
from sgdtheory.processes.update import update

RATES = 48  # at which the loop's radius is looked at, before its first crossing is found
MOST = 1e30  # a radius beyond it, infinite where the mean diverges, would stop the search for the root
NEAREST = 1e-9  # distance from the limit of the mean, over it, at which a radius below one means: no earlier limit


def mean_limit(largest_curvature: Any, momentum: Any = 0, nesterov: bool = False) -> Any:
    """Return the learning rate at which the mean step ceases to contract, from the optimizer's own update.

    Its determinant lies below one, so an eigenvalue leaves the unit circle at -1, where 1 + trace + determinant = 0.
    That sum is linear in the rate. Any operands with arithmetic will do.

    Examples
    --------
    >>> mean_limit(2.0), round(mean_limit(2.0, 0.5), 12), round(mean_limit(2.0, 0.5, True), 12)
    (1.0, 1.5, 0.75)
    """

    def margin(rate: int) -> Any:
        (a, c), (b, d) = (
            update(x, v, x, learning_rate=rate, momentum=momentum, nesterov=nesterov) for x, v in ((1, 0), (0, 1))
        )
        return 1 + a + d + a * d - b * c

    still = margin(0)
    return still / ((still - margin(1)) * largest_curvature)


def first_crossing(radius: Callable[[LinearOptimizer], float], largest_curvature: float, optimizer: SGD) -> float:
    """Return the lowest learning rate at which a radius is one, or the limit of the mean where it never is."""
    most = mean_limit(largest_curvature, optimizer.momentum, optimizer.nesterov)

    def excess(place: float) -> float:
        rate = most / (1 + np.exp(-place))
        found = radius(of(SGD(rate, 1, momentum=optimizer.momentum, nesterov=optimizer.nesterov)))
        return float(np.log(min(found, MOST))) if found > 0 else -np.inf

    last = -float(np.log(NEAREST))
    # Where the radius rises with the rate, as without Nesterov's momentum, its two ends bracket the only crossing.
    places = np.linspace(-4, last, RATES) if optimizer.nesterov else np.array([0.0, last])
    while excess(places[0]) > 0:
        places = np.concatenate([[places[0] - 4], places])
    below = float(places[0])
    for above in map(float, places[1:]):
        if excess(above) > 0:
            found = scipy.optimize.brentq(excess, below, above, xtol=1e-14, rtol=1e-14)
            return float(most / (1 + np.exp(-found)))
        below = above
    return float(most)
