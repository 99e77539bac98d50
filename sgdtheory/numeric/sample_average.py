"""Averages over samples, or over weighted nodes: the tables of a quadratic loss, in floating point."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sgdtheory.errors import DomainError, NonFiniteError
from sgdtheory.numeric.second_moments import GradientNoise

ACCURATE = 1e-7  # relative change between two sets of nodes


class WeightedAverage:
    """The average of a loss constant + b'theta + theta'A theta/2 over the data.

    Parameters
    ----------
    functions
        Curvature A, slope b and constant as functions of the data symbols' values.
    nodes, weights
        (N, k) values of the data and their weights, which add up to one.
    """

    def __init__(self, functions: Sequence[Callable[..., np.ndarray]], nodes: np.ndarray, weights: np.ndarray) -> None:
        with np.errstate(over="ignore", invalid="ignore"):
            curvatures, slopes, constants = (function(*nodes.T) for function in functions)
            hessian = np.tensordot(weights, curvatures, 1)
        if not np.isfinite(hessian).all():
            raise NonFiniteError(
                "the expected Hessian overflows",
                got="data whose products exceed the range of floating point",
                allowed="data of moderate scale",
                mend="rescale the data, for example to variance one",
            )
        self._curvatures, self._slopes, self._weights = curvatures, slopes, weights
        self.hessian, self.slope = (hessian + hessian.T) / 2, weights @ slopes
        self.constant = float(weights @ constants)

    def noise(self, minimum: np.ndarray) -> GradientNoise:
        """Return the gradient covariance around the minimum; of samples, with divisor D.

        Deviations are formed sample by sample, so that large means do not cancel.
        """
        d, weights = len(minimum), self._weights
        residual = self._curvatures @ minimum + self._slopes
        residual = residual - weights @ residual
        flat = (self._curvatures - self.hessian).reshape(len(weights), d * d)
        weighted = (flat * weights[:, None]).T
        square = (weighted @ flat).reshape(d, d, d, d).transpose(0, 2, 1, 3)  # from places ik, jl to ij, kl
        mixed = (weighted @ residual).reshape(d, d, d)  # ik, j
        return GradientNoise(
            (residual * weights[:, None]).T @ residual,
            mixed.transpose(0, 2, 1) + mixed.transpose(2, 0, 1),
            (square + square.transpose(0, 1, 3, 2)) / 2,
        )

    def check_against(self, coarse: WeightedAverage) -> None:
        """Refuse expectations that change with the number of nodes."""
        origin = np.zeros(len(self.slope))
        fine_noise, coarse_noise = self.noise(origin), coarse.noise(origin)
        pairs = [(self.hessian, coarse.hessian)]
        pairs += [(getattr(fine_noise, name), getattr(coarse_noise, name)) for name in ("floor", "spread")]
        for one, two in pairs:
            change = float(np.abs(one - two).max())
            if not change <= ACCURATE * max(float(np.abs(one).max()), 1e-300):
                raise DomainError(
                    "the expectations of the loss cannot be integrated accurately",
                    got=f"a change of {change:.2g} between two sets of nodes",
                    allowed=f"a relative change below {ACCURATE:g}",
                    mend="draw samples from the law and hand in the array",
                )
