"""The diffusion limit near a saddle point or a minimum, and when it first reaches a distance from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import mpmath
import sympy as sp

from sgdtheory.processes.forms import Arm, Branch, coordinates, products
from sgdtheory.processes.observables import DIGITS, Recursion, start
from sgdtheory.processes.process import Process
from sgdtheory.processes.saddle import saddle

unstable_diffusion = replace(
    saddle,
    name="the diffusion limit of SGD near a saddle point",
    description="d theta = -grad L ds + (eta/m)^(1/2) C^(1/2) dW at the time s = eta t, to which SGD near a saddle"
    " point leads for small learning rates: its drift and noise are the mean and covariance of the step, over eta",
    continuous=True,
)

stable_diffusion = replace(
    unstable_diffusion,
    name="the diffusion limit of SGD in a quadratic well",
    description=unstable_diffusion.description.replace("near a saddle point", "near a minimum"),
)


@dataclass(frozen=True)
class ExitTime:
    """The mean number of steps after which the diffusion, started at the saddle point, first reaches the radius.

    The mean time u(x) from x obeys drift u' + (variance/2) u'' = -1 and vanishes at the radius; the mean of the k-th
    power u_k obeys the same with -k u_(k - 1). All are solved by power series, the drift and the variance per time
    being those of a step.

    Attributes
    ----------
    description
        What it is, for a reader.
    logarithm
        Whether the claim is the logarithm of the mean.
    """

    description: str = "steps after which a run from the saddle point first reaches the radius"
    logarithm: bool = False

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the mean, or its logarithm."""
        mean, _ = self.mean_and_square(process, point, recursion)
        return [sp.log(mean) if self.logarithm else mean]

    def in_steps(self, claim: Any) -> float:
        """Return the number of steps that is claimed."""
        return float(sp.exp(claim)) if self.logarithm else float(claim)

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return no arms: no form of the state at a fixed time tells when it was first away."""
        return []

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return the claim: it is what is averaged over runs."""
        return list(claim)

    def drift_and_variance(
        self, process: Process, point: Mapping[str, Any], recursion: Recursion
    ) -> tuple[sp.Expr, sp.Expr]:
        """Return the drift over the displacement and the variance, per time, as one step has them."""
        (env,) = process.environments(point)
        rate = point["learning_rate"]
        away, here = (Branch(rate, start(env, {"displacement": begin})) for begin in (1, 0))
        (mean,) = recursion.expectations(process, [Arm(env, (away,), 1, coordinates(env.basis, env.minimum))])
        (square,) = recursion.expectations(process, [Arm(env, (here,), 1, products(env))])
        return ((_rational(mean) - 1) / rate, _rational(square) / rate)

    def mean_and_square(
        self, process: Process, point: Mapping[str, Any], recursion: Recursion
    ) -> tuple[sp.Expr, sp.Expr]:
        """Return the mean and the mean square of the number of steps."""
        first, second = self.moments(process, point, recursion, 2)
        return first, second

    def moments(self, process: Process, point: Mapping[str, Any], recursion: Recursion, count: int) -> list[sp.Expr]:
        """Return the mean of the number of steps, that of its square, and so on."""
        drift, variance = self.drift_and_variance(process, point, recursion)
        with mpmath.workdps(2 * DIGITS):
            s, v, reach = (mpmath.mpf(int(x.p)) / int(x.q) for x in (drift, variance, point["radius"] ** 2))
            rate = mpmath.mpf(int(point["learning_rate"].p)) / int(point["learning_rate"].q)
            found = _series(s, v, reach, count)
            return [sp.Float(moment / rate**k, DIGITS) for k, moment in enumerate(found, 1)]


@dataclass(frozen=True)
class ExitDeviation(ExitTime):
    """The standard deviation of the number of steps after which the diffusion first reaches the radius."""

    description: str = "standard deviation of the steps after which a run from the saddle point reaches the radius"

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the standard deviation."""
        mean, square = self.mean_and_square(process, point, recursion)
        return [sp.sqrt(square - mean**2)]


def _series(drift: Any, variance: Any, reach: Any, count: int) -> list[Any]:
    """Return u_k(0) for k = 1 ... count from the coefficients of x^2n; reach is the radius squared."""
    found, source = [], [mpmath.mpf(1)]  # of u_(k - 1)
    for moment in range(1, count + 1):
        u, power, at_edge, n = [mpmath.mpf(0)], mpmath.mpf(1), mpmath.mpf(0), 0
        while n < 4 or n <= len(source) or abs(u[n] * power) > mpmath.eps:
            n, power = n + 1, power * reach
            pushed = moment * source[n - 1] if n <= len(source) else 0
            u.append(-(pushed + drift * (2 * n - 2) * u[n - 1]) / (variance * n * (2 * n - 1)))
            at_edge += u[n] * power
        u[0] = -at_edge
        found.append(u[0])
        source = u
    return found


def _rational(number: Any) -> sp.Rational:
    return sp.Rational(number.numerator, number.denominator)
