"""Averages over samples, or over weighted nodes: the tables of a quadratic loss, in floating point."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sgdtheory.errors import DomainError, NonFiniteError
from sgdtheory.numeric.second_moments import GradientNoise

ACCURATE = 1e-7  # relative change between two sets of nodes
EPSILON = np.finfo(float).eps


class WeightedAverage:
    """The average of a loss constant + b'theta + theta'A theta/2 over the data.

    Parameters
    ----------
    functions
        Curvature A, slope b and constant as functions of the data symbols' values.
    nodes, weights
        (N, k) values of the data and their weights, which add up to one.
    names
        Of the k data symbols, for errors.

    Raises
    ------
    NonFiniteError
        If the loss has no value at a node, or an average overflows.
    """

    def __init__(
        self,
        functions: Sequence[Callable[..., np.ndarray]],
        nodes: np.ndarray,
        weights: np.ndarray,
        names: Sequence[object],
    ) -> None:
        with np.errstate(all="ignore"):
            curvatures, slopes, constants = (function(*nodes.T) for function in functions)
            check_values((curvatures, slopes, constants), nodes, names)
            self._weights, self._curvatures, self._slopes = weights, curvatures, slopes
            hessian, self._deviations = _centred(weights, curvatures, rounding=4 * EPSILON)
            self.slope, _ = _centred(weights, slopes)
            self.constant = float(weights @ constants)
        self.hessian = (hessian + hessian.T) / 2
        for name, found in (("Hessian", hessian), ("gradient", self.slope), ("loss", self.constant)):
            check_finite(f"the expected {name}", found)

    def noise(self, minimum: np.ndarray) -> GradientNoise:
        """Return the gradient covariance around the minimum; of samples, with divisor D.

        Deviations are formed sample by sample, so that large means do not cancel.

        Raises
        ------
        NonFiniteError
            If it overflows, or underflows to nothing.
        """
        d, weights = len(minimum), self._weights
        with np.errstate(all="ignore"):
            _, residual = _centred(weights, self._curvatures @ minimum + self._slopes)
            flat = self._deviations.reshape(len(weights), d * d)
            weighted = (flat * weights[:, None]).T
            square = (weighted @ flat).reshape(d, d, d, d).transpose(0, 2, 1, 3)  # from places ik, jl to ij, kl
            mixed = (weighted @ residual).reshape(d, d, d)  # ik, j
            floor = (residual * weights[:, None]).T @ residual
        for part in (floor, mixed, square):
            check_finite("the gradient covariance", part)
        if (flat.any() and not square.any()) or (residual.any() and not floor.any()):
            raise _out_of_range("the gradient covariance underflows")
        return GradientNoise(
            floor,
            mixed.transpose(0, 2, 1) + mixed.transpose(2, 0, 1),
            (square + square.transpose(0, 1, 3, 2)) / 2,
        )

    def check_against(self, coarse: WeightedAverage) -> None:
        """Refuse expectations that change with the number of nodes by more than rounding."""
        origin = np.zeros(len(self.slope))
        fine_noise, coarse_noise = self.noise(origin), coarse.noise(origin)
        # Mean squares: what is rounded before the squares of the means are subtracted.
        bent = np.tensordot(self._weights, self._curvatures**2, 1).max()
        steep = (self._weights @ self._slopes**2).max()
        pairs = [(self.hessian, coarse.hessian, np.sqrt(bent))]
        pairs += [(fine_noise.floor, coarse_noise.floor, steep), (fine_noise.spread, coarse_noise.spread, bent)]
        for one, two, scale in pairs:
            change = float(np.abs(one - two).max())
            if not change <= ACCURATE * float(np.abs(one).max()) + 64 * EPSILON * scale:
                raise DomainError(
                    "the expectations of the loss cannot be integrated accurately",
                    got=f"a change of {change:.2g} between two sets of nodes",
                    allowed=f"a relative change below {ACCURATE:g}",
                    mend="draw samples from the law and hand in the array",
                )


def _centred(weights: np.ndarray, values: np.ndarray, rounding: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Return the average and the deviations from it, exactly zero where all values are one but for rounding."""
    average = np.tensordot(weights, values, 1)
    constant = np.ptp(values, axis=0) <= rounding * np.abs(values[0])
    average = np.where(constant, values[0], average)  # the weights add up to one but for rounding
    return average, np.where(constant, 0.0, values - average)


def check_values(parts: Sequence[np.ndarray], nodes: np.ndarray, names: Sequence[object]) -> None:
    """Refuse data at which a part of the loss, (N, ...), is not a number."""
    for part in parts:
        wrong = np.isnan(part).reshape(len(part), -1).any(axis=1)
        if wrong.any():
            row = nodes[int(np.argmax(wrong))]
            place = ", ".join(f"{name} = {value:.6g}" for name, value in zip(names, row, strict=True))
            raise NonFiniteError(
                f"the loss has no value at {place}",
                got="a root or logarithm of a negative number, 0/0, or a difference of two infinities",
                allowed="losses that are real wherever the data can be",
                mend="take a law of the data that stays where the loss is real; rescale data beyond 1e70",
            )


def check_finite(name: str, value: object) -> None:
    """Refuse an average that overflowed."""
    if not np.isfinite(np.asarray(value, dtype=float)).all():
        raise _out_of_range(f"{name} overflows")


def _out_of_range(what: str) -> NonFiniteError:
    return NonFiniteError(
        what,
        got="data whose products leave the range of floating point",
        allowed="data of moderate scale",
        mend="rescale the data, for example to variance one",
    )
