"""SGD on a loss of two parameters with two wells, pushed around in circles by a flow that leaves its density alone.

The loss is (x^2 - 1)^2/4 + y^2/2. The flow is the velocity of a current J without divergence over the density
exp(-L/n), n being the temperature of the noise: it turns about the origin, where the barrier is.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import mpmath
import sympy as sp

from sgdtheory.processes.forms import Arm
from sgdtheory.processes.observables import Recursion
from sgdtheory.processes.process import Environment, Process, d, theta

x, y = sp.symbols("x y", real=True)
LOSS = (x**2 - 1) ** 2 / 4 + y**2 / 2
DEGREES = (0, 2, 4)  # of the polynomials; odd ones have no part in what is even
FINENESS, NEGLIGIBLE = 5, 41  # grid points per unit of length; exp(-NEGLIGIBLE) is left out


def gradient(parameters: Any, noise: Any, *, slope: Any, flow: Any) -> Any:
    """Return the mini-batch gradient: the slope of the loss, less a flow that pushes along it, plus noise."""
    return slope - flow + noise


def environments(values: Mapping[str, Any]) -> tuple[Environment, ...]:
    """Return none: neither loss nor flow is quadratic; what a step makes of a point is ``drift_and_variance``."""
    return ()


stirred_wells = Process(
    name="SGD on a loss with two wells, stirred",
    description="theta' = theta - eta (g - j + n_B) with the slope g at theta = (x, y) of the loss L ="
    " (x^2 - 1)^2/4 + y^2/2, a flow j = w exp((L - (x^2 + y^2)^2/4)/n) (-y, x), where n = eta c/(2m), and noise n_B"
    " of mean zero and variance c/m in every direction that is independent from step to step; the differential equation"
    " has this drift and this noise per unit of the time eta",
    gradient=gradient,
    environments=environments,
    continuous=True,
    notation=MappingProxyType(
        {
            "parameters": theta,
            "noise": sp.MatrixSymbol("n_B", d, 1),
            "slope": sp.MatrixSymbol("g", d, 1),
            "flow": sp.MatrixSymbol("j", d, 1),
        }
    ),
)


def slope() -> sp.Matrix:
    """Return the gradient of the loss."""
    return sp.Matrix([LOSS]).jacobian([x, y]).T


def current(strength: Any, temperature: Any) -> sp.Matrix:
    """Return J, per unit of the density exp(-loss/temperature) that is not normalised."""
    return strength * sp.exp(-((x**2 + y**2) ** 2) / (4 * temperature)) * sp.Matrix([-y, x])


def flow(strength: Any, temperature: Any) -> sp.Matrix:
    """Return the velocity of that current, J over the density."""
    return sp.exp(LOSS / temperature) * current(strength, temperature)


def drift_and_variance(
    process: Process, values: Mapping[str, Any], functions: str = "math"
) -> tuple[Callable[[Any, Any], Sequence[Any]], float]:
    """Return the mean of a step per unit of the time eta, as a function of x and y, and the variance along each.

    ``functions`` is the module whose functions it takes: ``math``, ``numpy`` or ``jax``.
    """
    rate, level = values["learning_rate"], values["isotropic_noise"] / values["batch_size"]
    model = {"slope": slope(), "flow": flow(values["flow_strength"], rate * level / 2)}
    place, drawn = sp.Matrix([x, y]), sp.Matrix(sp.symbols("n_1 n_2"))
    after = process.step(place, drawn, learning_rate=rate, **model)
    drift = ((after - place) / rate).subs(dict.fromkeys(drawn, 0))
    variance = sp.diff(after[0], drawn[0]) ** 2 * level / rate
    parts = tuple(sp.powsimp(sp.expand(part)) for part in drift)
    return sp.lambdify([x, y], parts, functions, cse=True), float(variance)


@dataclass(frozen=True)
class CirculationRate:
    """The mean of x dy - y dx per unit of the time eta in the stationary law: twice the area that is swept.

    The density is sought as exp(-L/n) times an even polynomial, such that no polynomial of the same kind changes on
    average; drift and variance are those of a step. What is simulated has its own experiment.
    """

    description: str = "mean of x dy - y dx per unit of time, stationary"

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the mean."""
        drift, variance = drift_and_variance(process, point)
        temperature = float(point["learning_rate"] * point["isotropic_noise"] / (2 * point["batch_size"]))
        grid = list(_grid(temperature))
        shares = _shares(grid, drift, variance)
        mass = turned = 0.0
        for a, b, weight in grid:
            density = weight * sum(u * a**p * b**q for (p, q), u in zip(_powers(), shares, strict=True))
            velocity = drift(a, b)
            mass, turned = mass + density, turned + density * (a * velocity[1] - b * velocity[0])
        return [sp.Float(turned / mass)]

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return none: the drift is no polynomial."""
        return []

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return the claim."""
        return list(claim)


def _powers() -> list[tuple[int, int]]:
    """Return the exponents of x and y of the even polynomials, the constant first."""
    return [(degree - q, q) for degree in DEGREES for q in range(degree + 1)]


def _grid(temperature: float) -> list[tuple[float, float, float]]:
    """Return places and exp(-L/n): sums over so smooth a grid are integrals to all digits."""
    height = sp.lambdify([x, y], LOSS, "math")
    spacing, most = temperature**0.25 / FINENESS, NEGLIGIBLE * temperature
    reach = [int(edge / spacing) for edge in (math.sqrt(1 + 2 * math.sqrt(most)), math.sqrt(2 * most))]
    cells = itertools.product(*(range(-edge, edge + 1) for edge in reach))
    places = ((i * spacing, j * spacing) for i, j in cells)
    return [(a, b, math.exp(-height(a, b) / temperature)) for a, b in places if height(a, b) <= most]


def _shares(grid: list[tuple[float, float, float]], drift: Any, variance: float) -> list[float]:
    """Return the coefficients of the polynomial, the first being one: the mean of b.grad f + (v/2) lap f is zero."""
    powers = _powers()
    rows = [[0.0] * len(powers) for _ in powers[1:]]
    for a, b, weight in grid:
        along, across = drift(a, b)
        trial = [weight * a**p * b**q for p, q in powers]
        for row, (p, q) in zip(rows, powers[1:], strict=True):
            change = p * a ** max(p - 1, 0) * b**q * along + q * a**p * b ** max(q - 1, 0) * across
            spread = p * (p - 1) * a ** max(p - 2, 0) * b**q + q * (q - 1) * a**p * b ** max(q - 2, 0)
            gained = change + variance / 2 * spread
            for k, part in enumerate(trial):
                row[k] += gained * part
    found = mpmath.lu_solve(mpmath.matrix([row[1:] for row in rows]), mpmath.matrix([-row[0] for row in rows]))
    return [1.0, *map(float, found)]
