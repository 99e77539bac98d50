"""The trace of a matrix that is only known by its products with vectors, and how sure the answer is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg

from sgdtheory.errors import DomainError, NonFiniteError, check_choice, check_type
from sgdtheory.numeric.scalars import scalar, whole_number

METHODS = ("xtrace", "hutchinson")
FIRST = 8  # probes before the standard error is looked at for the first time
NEGLIGIBLE = 1e-13  # relative size below which a new direction is rounding

Product = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Probing:
    """How the traces of a problem too large for matrices are estimated.

    Parameters
    ----------
    method
        ``"xtrace"``: far better where the eigenvalues decay, exact for low rank, keeps about ten vectors for each
        probe; ``"hutchinson"``: random signs, keeps some 50 vectors in all, exact for diagonal matrices.
    probes
        At most so many random vectors.
    rtol
        Probing stops when the standard error is below this share of the value.
    tolerance
        Relative tolerance of linear systems and of polynomials that stand for functions of the Hessian.
    seed
        Non-negative integer, by which each trace is estimated with the same random vectors, or a
        ``numpy.random.Generator``, which draws new ones each time.

    Raises
    ------
    DomainError, NonFiniteError
        If an entry is not of the right kind or out of its range.

    Examples
    --------
    >>> Probing(rtol=0.001).method
    'xtrace'
    """

    method: str = "xtrace"
    probes: int = 128
    rtol: float = 0.01
    tolerance: float = 1e-8
    seed: Any = 0

    def __post_init__(self) -> None:
        check_choice("method", self.method, METHODS)
        whole_number("probes", self.probes, least=2, symbols=False, mend="an error bar needs at least two probes")
        for name, least in (("rtol", 0.0), ("tolerance", 1e-14)):
            number = scalar(name, getattr(self, name))
            if not least <= number < 1:
                raise DomainError(
                    f"{name} is out of its range", got=number, allowed=f"{least:g} <= {name} < 1", mend=f"mend {name}"
                )
        if not isinstance(self.seed, np.random.Generator):
            whole_number("seed", self.seed, least=0, symbols=False)


@dataclass(frozen=True)
class Estimate:
    """A number that was estimated by random probing.

    Attributes
    ----------
    value, standard_error
        The estimate, and the standard error of its random part: zero where nothing is random.
    probes
        Random vectors used.
    matvecs
        Products of the Hessian, the noise or whatever was probed with a vector, in all.
    method
        ``"xtrace"``, ``"hutchinson"`` or ``"exact"``.
    tolerance
        Relative tolerance of the linear systems and polynomials inside; zero where there were none.
    """

    value: float
    standard_error: float
    probes: int
    matvecs: int
    method: str
    tolerance: float = 0.0

    def __float__(self) -> float:
        return self.value

    def __repr__(self) -> str:
        if self.method == "exact":
            return f"{self.value:.10g} (exact to {self.tolerance:.0e} relative)"
        return f"{self.value:.6g} +- {self.standard_error:.2g}"

    def __add__(self, other: Estimate) -> Estimate:
        """Return the sum; the standard errors add up, because both may come from the same probes."""
        if not isinstance(other, Estimate):
            return NotImplemented
        return Estimate(
            self.value + other.value,
            self.standard_error + other.standard_error,
            max(self.probes, other.probes),
            self.matvecs + other.matvecs,
            self.method if other.method == "exact" else other.method,
            max(self.tolerance, other.tolerance),
        )


def stochastic_trace(product: Product, dimension: int, probing: Probing | None = None) -> Estimate:
    """Estimate the trace of a square matrix A from its products with blocks of vectors.

    Parameters
    ----------
    product
        From (d, p) to A times it, (d, p); for a LinearOperator its ``matmat``. A need not be symmetric.
    dimension
        Number d of rows.
    probing
        How; see :class:`Probing`.

    Returns
    -------
    Estimate
        Exact, from d products, where d is so small that probing would save none.

    Raises
    ------
    NonFiniteError
        If a product holds a NaN or an infinity.

    Notes
    -----
    Sources: Hutchinson (1990) with random signs; XTrace, Epperly, Tropp & Webber (2024), SIAM J. Matrix Anal. Appl.
    45(1). XTrace's leave-one-out estimates share their samples, so their scatter is too small an error bar, by a
    factor up to 1.7; here it is the jackknife over the probes, which by the inequality of Efron & Stein (1981) is
    biased upward, up to a factor 4 where the eigenvalues decay fast. Probing stops at a small standard error, so error
    bars are those of a stopped sequence.

    Examples
    --------
    >>> direction = np.arange(1.0, 401.0)
    >>> round(float(stochastic_trace(lambda block: np.outer(direction, direction @ block), 400)), 3)  # its square
    21413400.0
    """
    probing = Probing() if probing is None else probing
    check_type("probing", probing, Probing)
    if dimension <= (2 if probing.method == "xtrace" else 1) * min(FIRST, probing.probes):
        return Estimate(float(np.trace(_checked(product(np.eye(dimension))))), 0.0, 0, dimension, "exact")
    return (_xtrace if probing.method == "xtrace" else _hutchinson)(product, dimension, probing)


def _checked(block: np.ndarray) -> np.ndarray:
    if not np.isfinite(block).all():
        raise NonFiniteError(
            "a product with the operator is not finite",
            got="a NaN or an infinity in it",
            allowed="finite products",
            mend="check the operator on a vector of your own",
        )
    return block


def _hutchinson(product: Product, dimension: int, probing: Probing) -> Estimate:
    rng, seen = np.random.default_rng(probing.seed), np.empty(0)
    while True:
        size = min(FIRST, probing.probes - len(seen))
        signs = rng.integers(0, 2, (dimension, size)) * 2.0 - 1.0
        seen = np.append(seen, (signs * _checked(product(signs))).sum(axis=0))
        error = float(seen.std(ddof=1) / np.sqrt(len(seen)))
        found = Estimate(float(seen.mean()), error, len(seen), len(seen), probing.method)
        if len(seen) == probing.probes or _settled(found, probing):
            return found


def _settled(found: Estimate, probing: Probing) -> bool:
    return found.standard_error <= probing.rtol * abs(found.value)


def _xtrace(product: Product, dimension: int, probing: Probing) -> Estimate:
    rng = np.random.default_rng(probing.seed)
    probes = samples = basis = images = np.empty((dimension, 0))
    products, most = 0, min(probing.probes, dimension // 2)
    while True:
        size = min(probes.shape[1] or FIRST, most - probes.shape[1])
        fresh = rng.standard_normal((dimension, size))
        fresh *= np.sqrt(dimension) / np.linalg.norm(fresh, axis=0)
        sampled = _checked(product(fresh))
        directions = _new_directions(basis, sampled, np.linalg.norm(np.hstack([samples, sampled]), axis=0).max())
        probes, samples = np.hstack([probes, fresh]), np.hstack([samples, sampled])
        basis = np.hstack([basis, directions])
        if directions.shape[1]:
            images = np.hstack([images, _checked(product(directions))])
        products += size + directions.shape[1]
        sketch = _Sketch(dimension, basis.T @ samples, basis.T @ probes, images.T @ probes, basis.T @ images)
        found = Estimate(*sketch.value(), probes.shape[1], products, probing.method)
        if probes.shape[1] == most or _settled(found, probing):
            return found


def _new_directions(basis: np.ndarray, block: np.ndarray, scale: float) -> np.ndarray:
    """Return an orthonormal basis of what a block adds to the span of a basis."""
    for _ in range(2):  # twice is enough
        block = block - basis @ (basis.T @ block)
    directions, triangle, _ = scipy.linalg.qr(block, mode="economic", pivoting=True)
    added = np.abs(np.diagonal(triangle)) > NEGLIGIBLE * scale
    directions = directions[:, added]
    return directions - basis @ (basis.T @ directions)


@dataclass(frozen=True)
class _Sketch:
    """All that the estimates need, in the basis Q of the samples: small matrices.

    An estimate leaves out some samples and takes the trace on the span of the others, plus w' A w outside it for a
    probe w whose own sample is left out.
    """

    dimension: int
    samples: np.ndarray  # Q' A w for each probe w
    probes: np.ndarray  # Q' w
    images: np.ndarray  # Q' A' w
    inner: np.ndarray  # Q' A Q

    @property
    def alone(self) -> np.ndarray:
        """For each sample, the unit vector orthogonal to all others."""
        rank, count = self.samples.shape
        if rank < count:  # samples are linearly dependent: any all but one span the same space
            return np.zeros((rank, count))
        dual = np.linalg.inv(self.samples).T
        return dual / np.linalg.norm(dual, axis=0)

    def estimates(self, *left_out: np.ndarray) -> np.ndarray:
        """Return one estimate for each probe, given orthonormal directions (rank, probes) that it leaves out."""
        within, rank = self.probes, len(self.inner)
        for direction in left_out:
            within = within - direction * (direction * self.probes).sum(axis=0)
            rank = rank - np.round((direction * direction).sum(axis=0))
        outside = ((self.probes - within) * self.samples - self.images * within).sum(axis=0)
        outside += (within * (self.inner @ within)).sum(axis=0)
        # The part of a probe outside is uniform on a sphere of known dimension; its length tells nothing.
        outside *= (self.dimension - rank) / (self.dimension - (within * within).sum(axis=0))
        return np.trace(self.inner) - sum((part * (self.inner @ part)).sum(axis=0) for part in left_out) + outside

    def value(self) -> tuple[float, float]:
        """Return the mean of the estimates, and its standard error by the jackknife."""
        alone = self.alone
        estimates = self.estimates(alone)
        count = len(estimates)
        if len(self.inner) < count:
            return float(estimates.mean()), float(estimates.std(ddof=1) / np.sqrt(count))
        without = np.empty(count)
        for place in range(count):
            others = np.arange(count) != place
            kept = _Sketch(
                self.dimension, self.samples[:, others], self.probes[:, others], self.images[:, others], self.inner
            )
            first = np.repeat(alone[:, [place]], count - 1, axis=1)
            second = alone[:, others] - first * (first * alone[:, others]).sum(axis=0)
            second /= np.linalg.norm(second, axis=0)
            without[place] = kept.estimates(first, second).mean()
        return float(estimates.mean()), float(np.sqrt((count - 1) * without.var()))
