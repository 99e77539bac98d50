"""Draws of the data themselves: batches of samples from a law, one column for each replica."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sgdtheory.errors import DomainError
from sgdtheory.numeric.sampling import square_root

Sampler = Callable[[np.random.Generator, int], np.ndarray]
Batches = Callable[[np.random.Generator, int], np.ndarray]

# From NumPy's generator, the number of draws and the parameters of the family as sympy.stats names them.
FAMILIES: dict[str, Callable[..., np.ndarray]] = {
    "Normal": lambda rng, n, mean, deviation: rng.normal(mean, deviation, n),
    "Uniform": lambda rng, n, low, high: rng.uniform(low, high, n),
    "Exponential": lambda rng, n, rate: rng.exponential(1 / rate, n),
    "Gamma": lambda rng, n, shape, scale: rng.gamma(shape, scale, n),
    "ChiSquared": lambda rng, n, freedom: rng.chisquare(freedom, n),
    "Beta": lambda rng, n, alpha, beta: rng.beta(alpha, beta, n),
    "Laplace": lambda rng, n, mean, scale: rng.laplace(mean, scale, n),
    "Logistic": lambda rng, n, mean, scale: rng.logistic(mean, scale, n),
    "LogNormal": lambda rng, n, mean, deviation: rng.lognormal(mean, deviation, n),
    "Rayleigh": lambda rng, n, scale: rng.rayleigh(scale, n),
    "Triangular": lambda rng, n, low, high, mode: rng.triangular(low, mode, high, n),
    "Poisson": lambda rng, n, rate: rng.poisson(rate, n).astype(float),
    "Binomial": lambda rng, n, size, chance, success, failure: (
        failure * size + (success - failure) * rng.binomial(int(size), chance, n)
    ),
    "Geometric": lambda rng, n, chance: rng.geometric(chance, n).astype(float),
}


def array_of(blocks: Sequence[Any]) -> np.ndarray | None:
    """Return the data set (k, D), one sample per column, if the whole law is one; batches are then drawn by index."""
    if len(blocks) == 1 and blocks[0].kind == "samples":
        return np.ascontiguousarray(blocks[0].rows.T)
    return None


def batches(blocks: Sequence[Any], batch_size: int) -> Batches:
    """Return a sampler of batches: from a generator and the number of replicas to samples (batch_size, k, replicas).

    Raises
    ------
    DomainError
        If a law is given by moments only, or is of a family that cannot be drawn from.
    """
    samplers = [sampler_of(block) for block in blocks]

    def batch(rng: np.random.Generator, replicas: int) -> np.ndarray:
        return np.stack([np.concatenate([draw(rng, replicas) for draw in samplers]) for _ in range(batch_size)])

    return batch


def sampler_of(block: Any) -> Sampler:
    """Return a sampler of one block of the data's law: from a generator and n to columns (k, n)."""
    if block.kind == "samples":
        columns = np.ascontiguousarray(block.rows.T)
        return lambda rng, n: columns[:, rng.integers(columns.shape[1], size=n)]
    if block.kind == "moments":
        raise DomainError(
            f"samples of {block.name} cannot be drawn from their {block.given_as}",
            got=block.given_as,
            allowed="a distribution or an array of samples",
            mend=f"give {block.name} a distribution, for example sympy.stats.Normal",
        )
    if block.kind == "gaussian":
        mean, covariance = (np.array(part.tolist(), dtype=float) for part in (block.mean, block.covariance))
        root = square_root(covariance)
        return lambda rng, n: mean + root @ rng.standard_normal((len(mean), n))
    if block.kind == "finite" and block.family not in FAMILIES:
        values = np.array([float(value) for value in block.atoms])
        chances = np.array([float(chance) for chance in block.atoms.values()])
        return lambda rng, n: rng.choice(values, size=n, p=chances)[None, :]
    if block.family not in FAMILIES:
        raise DomainError(
            f"samples of {block.name} cannot be drawn",
            got=block.family,
            allowed=f"{', '.join(FAMILIES)}, MultivariateNormal, finite distributions, arrays of samples",
            mend="draw samples yourself and hand in the array",
        )
    family, parameters = FAMILIES[block.family], [float(value) for value in block.distribution.args]
    return lambda rng, n: family(rng, n, *parameters)[None, :]
