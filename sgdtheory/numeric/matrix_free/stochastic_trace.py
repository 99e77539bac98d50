"""The trace of a matrix that is only known by its products with vectors, and how sure the answer is."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.linalg
from scipy import special

from sgdtheory.errors import DomainError, NonFiniteError, check_choice, check_type
from sgdtheory.numeric.scalars import scalar, whole_number

METHODS = ("xtrace", "hutchinson")
FIRST = {"xtrace": 8, "hutchinson": 32}  # probes before the standard error is looked at for the first time
LEAST = {"xtrace": 2, "hutchinson": 16}
NEGLIGIBLE = 1e-13  # relative size below which a new direction is rounding

Product = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Probing:
    """How the traces of a problem too large for matrices are estimated.

    Parameters
    ----------
    method
        ``"xtrace"``: far better where the eigenvalues decay, exact for low rank, keeps about ten vectors for each
        probe; ``"hutchinson"``: random signs, keeps some 200 vectors in all, exact for diagonal matrices.
    probes
        At most so many random vectors, 16 or more for ``"hutchinson"``: where one entry dominates, few random signs
        may all agree on a wrong trace, 16 with probability 3e-5.
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
        least = LEAST[self.method]
        mend = f"an error bar needs at least {least} probes with {self.method}"
        whole_number("probes", self.probes, least=least, symbols=False, mend=mend)
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
    """A number that was estimated by random probing; sums and multiples of it keep their standard error.

    NumPy and ``float`` take it for its value.

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
        Relative tolerance of the linear systems and polynomials inside; zero where there were none. Operators in
        single precision are limited by their rounding, 1.2e-7.

    Examples
    --------
    >>> loss = Estimate(2.0, 0.1, probes=8, matvecs=24, method="xtrace")
    >>> 1 - loss / 4
    0.5 +- 0.025
    >>> f"{loss:.3f}"
    '2.000 +- 0.100'
    """

    __array_ufunc__ = None  # numbers of NumPy leave arithmetic to this class

    value: float
    standard_error: float
    probes: int
    matvecs: int
    method: str
    tolerance: float = 0.0

    def __float__(self) -> float:
        return self.value

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.value, dtype=dtype)

    def __repr__(self) -> str:
        if self.method == "exact":
            return f"{self.value:.10g} (exact to {self.tolerance:.0e} relative)"
        return f"{self.value:.6g} +- {self.standard_error:.2g}"

    def __format__(self, specification: str) -> str:
        if not specification:
            return repr(self)
        if self.method == "exact":
            return format(self.value, specification)
        return f"{self.value:{specification}} +- {self.standard_error:{specification}}"

    def __add__(self, other: Any) -> Estimate:
        """Return the sum; the standard errors add up, because both may come from the same probes."""
        if _is_number(other):
            other = Estimate(float(other), 0.0, 0, 0, "exact")
        if not isinstance(other, Estimate):
            return NotImplemented
        value = self.value + other.value
        kept = abs(value) / (abs(self.value) + abs(other.value)) if value else 0.0  # what a difference leaves
        tolerance = max(self.tolerance, other.tolerance)
        return Estimate(
            value,
            self.standard_error + other.standard_error,
            max(self.probes, other.probes),
            self.matvecs + other.matvecs,
            self.method if other.method == "exact" else other.method,
            tolerance / kept if kept else float("inf") if tolerance else 0.0,
        )

    __radd__ = __add__

    def __mul__(self, number: Any) -> Estimate:
        """Return a multiple, by a number that is not estimated."""
        if not _is_number(number):
            return NotImplemented
        value, error = self.value * float(number), self.standard_error * abs(float(number))
        return replace(self, value=value, standard_error=error)

    __rmul__ = __mul__

    def __truediv__(self, number: Any) -> Estimate:
        return self * (1 / float(number)) if _is_number(number) else NotImplemented

    def __neg__(self) -> Estimate:
        return self * -1

    def __sub__(self, other: Any) -> Estimate:
        return self + -other if _is_number(other) or isinstance(other, Estimate) else NotImplemented

    def __rsub__(self, other: Any) -> Estimate:
        return -self + other


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


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
    biased upward, up to a factor 4 where the eigenvalues decay fast. Hutchinson's bar is the scatter of its probes
    times Student's factor, which is 1.09 for 16 of them. Probing stops at a small standard error, so error bars are
    those of a stopped sequence.

    Examples
    --------
    >>> direction = np.arange(1.0, 401.0)
    >>> round(float(stochastic_trace(lambda block: np.outer(direction, direction @ block), 400)), 3)  # its square
    21413400.0
    """
    probing = Probing() if probing is None else probing
    check_type("probing", probing, Probing)
    if dimension <= (2 if probing.method == "xtrace" else 1) * min(FIRST[probing.method], probing.probes):
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
        size = min(FIRST["hutchinson"], probing.probes - len(seen))
        signs = rng.integers(0, 2, (dimension, size)) * 2.0 - 1.0
        seen = np.append(seen, (signs * _checked(product(signs))).sum(axis=0))
        error = float(seen.std(ddof=1) / np.sqrt(len(seen))) * _student(len(seen) - 1)
        found = Estimate(float(seen.mean()), error, len(seen), len(seen), probing.method)
        if len(seen) == probing.probes or _settled(found, probing):
            return found


def _student(freedom: int) -> float:
    """Return the factor that widens the bars of few probes, so that two of them cover 95.4 % of normal errors."""
    return float(special.stdtrit(freedom, special.ndtr(2.0)) / 2)


def _settled(found: Estimate, probing: Probing) -> bool:
    return found.standard_error <= probing.rtol * abs(found.value)


def _xtrace(product: Product, dimension: int, probing: Probing) -> Estimate:
    rng = np.random.default_rng(probing.seed)
    probes = samples = basis = images = np.empty((dimension, 0))
    products, most = 0, min(probing.probes, dimension // 2)
    while True:
        size = min(probes.shape[1] or FIRST["xtrace"], most - probes.shape[1])
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
