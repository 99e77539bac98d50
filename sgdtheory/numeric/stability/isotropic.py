"""Isotropic Gaussian features and plain SGD: growth and tails of single runs by quadrature.

With H = h 1 every direction is alike, and a step turns a unit vector u into one of squared length

    (1 - c X)^2 + c^2 X Y,   c = eta h / m,   X ~ chi^2 with m, Y ~ chi^2 with d - 1 degrees of freedom:

X is the squared length of the batch's projections on u, and X Y / m^2 that of what H_B u holds across u. Source:
M. Gurbuzbalaban, U. Simsekli and L. Zhu, The heavy-tail phenomenon in SGD, 2021. The logarithm's singularity, at
X = 1 / c and Y = 0, lies at a corner of the two domains of a double exponential rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.special

REACH = 4.2  # of the rule: nodes out to exp(+-52)


@dataclass(frozen=True, eq=False)
class IsotropicStep:
    """The random factor by which a step of plain SGD stretches any vector.

    Attributes
    ----------
    scale
        eta h, the rate times the variance of each feature.
    dimension
        d.
    batch_size
        m.

    Examples
    --------
    >>> step = IsotropicStep(2 * 2 / (3 + 2 + 1), 3, 2)  # the limit in mean square, 2 m / (h (d + m + 1))
    >>> abs(round(step.log_moment(2.0), 9))  # there the second moment stays
    0.0
    """

    scale: float
    dimension: int
    batch_size: int

    def growth(self) -> float:
        """Return the expected logarithm of the factor: the top Lyapunov exponent."""
        logs, weights = self._law
        return float(weights @ logs)

    def log_moment(self, power: float) -> float:
        """Return log E[factor^power]."""
        logs, weights = self._law
        with np.errstate(divide="ignore"):
            return float(scipy.special.logsumexp(power * logs + np.log(weights)))

    @cached_property
    def _law(self) -> tuple[np.ndarray, np.ndarray]:
        """Return logarithms of the factor at the nodes, and the nodes' probabilities."""
        X, gap, weights = _around(self.batch_size, self.batch_size / self.scale)
        if self.dimension == 1:
            return np.log(gap), weights
        Y, across = _chi_square(self.dimension - 1)
        squares = gap[:, None] ** 2 + (self.scale / self.batch_size) ** 2 * X[:, None] * Y
        return np.log(squares).ravel() / 2, np.outer(weights, across).ravel()


def _density(x: np.ndarray, freedom: int) -> np.ndarray:
    half = freedom / 2
    return np.exp((half - 1) * np.log(x) - x / 2 - half * np.log(2) - scipy.special.gammaln(half))


def _half_line(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return nodes and weights of the double exponential rule on (0, infinity)."""
    t, step = np.linspace(-REACH, REACH, count, retstep=True)
    x = np.exp(np.pi / 2 * np.sinh(t))
    return x, x * np.pi / 2 * np.cosh(t) * step


def _chi_square(freedom: int, count: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Return nodes and probabilities of a chi^2 variable."""
    x, weights = _half_line(count)
    kept = x < 2000 + 20 * freedom
    x, weights = x[kept], weights[kept]
    return x, weights * _density(x, freedom)


def _around(freedom: int, corner: float, count: int = 600) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return nodes x of a chi^2 variable on either side of a corner, |1 - x / corner|, and probabilities."""
    t, step = np.linspace(-REACH, REACH, count, retstep=True)
    gap, share = (1 / (1 + np.exp(sign * np.pi * np.sinh(t))) for sign in (1, -1))
    below = corner * share, gap, corner * gap * share * np.pi * np.cosh(t) * step
    w, weights = _half_line(count)
    above = corner * (1 + w), w, corner * weights
    x, gaps, weights = (np.concatenate(pair) for pair in zip(below, above, strict=True))
    kept = x < 2000 + 20 * freedom
    return x[kept], gaps[kept], (weights * _density(x, freedom))[kept]
