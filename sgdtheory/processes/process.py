"""A process: a gradient with its noise, an update, and the settings in which the checks run it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import sympy as sp

from sgdtheory.errors import DomainError
from sgdtheory.processes.noise import NoiseLaw
from sgdtheory.processes.update import update
from sgdtheory.symbols import eta

# Letters for the arguments of gradients: vectors and matrices of any dimension d.
d = sp.Symbol("d", integer=True, positive=True)
theta = sp.MatrixSymbol("theta", d, 1)
H = sp.MatrixSymbol("H", d, d)


@dataclass(frozen=True)
class Environment:
    """One concrete setting of a process, in exact numbers and in the basis of the parameters.

    Attributes
    ----------
    weight
        Its probability; settings differ only where data sets are drawn at random.
    model
        Keyword arguments of the gradient.
    noise
        Law of the noise argument.
    hessian
        The (d, d) Hessian of the loss.
    basis
        Its eigenvectors, one per column, in the order of the point's curvature.
    minimum
        The (d, 1) minimiser of the training loss.
    truth
        The (d, 1) minimiser of the population loss.
    """

    weight: sp.Expr
    model: Mapping[str, Any]
    noise: NoiseLaw
    hessian: sp.ImmutableMatrix
    basis: sp.ImmutableMatrix
    minimum: sp.ImmutableMatrix
    truth: sp.ImmutableMatrix


@dataclass(frozen=True)
class Process:
    """What is simulated.

    Attributes
    ----------
    name
        A short name.
    description
        One sentence.
    gradient
        ``gradient(parameters, noise, **model)``, arithmetic only.
    environments
        From a parameter point to the settings in which the checks run it.
    notation
        The symbol, matrix symbol or number with which each argument of the gradient is written.
    """

    name: str
    description: str
    gradient: Callable[..., Any]
    environments: Callable[[Mapping[str, Any]], tuple[Environment, ...]]
    notation: Mapping[str, sp.Basic] = field(default_factory=lambda: MappingProxyType({}))

    def step(self, parameters: Any, noise: Any, *, learning_rate: Any, **model: Any) -> Any:
        """Return the parameters after one step of plain SGD."""
        drawn = self.gradient(parameters, noise, **model)
        return update(parameters, 0 * drawn, drawn, learning_rate=learning_rate)[0]

    @property
    def premise(self) -> tuple[sp.Expr, sp.Expr]:
        """The step as mathematics: the next parameters, and what ``step`` itself makes of the notation.

        Raises
        ------
        DomainError
            If the notation lacks an argument of the gradient.

        Examples
        --------
        >>> from sgdtheory.processes.additive_noise import additive_noise
        >>> additive_noise.premise
        (theta', (-eta)*(H*(theta - theta^*) + n) + theta)
        """
        names = list(inspect.signature(self.gradient).parameters)
        missing = [name for name in names if name not in self.notation]
        if missing:
            raise DomainError(
                f"the process {self.name!r} has no notation for {', '.join(missing)}",
                got=f"a notation for {', '.join(self.notation) or 'nothing'}",
                allowed="a symbol or matrix symbol for each argument of the gradient",
                mend="give them as notation= where the process is made",
            )
        parameters, noise, *model = (self.notation[name] for name in names)
        after = self.step(parameters, noise, learning_rate=eta, **dict(zip(names[2:], model, strict=True)))
        primed = f"{parameters.name}'"
        left = sp.MatrixSymbol(primed, *parameters.shape) if hasattr(parameters, "shape") else sp.Symbol(primed)
        return left, after.doit()


def rotation(dimension: int) -> sp.ImmutableMatrix:
    """Return a rational orthogonal matrix without zeros, so that no check runs in the eigenbasis by luck."""
    v = sp.Matrix(range(1, dimension + 1))
    return sp.ImmutableMatrix(sp.eye(dimension) - 2 * v * v.T / v.dot(v))


def point(**values: Any) -> Mapping[str, Any]:
    """Return a read-only parameter point with exact rationals.

    Examples
    --------
    >>> point(learning_rate="1/10", batch_size=4)["learning_rate"]
    1/10
    """
    return MappingProxyType({word: _exact(value) for word, value in values.items()})


def _exact(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return tuple(_exact(entry) for entry in value)
    if isinstance(value, str) and value[:1].isalpha():
        return value  # a named choice, such as the way of sampling
    return sp.Rational(value)
