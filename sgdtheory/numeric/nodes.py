"""Points and weights that stand for a law of numbers, so that smooth functions can be averaged over it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import special

from sgdtheory.errors import DomainError
from sgdtheory.numeric.sampling import square_root

MOST_DIMENSIONS = 4
POINTS = {1: 128, 2: 96, 3: 40, 4: 20}  # along each direction, by the number of continuous directions
Nodes = tuple[np.ndarray, np.ndarray]


def _uniform(count: int, low: float, high: float) -> Nodes:
    x, w = special.roots_legendre(count)
    return low + (high - low) * (x + 1) / 2, w / 2


def _gamma(count: int, shape: float, scale: float) -> Nodes:
    x, w = special.roots_genlaguerre(count, shape - 1)
    return scale * x, w / w.sum()


def _beta(count: int, alpha: float, beta: float) -> Nodes:
    x, w = special.roots_jacobi(count, beta - 1, alpha - 1)
    return (x + 1) / 2, w / w.sum()


def _normal(count: int) -> Nodes:
    x, w = special.roots_hermitenorm(count)
    return x, w / w.sum()


RULES: dict[str, Callable[..., Nodes]] = {
    "Normal": lambda n, mean, deviation: (mean + deviation * _normal(n)[0], _normal(n)[1]),
    "Uniform": _uniform,
    "Exponential": lambda n, rate: _gamma(n, 1.0, 1 / rate),
    "Gamma": _gamma,
    "ChiSquared": lambda n, freedom: _gamma(n, freedom / 2, 2.0),
    "Beta": _beta,
}


def nodes_of(blocks: Sequence[Any], finer: bool = True) -> Nodes:
    """Return nodes (N, k) and weights (N,) of independent blocks; ``finer=False`` takes three quarters as many."""
    continuous = sum(len(block.symbols) for block in blocks if block.kind in ("gaussian", "family"))
    if continuous > MOST_DIMENSIONS:
        raise DomainError(
            "too many continuous data symbols to integrate over",
            got=f"{continuous}",
            allowed=f"at most {MOST_DIMENSIONS} for a loss that is not quadratic",
            mend="draw samples from the law and hand in the array",
        )
    count = POINTS[max(continuous, 1)]
    rules = [_rule(block, count if finer else 3 * count // 4) for block in blocks]
    if len(rules) == 1:
        return rules[0]
    points = [np.concatenate(rows) for rows in itertools.product(*(nodes for nodes, _ in rules))]
    weights = np.array([np.prod(ws) for ws in itertools.product(*(weights for _, weights in rules))])
    return np.array(points), weights


def _rule(block: Any, count: int) -> Nodes:
    """Return nodes (N, k) and weights (N,) of one block."""
    if block.kind == "samples":
        return block.rows, np.full(len(block.rows), 1 / len(block.rows))
    if block.kind == "gaussian":
        mean, root = (np.array(part.tolist(), dtype=float) for part in (block.mean, block.covariance))
        line, weight = _normal(count)
        grid = np.array(list(itertools.product(line, repeat=len(mean))))
        weights = np.array([np.prod(ws) for ws in itertools.product(weight, repeat=len(mean))])
        return mean[:, 0] + grid @ square_root(root).T, weights
    if block.kind == "finite":
        values = np.array([[float(value)] for value in block.atoms])
        return values, np.array([float(chance) for chance in block.atoms.values()])
    family = block.family if block.kind == "family" else block.given_as
    if family not in RULES:
        raise DomainError(
            f"the law of {block.name} cannot be integrated over",
            got=family,
            allowed=f"{', '.join(RULES)}, MultivariateNormal, finite distributions, arrays of samples",
            mend=f"hand in an array of samples of {block.name}",
        )
    line, weight = RULES[family](count, *(float(value) for value in block.distribution.args))
    return line[:, None], weight
