"""The expected loss where it is not quadratic: averages over nodes, and Newton's way to the minimum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from sgdtheory.errors import DomainError
from sgdtheory.numeric.compiled import compiled
from sgdtheory.numeric.sample_average import check_values

STEPS = 200
AT_REST = 1e-10  # gradient at the minimum that is found, in standard deviations of one sample's
GIVEN = 1e-6  # and at a minimum that a person gives
ACCURATE = 1e-7  # relative change of Hessian and noise between two sets of nodes


@dataclass(frozen=True)
class Around:
    """Expected loss, gradient (d,), Hessian (d, d) and gradient covariance (d, d) at a point."""

    loss: float
    gradient: np.ndarray
    hessian: np.ndarray
    noise: np.ndarray

    @property
    def tilt(self) -> float:
        """The gradient in standard deviations of one sample's gradient."""
        spread = np.sqrt(np.diagonal(self.noise) + self.gradient**2)
        return float(np.max(np.abs(self.gradient) / np.where(spread > 0, spread, 1.0)))


class ExpectedLoss:
    """The average over nodes of a per-sample loss.

    Parameters
    ----------
    loss
        The loss of one sample.
    parameters, data
        Its symbols.
    nodes, weights
        (N, k) values of the data and their weights, which add up to one.
    """

    def __init__(
        self,
        loss: sp.Expr,
        parameters: Sequence[sp.Symbol],
        data: Sequence[sp.Symbol],
        nodes: np.ndarray,
        weights: np.ndarray,
    ) -> None:
        gradient = [sp.diff(loss, p) for p in parameters]
        hessian = [[sp.diff(g, p) for p in parameters] for g in gradient]
        arguments = (*parameters, *data)
        self._parts = tuple(compiled(part, arguments) for part in (loss, gradient, hessian))
        self._columns, self._weights = list(nodes.T), weights
        self._nodes, self._names = nodes, data

    def at(self, theta: np.ndarray) -> Around:
        """Return everything at a point, (d,)."""
        with np.errstate(all="ignore"):
            loss, gradient, hessian = (part(*theta, *self._columns) for part in self._parts)
            mean = self._weights @ gradient
            centred = gradient - mean
            noise = (self._weights[:, None] * centred).T @ centred
            return Around(
                float(self._weights @ loss), mean, np.tensordot(self._weights, hessian, 1), (noise + noise.T) / 2
            )

    def check_values(self, theta: np.ndarray) -> None:
        """Refuse data at which the loss has no value."""
        with np.errstate(all="ignore"):
            check_values((self._parts[0](*theta, *self._columns),), self._nodes, self._names)

    def minimum(self, dimension: int) -> np.ndarray:
        """Return a minimum, (d,), by Newton's method from the origin.

        Raises
        ------
        DomainError
            If none is found.
        NonFiniteError
            If the loss has no value at some data.
        """
        theta = np.zeros(dimension)
        here = self.at(theta)
        self.check_values(theta)
        for _ in range(STEPS):
            if not np.isfinite(here.loss) or not np.isfinite(here.hessian).all():
                break
            values, vectors = np.linalg.eigh(here.hessian)
            if here.tilt <= AT_REST and values[0] > 1e-12 * abs(values[-1]):
                return theta - np.linalg.solve(here.hessian, here.gradient)
            curvature = np.maximum(np.abs(values), 1e-12 * max(abs(values[-1]), 1e-300))
            move, size = -vectors @ (vectors.T @ here.gradient / curvature), 1.0
            while size > 1e-12:
                there = self.at(theta + size * move)
                if there.loss <= here.loss + 1e-4 * size * (here.gradient @ move) + 1e-14 * abs(here.loss):
                    break
                size /= 2
            else:
                break
            theta, here = theta + size * move, there
        raise DomainError(
            "no minimum of the expected loss was found",
            got=f"loss {here.loss:.6g}, gradient {here.gradient.tolist()} at {theta.tolist()}, from the origin",
            allowed="a loss with a minimum; separable data, for example, have none",
            mend="add a penalty such as theta**2/100, or give the minimum",
        )


def check_accuracy(fine: Around, coarse: Around) -> None:
    """Refuse expectations that change with the number of nodes."""
    for name in ("hessian", "noise"):
        one, two = getattr(fine, name), getattr(coarse, name)
        change, scale = float(np.abs(one - two).max()), float(np.abs(one).max())
        if not change <= ACCURATE * scale:  # both may be zero: no noise
            raise DomainError(
                f"the expected {name} at the minimum cannot be integrated accurately",
                got=f"a change of {change:.2g} of {scale:.2g} between two sets of nodes",
                allowed=f"a relative change below {ACCURATE:g}",
                mend="draw samples from the law and hand in the array",
            )


def no_noise(dimension: int) -> tuple[Any, Any]:
    """Return the tables of a gradient covariance that does not vary."""
    return np.zeros((dimension,) * 3), np.zeros((dimension,) * 4)
