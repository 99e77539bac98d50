"""Covariances as operators: products with a matrix that is linear in the noise, without ever forming it.

A value N(lambda_i, lambda_j)/d(lambda_i, lambda_j) C_ij is N(L, R) X, where L and R multiply by the Hessian from the
two sides and d(L, R) X = C. For d = b (lambda_i + lambda_j) + c lambda_i lambda_j, k = 2b + c lambda and
mu = lambda/k, d is k_i k_j (mu_i + mu_j)/2: a Lyapunov equation in mu, which the alternating-direction iteration solves
with the optimal shifts of Zolotarev (Wachspress 2013). Each shift costs two solves with (1 + c a) H + 2 a b and one
product with C, for any number of vectors at once, because all matrices commute with H.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp
from scipy import special
from scipy.sparse.linalg import LinearOperator

from sgdtheory.algebra.spectral import Atom, OperatorForm, Terms
from sgdtheory.errors import DomainError, ShapeError
from sgdtheory.numeric.arrays import NUMPY, as_array
from sgdtheory.numeric.matrix_free.operator_function import (
    BlockFunction,
    conjugate_gradients,
    horner,
    operator_function,
)
from sgdtheory.numeric.matrix_free.symmetric_operator import FLOOR_SAFETY, SymmetricOperator
from sgdtheory.numeric.operators import coefficients
from sgdtheory.symbols import lambda_i


class CovarianceOperator(LinearOperator):
    """A matrix (d, d) that is linear in the noise, by its products; made by ``evaluate``.

    Attributes
    ----------
    tolerance
        Error of a product, over the norm of the covariance times that of the vector; small entries of a product have
        fewer digits. Where the formula subtracts (few steps, not yet stationary) the norm is that of the stationary
        covariance. Operators in single precision are limited by their rounding, 1.2e-7 times the condition number of
        the Hessian, which then stands here if it is larger than the tolerance that was asked for.
    single
        Whether products are as good as single precision only.
    shifts
        Shifts of the iteration: a product takes twice as many linear systems, and as many products with the noise.
    """

    def __init__(
        self,
        form: OperatorForm | None,
        hessian: SymmetricOperator,
        noise: SymmetricOperator,
        scalars: dict[sp.Symbol, Any],
        tolerance: float,
    ) -> None:
        super().__init__(np.dtype(float), hessian.shape)
        self.tolerance, self.shifts = tolerance, 0
        self.single = max(hessian.rounding_unit, noise.rounding_unit) > np.finfo(float).eps
        self._accuracy, self._noise, self._terms, self._inner = tolerance, noise, [], None
        if form is None:  # the value is zero
            return
        self._inner = self._solution(form.denominator, hessian, scalars)
        for term in form.numerator:
            sides = (_side(powers, form.atoms) for powers in term[1:])
            left, right = (operator_function(side, hessian, scalars, tolerance) for side in sides)
            (coefficient,) = coefficients((term,), scalars)
            self._terms.append((float(coefficient), left, right))

    def _solution(self, terms: Terms, hessian: SymmetricOperator, scalars: dict[sp.Symbol, Any]) -> BlockFunction:
        """Return V -> X V with d(L, R) X = C."""
        values = {}
        for value, (_, left, right) in zip(coefficients(terms, scalars), terms, strict=True):
            if any(left[1:]) or any(right[1:]):
                raise NotImplementedError("a power in the denominator of a covariance, for operators")
            values[left[0], right[0]] = float(value)
        if set(values) == {(0, 0)}:
            return lambda block: (self._noise @ block) / values[0, 0]
        both, first, second = values.pop((1, 1), 0.0), values.pop((1, 0), None), values.pop((0, 1), None)
        if values or first is None or first != second:
            raise NotImplementedError("this denominator of a covariance is not built for operators; arrays are")
        sign = np.sign(first)
        iteration = _Iteration(hessian, self._noise, abs(first), sign * both, self._accuracy)
        self.shifts = len(iteration.shifts)
        unit = max(hessian.rounding_unit, self._noise.rounding_unit)
        if unit > np.finfo(float).eps:
            self.tolerance = max(self._accuracy, unit * hessian.highest / hessian.lowest)
        return lambda block: sign * iteration(block)

    def matvec(self, x: Any) -> np.ndarray:
        """Return the product with a vector, (d,) or (d, 1)."""
        return super().matvec(self._checked(x))

    def matmat(self, X: Any) -> np.ndarray:
        """Return the product with several vectors at once, (d, p)."""
        return super().matmat(self._checked(X))

    def _checked(self, vectors: Any) -> np.ndarray:
        vectors = as_array("the vector", vectors, NUMPY, min(max(np.ndim(vectors), 1), 2))
        if vectors.shape[0] != self.shape[0]:
            raise ShapeError(
                "the vector does not fit the covariance",
                got=f"shape {vectors.shape}",
                allowed=f"({self.shape[0]},), or ({self.shape[0]}, p) for p vectors at once",
                mend="hand in one entry for each parameter",
            )
        return vectors

    def _matmat(self, block: np.ndarray) -> np.ndarray:
        if not self._terms:
            return np.zeros_like(block)
        rights = [right(block) for _, _, right in self._terms]
        solved = np.split(self._inner(np.hstack(rights)), len(rights), axis=1)
        return sum(c * left(part) for (c, left, _), part in zip(self._terms, solved, strict=True))

    def _matvec(self, vector: np.ndarray) -> np.ndarray:
        return self._matmat(vector.reshape(-1, 1)).reshape(vector.shape)

    def __repr__(self) -> str:
        return f"<{self.shape[0]}x{self.shape[1]} covariance by its products, {self.shifts} shifts>"


def _side(powers: tuple[int, ...], atoms: tuple[Atom, ...]) -> sp.Expr:
    """Return what a term multiplies by from one side, as a function of lambda_i."""
    found = lambda_i ** powers[0]
    for atom, power in zip(atoms, powers[1:], strict=True):
        exponential = sp.exp(atom.base * lambda_i * atom.exponent * power)
        found *= exponential if atom.kind == "exp" else atom.base ** (atom.exponent * power)
    return found


class _Iteration:
    """The product form of the alternating-direction iteration for b (H X + X H) + c H X H = C."""

    def __init__(
        self, hessian: SymmetricOperator, noise: SymmetricOperator, slope: float, product: float, tolerance: float
    ) -> None:
        self.hessian, self.noise, self.slope, self.product = hessian, noise, slope, product
        self.accuracy = tolerance / 10
        low, high = FLOOR_SAFETY * hessian.lowest, hessian.highest  # a smaller low end costs hardly a shift
        if 2 * slope + product * high <= 0:
            raise DomainError(
                "nothing is stationary: the covariance grows without bound",
                got=f"a largest eigenvalue {high:.6g}, beyond {-2 * slope / product:.6g}",
                allowed="a learning rate below 2/(largest eigenvalue)",
                mend="take a smaller learning rate, see stability_limit",
            )
        self.shifts = optimal_shifts(low / (2 * slope + product * low), high / (2 * slope + product * high), tolerance)

    def __call__(self, block: np.ndarray) -> np.ndarray:
        """Return X times a block: forth through the shifts, the noise, and back."""
        noisy = []
        for shift in self.shifts:
            below = self._divided(shift, block)
            noisy.append(4 * shift * (self.noise @ below))
            block = self._reflected(shift, below)
        total = np.zeros_like(block)
        for shift, part in zip(self.shifts[::-1], noisy[::-1], strict=True):
            total = self._divided(shift, part + self._reflected(shift, total))
        return total

    def _divided(self, shift: float, block: np.ndarray) -> np.ndarray:
        """Return ((mu + shift) k)^-1 times a block."""
        terms = np.array([2 * shift * self.slope, 1 + self.product * shift])
        return conjugate_gradients(lambda part: horner(terms, self.hessian, part), block, self.accuracy)

    def _reflected(self, shift: float, block: np.ndarray) -> np.ndarray:
        """Return (mu - shift) k times a block."""
        return horner(np.array([-2 * shift * self.slope, 1 - self.product * shift]), self.hessian, block)


def optimal_shifts(low: float, high: float, tolerance: float) -> np.ndarray:
    """Return shifts a_j for which the product of ((x - a_j)/(x + a_j))**2 is below a tolerance for low <= x <= high.

    Notes
    -----
    Their number is from the bound 4 exp(-pi^2 k / log(4 high/low)) of Beckermann & Townsend (2017), SIAM J. Matrix
    Anal. Appl. 38(4); the shifts are Zolotarev's, high dn((2j - 1) K/(2k)) of modulus sqrt(1 - (low/high)**2).

    Examples
    --------
    >>> optimal_shifts(1.0, 100.0, 1e-2).round(2)
    array([ 1.29,  4.78, 20.93, 77.29])
    """
    count = max(1, int(np.ceil(np.log(4 / tolerance) * np.log(4 * high / low) / np.pi**2)))
    ratio = (low / high) ** 2
    quarter = special.ellipkm1(ratio)
    # dn(K - u) = sqrt(1 - modulus^2)/dn(u) spares the half near K, where dn loses its digits.
    nearer = (2 * np.arange(1, count // 2 + 1) - 1) * quarter / (2 * count)
    upper = high * special.ellipj(nearer, 1 - ratio)[2]
    middle = [np.sqrt(low * high)] if count % 2 else []
    return np.sort(np.concatenate([upper, middle, low * high / upper]))
