"""The learning rate at which the mean step ceases to contract, and the first at which some radius is one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.optimize

from sgdtheory.numeric.moments.linear_optimizer import LinearOptimizer, check_delay, of
from sgdtheory.optimizers import SGD
from sgdtheory.processes.update import update

RATES = 48  # at which the loop's radius is looked at, before its first crossing is found
EIGENVALUES = 100  # times the work of a product, to find those of a matrix
LEAST = 1e-3  # times (1 - momentum) / (1 + delay), of the limit without a delay: a rate at which the mean converges
MOST = 1e30  # a radius beyond it, infinite where the mean diverges, would stop the search for the root
FINEST = 1e-4  # of the distance of two looks, to which a peak between them is located
NEAREST = 1e-9  # distance from the limit of the mean, over it, at which a radius below one means: no earlier limit


def mean_limit(largest_curvature: Any, momentum: Any = 0, nesterov: bool = False, delay: int = 0) -> Any:
    """Return the learning rate at which the mean step ceases to contract, from the optimizer's own update.

    Its determinant lies below one, so an eigenvalue leaves the unit circle at -1, where 1 + trace + determinant = 0.
    That sum is linear in the rate. Any operands with arithmetic will do. With a delay the eigenvalues turn as they
    leave, and the first rate at which they do is searched for, in numbers.

    Examples
    --------
    >>> mean_limit(2.0), round(mean_limit(2.0, 0.5), 12), round(mean_limit(2.0, 0.5, True), 12)
    (1.0, 1.5, 0.75)
    >>> round(mean_limit(2.0, delay=1), 12)  # 2 sin(pi / 6) / 2
    0.5
    """

    def margin(rate: int) -> Any:
        (a, c), (b, d) = (
            update(x, v, x, learning_rate=rate, momentum=momentum, nesterov=nesterov) for x, v in ((1, 0), (0, 1))
        )
        return 1 + a + d + a * d - b * c

    still = margin(0)
    at_once = still / (still - margin(1))
    if delay:
        at_once = _delayed_limit(SGD(at_once, 1, momentum, nesterov, delay=delay))
    return at_once / largest_curvature


def _delayed_limit(at_once: SGD) -> float:
    """Return the limit of the mean at curvature one, from that without the delay."""
    check_delay(at_once, 1, side=1, times=RATES * EIGENVALUES)

    def excess(rate: float) -> float:
        return -of(replace(at_once, learning_rate=rate)).slack(np.ones(1))

    rates = np.geomspace(LEAST * (1 - at_once.momentum) / (1 + at_once.delay), 2, RATES) * at_once.learning_rate
    found = first_rise(excess, map(float, rates))
    assert found is not None  # beyond twice the limit without the delay nothing converges
    return found


def first_rise(excess: Callable[[float], float], places: Iterable[float]) -> float | None:
    """Return the first place at which a smooth function that begins below zero reaches it; None if it never does.

    Parameters
    ----------
    excess
        The function.
    places
        Rising; the function is looked at there, and where it is higher than at both neighbours its peak is located, so
        that no window between two looks is stepped over.

    Examples
    --------
    >>> hump = lambda place: 0.01 - (place - 0.45) ** 2  # positive between 0.35 and 0.55
    >>> round(first_rise(hump, [0.0, 0.3, 0.6, 0.9]), 9)
    0.35
    """
    seen: list[tuple[float, float]] = []
    for place in places:
        seen = [*seen[-2:], (place, excess(place))]
        if len(seen) == 3 and seen[1][1] >= max(seen[0][1], seen[2][1]):
            (left, _), _, (right, _) = seen
            top = _peak(excess, left, right)
            if excess(top) >= 0:
                return _root(excess, left, top)
        if seen[-1][1] >= 0 and len(seen) > 1:
            return _root(excess, seen[-2][0], place)
    return None


def _peak(excess: Callable[[float], float], left: float, right: float) -> float:
    found = scipy.optimize.minimize_scalar(
        lambda place: -excess(place), bounds=(left, right), method="bounded", options={"xatol": FINEST * (right - left)}
    )
    return float(found.x)


def _root(excess: Callable[[float], float], below: float, above: float) -> float:
    return float(scipy.optimize.brentq(excess, below, above, xtol=1e-15 * max(abs(below), abs(above)), rtol=1e-14))


def first_crossing(radius: Callable[[LinearOptimizer], float], largest_curvature: float, optimizer: SGD) -> float:
    """Return the lowest learning rate at which a radius is one, or the limit of the mean where it never is."""
    most = mean_limit(largest_curvature, optimizer.momentum, optimizer.nesterov, optimizer.delay)

    def excess(place: float) -> float:
        rate = most / (1 + np.exp(-place))
        found = radius(of(replace(optimizer, learning_rate=rate)))
        return float(np.log(np.clip(found, 1 / MOST, MOST)))

    last = -float(np.log(NEAREST))
    # Where the radius rises with the rate, as for plain SGD and heavy ball, its two ends bracket the only crossing.
    rises = not optimizer.nesterov and not optimizer.delay
    places = np.array([0.0, last]) if rises else np.linspace(-4, last, RATES)
    while excess(places[0]) > 0:
        places = np.concatenate([[places[0] - 4], places])
    found = first_rise(excess, map(float, places))
    return float(most) if found is None else float(most / (1 + np.exp(-found)))
