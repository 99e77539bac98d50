"""The problem that a per-sample loss and the law of its data make."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.errors import DomainError
from sgdtheory.losses.blocks import Moments, Samples
from sgdtheory.losses.quadratic import QuadraticModel
from sgdtheory.losses.statement import Statement, symbol_named
from sgdtheory.numeric.arrays import NUMPY, as_array, dot, kind_of
from sgdtheory.numeric.scalars import scalar
from sgdtheory.numeric.second_moments import GradientNoise
from sgdtheory.problems import Problem, as_point, check_dataset_size

STRONGEST_FIRST = ("positive", "negative", "nonnegative", "nonpositive", "integer", "nonzero", "real", "commutative")


class SampledLoss(Problem):
    """The expected loss of a sample, quadratic in the parameters; made by :func:`sgdtheory.from_loss`.

    Attributes
    ----------
    statement
        The loss, its parameters and the law of the data.
    constants
        Symbols of loss, law and data-set size that have no value yet.
    gradient_noise
        The covariance of one sample's gradient as a polynomial around the minimum.
    loss_at_minimum
        The expected loss there.
    model
        Everything in exact SymPy expressions; None where the data are an array and all else are numbers.
    """

    def __init__(
        self,
        statement: Statement,
        kind: str,
        *,
        hessian: Any,
        minimum: Any,
        gradient_noise: GradientNoise,
        loss_at_minimum: Any,
        dataset_size: Any,
        model: QuadraticModel | None = None,
    ) -> None:
        self.statement, self.kind, self.dataset_size, self.model = statement, kind, dataset_size, model
        self.gradient_noise = gradient_noise
        self.hessian = as_array("the expected Hessian", hessian, kind, 2)
        self.minimum = as_array("the minimum", minimum, kind, 1)
        self.loss_at_minimum, self.dimension = loss_at_minimum, len(statement.parameters)
        self.one_curvature = not gradient_noise.varies
        self.noise_of_training_data = any(isinstance(block, Samples) for block in statement.law.blocks)
        self.whole_data_set = all(isinstance(block, Moments | Samples) for block in statement.law.blocks)

    cure_for_flatness = "leave out redundant parameters, or add a penalty such as (a**2 + b**2)/100 to the loss"

    @property
    def constants(self) -> tuple[sp.Symbol, ...]:
        """Symbols of loss, law and data-set size that have no value yet."""
        size = self.dataset_size.free_symbols if isinstance(self.dataset_size, sp.Basic) else set()
        return tuple(sorted({*self.statement.constants, *size}, key=str))

    @property
    def noise(self) -> Any:
        """The (d, d) covariance of one sample's gradient at the minimum."""
        return self.gradient_noise.floor

    @cached_property
    def gaussian(self) -> bool:
        """Whether the gradient noise is Gaussian: the same everywhere, and linear in Gaussian data."""
        law = self.statement.law
        if not self.one_curvature or not all(block.gaussian for block in law.blocks):
            return False
        gradient = self.statement.gradient
        if not all(entry.is_polynomial(*law.symbols) for entry in gradient):
            return False
        return all(law.polynomial(entry).total_degree() <= 1 for entry in gradient)

    def noise_at(self, theta: Any) -> Any:
        """Return the (d, d) covariance of one sample's gradient at theta, shape (d,)."""
        offset = self._offset(theta)
        return self.gradient_noise.expected(offset, _outer(offset))

    def loss(self, theta: Any) -> Any:
        """Return the expected loss at theta, shape (d,)."""
        offset = self._offset(theta)
        value = self.loss_at_minimum + dot(offset, self.hessian @ offset) / 2
        return float(value) if self.kind == NUMPY and kind_of(value) == NUMPY else value

    def gradient(self, theta: Any) -> Any:
        """Return the (d,) expected gradient at theta."""
        return self.hessian @ self._offset(theta)

    def _offset(self, theta: Any) -> Any:
        return as_point(self, theta) - self.minimum

    def at(self, values: Mapping[Any, Any]) -> SampledLoss:
        """Return the problem with values put in for constants.

        Parameters
        ----------
        values
            From constants, or their names, to numbers or expressions. Once no constant is left the problem is made
            of NumPy numbers.

        Raises
        ------
        DomainError
            If a name is no constant of the problem; the nearest ones are offered.
        """
        from sgdtheory.losses.from_loss import build

        if not isinstance(values, Mapping):
            raise DomainError(
                "values of constants are no dictionary",
                got=repr(values)[:60],
                allowed="a dictionary from symbols or names to values",
                mend="write, for example, problem.at({'sigma': 1.5})",
            )
        known = {symbol_named(name, self.constants, "constant"): _value(name, value) for name, value in values.items()}
        for name in known:
            if (assumed := known[name]).is_number and _contradicts(name, assumed):
                raise DomainError(
                    f"the value of {name} contradicts what was assumed of it",
                    got=assumed,
                    allowed=f"{next(key for key in STRONGEST_FIRST if getattr(name, f'is_{key}'))} values",
                    mend="take another value, or make the symbol without the assumption",
                )
        size = self.dataset_size
        size = check_dataset_size(_whole(size.xreplace(known)) if isinstance(size, sp.Basic) else size)
        return build(self.statement.at(known), None, size)

    def derivation(self, sampling: str = "replacement") -> Derivation:
        """Return the theory of SGD on this problem with its steps, from the loss to the stationary covariance.

        Parameters
        ----------
        sampling
            ``"replacement"`` or ``"without_replacement"``: how batches are drawn.

        Raises
        ------
        DomainError
            If the loss was expanded, or the data are an array: there is nothing symbolic to derive.
        """
        from sgdtheory.losses.derivation import derive

        return derive(self, sampling)

    def __repr__(self) -> str:
        names = ", ".join(map(str, self.statement.parameters))
        size = "" if self.dataset_size is None else f", dataset_size={self.dataset_size}"
        missing = f", constants=({', '.join(map(str, self.constants))})" if self.constants else ""
        return f"{type(self).__name__}({self.statement.loss!s:.60}, parameters=({names}){missing}{size})"


def _outer(offset: Any) -> Any:
    if isinstance(offset, sp.MatrixBase):
        return offset * offset.T
    return offset[:, None] * offset[None, :]


def _value(name: Any, value: Any) -> sp.Expr:
    value = scalar(str(name), value)
    return value if isinstance(value, sp.Expr) else sp.Rational(repr(float(value)))


def _whole(size: sp.Expr) -> Any:
    return int(size) if size.is_Integer else size


def _contradicts(symbol: sp.Symbol, value: sp.Expr) -> bool:
    return any(getattr(value, f"is_{name}", None) not in (None, wanted) for name, wanted in symbol.assumptions0.items())
