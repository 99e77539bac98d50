"""A process: a gradient with its noise, an update, and the settings in which the checks run it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import sympy as sp

from sgdtheory.errors import DomainError
from sgdtheory.processes.noise import NoiseLaw
from sgdtheory.processes.update import update
from sgdtheory.symbols import eta, mu

# Letters for the arguments of gradients: vectors and matrices of any dimension d.
d = sp.Symbol("d", integer=True, positive=True)
theta = sp.MatrixSymbol("theta", d, 1)
v = sp.MatrixSymbol("v", d, 1)
H = sp.MatrixSymbol("H", d, d)

Equation = tuple[sp.Expr, sp.Expr]


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
        The symbol, matrix symbol or number with which each argument of the gradient is written; for a noise of
        several parts a tuple.
    momentum, nesterov
        Whether the optimizer carries a velocity, and which way it uses it.
    memory
        Where the gradient is taken: empty, at the present parameters; ``"delay"``, at those of so many steps ago;
        ``"workers"``, at those that one of so many workers, drawn afresh for each step, read last: it reads anew after
        its step. The gradient takes them as ``old``; points carry the word, and all that is kept stands at the start.
    schedule
        From the number of steps taken to the momentum of the next one, where it changes from step to step.
    continuous
        Whether time is continuous: the process is the diffusion to which the step leads for small learning rates, with
        the drift and the noise of the step, at the time learning rate times steps.
    """

    name: str
    description: str
    gradient: Callable[..., Any]
    environments: Callable[[Mapping[str, Any]], tuple[Environment, ...]]
    notation: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    momentum: bool = False
    nesterov: bool = False
    memory: str = ""
    schedule: Callable[[int], Any] | None = None
    continuous: bool = False

    def gradient_at(self, parameters: Any, noise: Any, **model: Any) -> Any:
        """Return the gradient where old parameters, if there are any, and present ones are the same."""
        return self.gradient(parameters, noise, **({"old": parameters} if self.memory else {}), **model)

    def move(
        self, parameters: Any, velocity: Any, noise: Any, *, learning_rate: Any, momentum: Any = 0, **model: Any
    ) -> tuple[Any, Any]:
        """Return the parameters and the velocity after one step, as the optimizer's update makes them."""
        drawn = self.gradient(parameters, noise, **model)
        knobs = {"learning_rate": learning_rate, "momentum": momentum, "nesterov": self.nesterov}
        return update(parameters, velocity, drawn, **knobs)

    def step(self, parameters: Any, noise: Any, *, learning_rate: Any, **model: Any) -> Any:
        """Return the parameters after one step of plain SGD, which carries no velocity."""
        if self.momentum:
            raise TypeError(f"a step of {self.name!r} carries a velocity; use move")
        return self.move(parameters, 0 * parameters, noise, learning_rate=learning_rate, **model)[0]

    @property
    def premise(self) -> tuple[Equation, ...]:
        """The step as mathematics: what ``move`` itself makes of the notation, the velocity first if there is one.

        Raises
        ------
        DomainError
            If the notation lacks an argument of the gradient.

        Examples
        --------
        >>> from sgdtheory.processes.additive_noise import additive_noise
        >>> additive_noise.premise
        ((theta', (-eta)*(H*(theta - theta^*) + n) + theta),)
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
        words = dict(zip(names[2:], model, strict=True))
        if not self.momentum:
            return ((_primed(parameters), self.step(parameters, noise, learning_rate=eta, **words).doit()),)
        after = self.move(parameters, v, noise, learning_rate=eta, momentum=mu, **words)
        return tuple((_primed(old), new.doit()) for old, new in zip((v, parameters), reversed(after), strict=True))


def _primed(before: Any) -> Any:
    name = f"{before.name}'"
    return sp.MatrixSymbol(name, *before.shape) if hasattr(before, "shape") else sp.Symbol(name)


def with_momentum(process: Process, *, nesterov: bool = False) -> Process:
    """Return a process of SGD with a velocity: the same gradient in the same settings.

    Points of its results carry the word ``momentum``.

    Examples
    --------
    >>> from sgdtheory.processes.additive_noise import additive_noise
    >>> with_momentum(additive_noise, nesterov=True).name
    'SGD with Nesterov momentum and additive noise'
    """
    plain, rest = "SGD with ", process.name.removeprefix("SGD with ").removeprefix("SGD on ")
    joint = "and " if process.name.startswith(plain) else "on "
    kind = "Nesterov momentum" if nesterov else "momentum"
    return replace(process, name=f"{plain}{kind} {joint}{rest}", momentum=True, nesterov=nesterov)


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
