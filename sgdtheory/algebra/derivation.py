"""Derivations as objects: a premise, then steps that can be proved again at any time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import sympy as sp

from sgdtheory.processes.process import Process


class UnprovedStepError(ValueError):
    """A step of a derivation does not hold."""


@dataclass(frozen=True)
class Step:
    """One equality.

    Attributes
    ----------
    reason
        One sentence of why.
    shown
        The left-hand side as a reader should see it.
    left, right
        Two expressions, found independently, whose difference must vanish.
    """

    reason: str
    shown: sp.Basic
    left: sp.Expr
    right: sp.Expr

    @property
    def proved(self) -> bool:
        """Whether the numerator of left - right expands to zero."""
        return is_zero(self.left - self.right)


@dataclass
class Derivation:
    """The machine-checked way from a process to a value.

    Attributes
    ----------
    process
        Where it starts; its step is the premise.
    steps
        In order, each proved when it was added.
    """

    process: Process
    steps: list[Step] = field(default_factory=list)
    name: str = ""

    def add(self, reason: str, shown: sp.Basic, left: sp.Expr, right: sp.Expr | None = None) -> sp.Expr:
        """Add a step and return its right-hand side; without ``right`` the left side is only put in lowest terms."""
        left = sp.sympify(left)
        right = tidy(left) if right is None else sp.sympify(right)
        step = Step(reason, shown, left, right)
        if not step.proved:
            raise UnprovedStepError(f"step {len(self.steps) + 1} does not hold: {reason}")
        self.steps.append(step)
        return right

    @property
    def value(self) -> sp.Expr:
        """The right-hand side of the last step."""
        return self.steps[-1].right

    def verify(self) -> Derivation:
        """Prove every step again; a wrong one names itself.

        Raises
        ------
        UnprovedStepError
            If a step does not hold.
        """
        for number, step in enumerate(self.steps, 1):
            if not step.proved:
                raise UnprovedStepError(f"{self.name}: step {number} does not hold: {step.reason}")
        return self

    def latex(self) -> str:
        """Return the derivation as LaTeX: the premise, then each step with its reason."""
        from sgdtheory.render.latex import derivation

        return derivation(self)

    def __str__(self) -> str:
        from sgdtheory.render.text import derivation

        return derivation(self)

    def _repr_latex_(self) -> str:
        return self.latex()


Derive = Callable[[], Derivation]


def tidy(expression: sp.Expr) -> sp.Expr:
    """Return the expression in lowest terms, numerator and denominator factored."""
    return sp.factor(sp.together(sp.powsimp(sp.expand_power_exp(expression))))


def is_zero(expression: sp.Expr) -> bool:
    """Return whether the numerator of an expression expands to zero; powers are split into independent atoms first.

    Examples
    --------
    >>> x, n = sp.Symbol("x"), sp.Symbol("n", integer=True)
    >>> is_zero((1 + x) ** (n + 1) - (1 + x) ** n * (1 + x))
    True
    """
    numerator = sp.together(sp.expand_power_exp(sp.expand_power_base(expression))).as_numer_denom()[0]
    if sp.expand(numerator) == 0:
        return True
    atoms = {power: sp.Dummy() for power in numerator.atoms(sp.Pow, sp.exp) if not power.exp.is_Integer}
    return sp.expand(numerator.xreplace(atoms)) == 0
