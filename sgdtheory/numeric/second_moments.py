"""The exact recursion of the first two moments of SGD where each sample has its own curvature.

With e = theta - theta*, m(e) = E[e] and S = E[e e'], a batch whose gradient has mean H e and covariance p C(theta),

    m -> m - eta H m,    S -> S - eta (H S + S H) + eta^2 (H S H + p E[C(theta)]),

and where the loss is quadratic in the parameters C(theta) is a polynomial of degree two in e, so that the recursion
closes. As a map of matrices S -> E[(1 - eta A) S (1 - eta A)], A being a batch's curvature, it is symmetric and keeps
covariances covariances; so its largest eigenvalue decides on stability.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from sgdtheory.numeric.arrays import SYMPY, kind_of
from sgdtheory.numeric.solvers.sampled_curvature import TensorCurvature
from sgdtheory.numeric.solvers.second_moment_operator import SecondMomentOperator


@dataclass(frozen=True)
class GradientNoise:
    """The covariance C(theta) of one sample's gradient, a polynomial in e = theta - theta*.

    Attributes
    ----------
    floor
        (d, d): C at the minimum.
    coupling
        (d, d, d): ``C_ij`` gains ``sum_k coupling_ijk e_k``.
    spread
        (d, d, d, d), symmetric in its last two places: ``C_ij`` gains ``sum_kl spread_ijkl e_k e_l``.
    """

    floor: Any
    coupling: Any
    spread: Any

    @property
    def varies(self) -> bool:
        """Whether the covariance depends on the parameters: samples differ in their curvature."""
        if kind_of(self.floor) == SYMPY:
            return any(entry != 0 for entry in (*_entries(self.coupling), *_entries(self.spread)))
        return bool(np.any(self.coupling) or np.any(self.spread))

    def expected(self, mean: Any, second: Any) -> Any:
        """Return E[C(theta)] from E[e], (d,) or (d, 1), and E[e e'], (d, d)."""
        if kind_of(self.floor, mean, second) != SYMPY:
            added = np.tensordot(self.coupling, mean, 1) + np.tensordot(self.spread, second, 2)
            return self.floor + added
        d = second.shape[0]

        def entry(i: int, j: int) -> sp.Expr:
            linear = [self.coupling[i, j, k] * mean[k] for k in range(d)]
            square = [self.spread[i, j, k, l] * second[k, l] for k in range(d) for l in range(d)]  # noqa: E741
            return sp.Add(self.floor[i, j], *linear, *square)

        return sp.ImmutableMatrix(d, d, entry)

    def exact(self) -> GradientNoise:
        """Return the same in SymPy numbers, from NumPy."""
        if kind_of(self.floor) == SYMPY:
            return self
        tensors = (
            sp.ImmutableDenseNDimArray([sp.Rational(float(x)) for x in values.ravel()], values.shape)
            for values in (self.coupling, self.spread)
        )
        return GradientNoise(exact_matrix(self.floor), *tensors)


def numbers(values: Any) -> np.ndarray:
    """Return a SymPy matrix or array of numbers as floats of the same shape."""
    return np.array(values.tolist(), dtype=object).astype(float).reshape(values.shape)


def exact_matrix(values: Any) -> sp.ImmutableMatrix:
    """Return an array of floats, (d,) or (d, d), as a matrix of the rationals that they are."""
    if isinstance(values, sp.MatrixBase):
        return sp.ImmutableMatrix(values)
    rows = np.asarray(values, dtype=float)
    rows = rows[:, None] if rows.ndim == 1 else rows
    return sp.ImmutableMatrix(*rows.shape, [sp.Rational(float(x)) for x in rows.ravel()])


def _matrix(hessian: np.ndarray, noise: GradientNoise, rate: float, share: float) -> np.ndarray:
    """Return the (d^2, d^2) matrix that acts on E[e e']."""
    d = len(hessian)
    plain = np.eye(d) - rate * hessian
    return np.kron(plain, plain) + rate**2 * share * noise.spread.reshape(d * d, d * d)


def _operator(hessian: np.ndarray, noise: GradientNoise, rate: float, share: float) -> SecondMomentOperator:
    return SecondMomentOperator(TensorCurvature(hessian, noise.spread), rate, share)


def stationary_second_moment(hessian: np.ndarray, noise: GradientNoise, rate: float, share: float) -> np.ndarray:
    """Return the E[e e'] that a step does not change, in NumPy."""
    return _operator(hessian, noise, rate, share).solve(rate**2 * share * noise.floor).solution


def moments_after(
    start: np.ndarray, steps: int, hessian: np.ndarray, noise: GradientNoise, rate: float, share: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return E[e] and E[e e'] after some steps from a fixed displacement, (d,), in NumPy."""
    d = len(hessian)
    linear, size = np.eye(d) - rate * hessian, 1 + d + d * d
    whole = np.zeros((size, size))  # acts on (1, E[e], E[e e'])
    whole[0, 0] = 1
    whole[1 : d + 1, 1 : d + 1] = linear
    whole[d + 1 :, d + 1 :] = _matrix(hessian, noise, rate, share)
    whole[d + 1 :, 1 : d + 1] = rate**2 * share * noise.coupling.reshape(d * d, d)
    whole[d + 1 :, 0] = rate**2 * share * noise.floor.ravel()
    begin = np.concatenate([[1.0], start, np.outer(start, start).ravel()])
    after = np.linalg.matrix_power(whole, steps) @ begin
    return after[1 : d + 1], after[d + 1 :].reshape(d, d)


def settling_factor(hessian: np.ndarray, noise: GradientNoise, rate: float, share: float) -> float:
    """Return the factor by which, in the long run, a step shrinks the distance from the stationary moments."""
    mean = np.abs(1 - rate * np.linalg.eigvalsh(hessian)).max()
    return float(max(mean, _operator(hessian, noise, rate, share).spectral_radius()))


def mean_square_limit(hessian: Any, noise: GradientNoise, share: Any) -> Any:
    """Return the learning rate below which E[e e'] converges.

    The step shrinks every S if eta (H S + S H) exceeds eta^2 (H S H + p spread(S)) as quadratic forms: the inverse of
    the largest eigenvalue of the second against the first.
    """
    if kind_of(hessian, noise.floor, share) == SYMPY:
        (h,) = hessian  # one parameter; beyond, the limit is the root of a characteristic polynomial
        return sp.factor(2 * h / (h**2 + share * noise.spread[0, 0, 0, 0]))
    return _operator(hessian, noise, 1.0, share).mean_square_limit()


def _entries(tensor: Any) -> list[sp.Expr]:
    return list(sp.flatten(tensor.tolist()))
