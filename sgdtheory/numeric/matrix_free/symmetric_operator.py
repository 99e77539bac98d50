"""Symmetric matrices that are only known by their products with vectors: checks, counting, ends of the spectrum."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import scipy.linalg
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, aslinearoperator, eigsh

from sgdtheory.errors import DomainError, NonFiniteError, SGDTheoryError, ShapeError
from sgdtheory.numeric.arrays import NUMPY, OPERATOR, as_array, check_square, kind_of, symmetric
from sgdtheory.numeric.matrix_free.stochastic_trace import Probing

SMALL = 64  # up to this dimension the matrix is simply formed
LANCZOS_STEPS = 30
ASYMMETRY = {True: 1e-4, False: 1e-10}  # allowed, relative, in single precision or not: products are rounded
EDGE_TOLERANCE = 1e-4  # of the residual; the eigenvalue errs by its square over the gap, and at most by it
FLOOR_TOLERANCE = 1e-8
WIDTH = 0.05  # of the spread, beyond what a short Lanczos run sees
FLOOR_SAFETY = 0.5  # the least eigenvalue is known to some percent, from above
LEAST_TOLERANCE = 1e-8  # of a least eigenvalue that is not positive, relative to the largest
MOST_ITERATIONS = 20_000
ROUNDING = 8 * np.finfo(float).eps  # below this share of the largest curvature seen, another is zero
COVARIANCE_SLACK = 1e-8


@dataclass(frozen=True)
class Ends:
    """The least and the greatest eigenvalue that were seen, as ``eigenvalues`` (2,)."""

    eigenvalues: np.ndarray
    rounding: float


class Reach(NamedTuple):
    """An interval that holds the spectrum, and how far eigenvalues reach within it at least."""

    low: float
    high: float
    seen_low: float
    seen_high: float


class SymmetricOperator(LinearOperator):
    """A checked operator (d, d), real and symmetric, that counts its products.

    Attributes
    ----------
    name
        By which errors call it.
    products
        Products with one vector so far.
    probing
        How traces of its functions are estimated.
    """

    def __init__(self, name: str, inner: LinearOperator, probing: Probing | None = None) -> None:
        self.name, self.inner, self.products = name, inner, 0
        self.probing = Probing() if probing is None else probing
        super().__init__(np.dtype(float), inner.shape)

    def _matmat(self, block: np.ndarray) -> np.ndarray:
        self.products += block.shape[1]
        with np.errstate(over="ignore", invalid="ignore"):
            try:
                found = np.asarray(self.inner.matmat(block))
            except SGDTheoryError:
                raise
            except ValueError as error:
                raise ShapeError(
                    f"a product with the {self.name} does not have the right shape",
                    got=str(error),
                    allowed=f"{self.shape[0]} entries from {self.shape[1]}",
                    mend="check the operator's matvec and its shape",
                ) from error
        if found.shape != block.shape:
            raise ShapeError(
                f"a product with the {self.name} does not have the right shape",
                got=f"shape {found.shape} from {block.shape}",
                allowed="the same shape",
                mend="check the operator's matmat",
            )
        if found.dtype.kind not in "iuf":
            raise DomainError(
                f"a product with the {self.name} does not hold real numbers",
                got=f"dtype {found.dtype}",
                allowed="real products with real vectors",
                mend="check the operator's matvec; a Hermitian operator is a real one on real and imaginary parts",
            )
        if not np.isfinite(found).all():
            raise NonFiniteError(
                f"a product with the {self.name} is not finite",
                got="a NaN or an infinity in it",
                allowed="finite products with finite vectors",
                mend=f"multiply the {self.name} with a vector of your own and look",
            )
        return found.astype(float, copy=False)

    def _matvec(self, vector: np.ndarray) -> np.ndarray:
        return self._matmat(vector.reshape(-1, 1)).reshape(vector.shape)

    def _adjoint(self) -> SymmetricOperator:
        return self

    def __truediv__(self, number: Any) -> SymmetricOperator:
        quotient = self.inner / number if self.in_jax else super().__truediv__(number)
        return SymmetricOperator(self.name, quotient, self.probing)

    @property
    def in_jax(self) -> bool:
        """Whether products are taken by JAX, on its device: see ``jax_operator``."""
        return getattr(self.inner, "in_jax", False)

    @cached_property
    def highest(self) -> float:
        """The largest eigenvalue, by restarted Lanczos."""
        if self.shape[0] <= SMALL:
            return float(self._eigenvalues[-1])
        scale = max(map(abs, self.seen))
        if scale == 0:
            return 0.0
        start = np.random.default_rng(0).standard_normal(self.shape[0])
        of_size_one = self / scale  # ARPACK's tolerance is absolute for small eigenvalues
        found = eigsh(of_size_one, 1, which="LA", ncv=20, v0=start, tol=EDGE_TOLERANCE, return_eigenvectors=False)
        return scale * float(found[0])

    @cached_property
    def lowest(self) -> float:
        """The least eigenvalue of a positive definite operator, to some percent and from above; see ``_floor``."""
        return float(self._eigenvalues[0]) if self.shape[0] <= SMALL else _floor(self)

    @property
    def rounding_unit(self) -> float:
        """The relative rounding of a product: that of single precision if the operator works in it."""
        single = self.inner.dtype == np.float32 or getattr(self.inner, "single", False)
        return float(np.finfo(np.float32 if single else float).eps)

    @property
    def wide(self) -> Reach:
        """Where the spectrum lies, from a short Lanczos run: cheap, and wide, because eigenvalues may lie outside.

        A residual bounds the distance to some eigenvalue, not to the outermost one; the run's expected error is
        0.1 (log d / steps)**2 of the spread (Kuczynski & Wozniakowski 1992).
        """
        (lowest, highest), (below, above) = self._ritz
        spread = WIDTH * (highest - lowest) if self.shape[0] > SMALL else 0.0
        return Reach(lowest - max(below, spread), highest + max(above, spread), lowest, highest)

    @cached_property
    def close(self) -> Reach:
        """Where the spectrum lies, closely: below zero by rounding at most unless an eigenvalue is known to be there.

        Raises
        ------
        DomainError
            If the Hessian is not positive definite and its least eigenvalue does not come out.
        """
        if self.shape[0] <= SMALL:
            return self.wide
        size = max(abs(self.highest), *map(abs, self.seen))
        high = self.highest + EDGE_TOLERANCE * size
        try:
            return Reach(FLOOR_SAFETY * self.lowest, high, self.lowest, self.highest)
        except DomainError:  # singular, indefinite, or with eigenvalues too far apart to tell
            least = self._least(size)
        rounding = 8 * np.sqrt(self.shape[0]) * self.rounding_unit * size
        low = least - LEAST_TOLERANCE * size if least < -rounding else -rounding
        return Reach(low, high, max(low, least), self.highest)

    @property
    def seen(self) -> tuple[float, float]:
        """The least and greatest Ritz values of a short Lanczos run: the spectrum reaches at least so far."""
        return self._ritz[0]

    @cached_property
    def ends(self) -> Ends:
        """The greatest eigenvalue, and the least one that a short Lanczos run saw, which bounds it from above."""
        seen = np.array([self.seen[0], self.highest])
        return Ends(seen, 8 * np.sqrt(self.shape[0]) * np.finfo(float).eps * float(np.abs(seen).max()))

    def _least(self, size: float) -> float:
        """Return the least eigenvalue from above, by restarted Lanczos."""
        if size == 0:
            return 0.0
        top = self.highest
        turned = LinearOperator(self.shape, matvec=lambda vector: (top * vector - self @ vector) / size, dtype=float)
        start = np.random.default_rng(0).standard_normal(self.shape[0])
        most = MOST_ITERATIONS // 20
        try:
            found = eigsh(
                turned, 1, which="LA", ncv=20, v0=start, tol=LEAST_TOLERANCE, maxiter=most, return_eigenvectors=False
            )
        except ArpackNoConvergence as error:
            raise DomainError(
                f"the least eigenvalue of the {self.name} cannot be told well enough for so many steps",
                got=f"no convergence in about {MOST_ITERATIONS} products",
                allowed="a positive definite Hessian, or one with a least eigenvalue that stands alone",
                mend="add a small ridge, or take fewer steps",
            ) from error
        return top - size * float(found[0])

    @cached_property
    def _eigenvalues(self) -> np.ndarray:
        return np.linalg.eigvalsh(self @ np.eye(self.shape[0]))

    @cached_property
    def _ritz(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the outermost Ritz values, and their residuals."""
        if self.shape[0] <= SMALL:
            return (float(self._eigenvalues[0]), float(self._eigenvalues[-1])), (0.0, 0.0)
        values, last, size = _lanczos(self, LANCZOS_STEPS)
        return (float(values[0]), float(values[-1])), (float(size * abs(last[0])), float(size * abs(last[-1])))


def _lanczos(operator: LinearOperator, steps: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Return Ritz values, the last entries of their vectors, and the size of what the next step would add."""
    basis, diagonal, beside = np.empty((steps + 1, operator.shape[0])), [], []
    basis[0] = np.random.default_rng(0).standard_normal(operator.shape[0])
    basis[0] /= np.linalg.norm(basis[0])
    for step in range(steps):
        image = operator @ basis[step]
        diagonal.append(image @ basis[step])
        span = basis[: step + 1]
        for _ in range(2):  # all former directions, twice: no orthogonality is lost
            image = image - span.T @ (span @ image)
        beside.append(float(np.linalg.norm(image)))
        if beside[-1] <= 1e-12 * max(map(abs, diagonal)):  # an invariant space: the Ritz values are eigenvalues
            break
        basis[step + 1] = image / beside[-1]
    values, vectors = scipy.linalg.eigh_tridiagonal(diagonal, beside[:-1])
    return values, vectors[-1], beside[-1]


def _floor(operator: SymmetricOperator) -> float:
    """Return the least Ritz value of conjugate gradients on a random right-hand side, run until they converge.

    Its residual polynomial is one at zero and tiny at every eigenvalue, so it has a root near the least.
    """
    residual = np.random.default_rng(0).standard_normal(operator.shape[0])
    direction, norm, steps, ratios = residual.copy(), residual @ residual, [], []
    goal, highest = FLOOR_TOLERANCE**2 * norm, 0.0
    while norm > goal and len(steps) < MOST_ITERATIONS:
        image = operator @ direction
        curvature, size = direction @ image, direction @ direction
        highest = max(highest, curvature / size)
        if curvature <= ROUNDING * highest * size:
            break
        steps.append(norm / curvature)
        residual -= steps[-1] * image
        before, norm = norm, residual @ residual
        ratios.append(norm / before)
        direction = residual + ratios[-1] * direction
    if norm > goal:
        raise DomainError(
            f"the {operator.name} is not positive definite, or too ill-conditioned",
            got=f"a linear system with it that was not solved in {len(steps)} iterations",
            allowed="eigenvalues > 0 that are not too far apart; elsewhere nothing is stationary",
            mend="add a small ridge",
        )
    inverse, ratio = 1 / np.array(steps), np.array(ratios)
    diagonal = inverse + np.append(0.0, ratio[:-1] * inverse[:-1])
    beside = np.sqrt(ratio[:-1]) * inverse[:-1]
    return float(scipy.linalg.eigh_tridiagonal(diagonal, beside, True, "i", (0, 0))[0])


def as_symmetric_operator(name: str, value: Any, probing: Probing | None = None) -> SymmetricOperator:
    """Return a checked operator from a LinearOperator, a sparse or a dense matrix.

    Symmetry is tested on two random vectors, u'Av = v'Au.

    Raises
    ------
    ShapeError, DomainError, NonFiniteError
        If it is not square, not real, not symmetric, or makes NaNs.

    Examples
    --------
    >>> as_symmetric_operator("hessian", aslinearoperator(np.diag([1.0, 2.0]))).highest
    2.0
    """
    if isinstance(value, SymmetricOperator):
        return value if probing is None else SymmetricOperator(name, value.inner, probing)
    if kind_of(value) != OPERATOR:
        value = as_array(name, value, NUMPY, 2)
        check_square(name, value)
        return SymmetricOperator(name, aslinearoperator(symmetric(name, value)), probing)
    inner = aslinearoperator(value)
    check_square(name, inner)
    dtype = np.dtype(inner.dtype)
    if dtype.kind not in "iuf" or (dtype.kind == "f" and dtype.itemsize < 4):
        raise DomainError(
            f"the {name} does not hold real numbers of enough precision",
            got=f"dtype {dtype}",
            allowed="an operator of float32 or float64",
            mend="give the LinearOperator dtype=float, and real products",
        )
    operator = SymmetricOperator(name, inner, probing)
    pair = np.random.default_rng(0).standard_normal((operator.shape[0], 2))
    images = operator @ pair
    gap = abs(pair[:, 0] @ images[:, 1] - pair[:, 1] @ images[:, 0])
    size = np.linalg.norm(pair, axis=0).max() * np.linalg.norm(images, axis=0).max()
    if gap > ASYMMETRY[operator.rounding_unit > np.finfo(float).eps] * size:
        raise DomainError(
            f"the {name} is not symmetric",
            got=f"u'Av and v'Au differ by {gap:.3g} for two random vectors",
            allowed="an operator A with u'Av = v'Au for all vectors",
            mend=f"check its matvec; if {name} is meant to be symmetric, use v -> (A v + A' v) / 2",
        )
    return operator


def check_covariance(name: str, operator: SymmetricOperator) -> None:
    """Refuse an operator of which a short Lanczos run sees a negative eigenvalue; a tiny one may escape it."""
    lowest, highest = operator.seen
    slack = max(COVARIANCE_SLACK, 16 * operator.rounding_unit)
    if lowest < -slack * max(abs(lowest), abs(highest)):
        raise DomainError(
            f"{name} is not positive semidefinite, so it is no covariance",
            got=f"an eigenvalue of at most {lowest:.6g}",
            allowed="eigenvalues >= 0",
            mend="check its matvec; X'Xv is never negative along v",
        )


def check_fits(name: str, size: int, operator: SymmetricOperator) -> None:
    """Refuse something of another size than an operator."""
    if size != operator.shape[0]:
        raise ShapeError(
            f"{name} and {operator.name} differ in size",
            got=f"{size} and {operator.shape[0]}",
            allowed="the same number of parameters",
            mend=f"check {name} and {operator.name}",
        )


def zero_vector(operator: SymmetricOperator) -> np.ndarray:
    """Return a vector of zeros (d,)."""
    return np.zeros(operator.shape[0])
