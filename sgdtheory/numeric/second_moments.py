"""The covariance of one sample's gradient where the loss is quadratic and each sample has its own curvature.

It is a polynomial of degree two in e = theta - theta*, so that the recursion of the first two moments of SGD closes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from sgdtheory.numeric.arrays import SYMPY, kind_of


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


def mean_square_limit(hessian: sp.Matrix, noise: GradientNoise, share: Any) -> sp.Expr:
    """Return the learning rate below which E[e^2] of one parameter converges, in symbols.

    Beyond one parameter the limit is the root of a characteristic polynomial; ``numeric.stability`` has it in numbers.
    """
    (h,) = hessian
    return sp.factor(2 * h / (h**2 + share * noise.spread[0, 0, 0, 0]))


def _entries(tensor: Any) -> list[sp.Expr]:
    return list(sp.flatten(tensor.tolist()))
