"""Points and weights that stand for a law of numbers, so that smooth functions can be averaged over it."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import special, stats

from sgdtheory.errors import DomainError
from sgdtheory.numeric.sampling import square_root

MOST_DIMENSIONS = 4
MOST_NODES = 1_000_000
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
    _check_number(math.prod(len(weights) for _, weights in rules))
    return functools.reduce(_both, rules)


def _both(one: Nodes, two: Nodes) -> Nodes:
    """Return the nodes of two independent laws taken together."""
    (first, own), (second, other) = one, two
    points = np.hstack([np.repeat(first, len(second), axis=0), np.tile(second, (len(first), 1))])
    return points, np.outer(own, other).ravel()


def _check_number(count: int) -> None:
    if count > MOST_NODES:
        raise DomainError(
            "the data take too many values together to sum over them",
            got=f"{count} combinations",
            allowed=f"at most {MOST_NODES} for a loss that is not quadratic, or no polynomial in the data",
            mend="draw samples from the law and hand in the array",
        )


def _rule(block: Any, count: int) -> Nodes:
    """Return nodes (N, k) and weights (N,) of one block."""
    if block.kind == "samples":
        return block.rows, np.full(len(block.rows), 1 / len(block.rows))
    if block.kind == "gaussian":
        mean, root = (np.array(part.tolist(), dtype=float) for part in (block.mean, block.covariance))
        line, weight = _normal(count)
        grid, weights = functools.reduce(_both, [(line[:, None], weight)] * len(mean))
        return mean[:, 0] + grid @ square_root(root).T, weights
    if block.kind == "finite" and block.family == "Binomial":  # its exact probabilities are slow
        size, chance, success, failure = (float(value) for value in block.distribution.args)
        _check_number(int(size) + 1)
        counts = np.arange(int(size) + 1)
        return (failure * size + (success - failure) * counts)[:, None], stats.binom.pmf(counts, int(size), chance)
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
