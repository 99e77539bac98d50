"""Derivations as objects: a premise, then steps that can be checked again at any time."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import sympy as sp

from sgdtheory.algebra.identities import is_decided, is_symbolic_power, is_zero
from sgdtheory.algebra.numerical_check import DIGITS, POINTS, UndecidedError, difference
from sgdtheory.errors import DomainError, SGDTheoryError


class UnprovedStepError(SGDTheoryError):
    """A step of a derivation does not hold."""


class Status(enum.StrEnum):
    """How a step was checked.

    ``proved``: the numerator of the difference of its sides expands to zero.
    ``numerical``: its sides agree to 50 digits at random rational points; no proof is known.
    ``computed``: its sides are the same expression: the computation gave this form and left nothing to prove.
    """

    PROVED = "proved"
    NUMERICAL = "numerical"
    COMPUTED = "computed"


class Premise(Protocol):
    """What a derivation needs to know of the process that it starts from."""

    @property
    def name(self) -> str:
        """A short name."""

    @property
    def description(self) -> str:
        """One sentence."""

    @property
    def premise(self) -> tuple[tuple[sp.Expr, sp.Expr], ...]:
        """The equations of its step, each with its two sides."""


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
    numerically
        Whether a check at random points will do where there is no proof and no rational function.

    Raises
    ------
    DomainError
        If a side is no exact, finite expression, or the reason no text.

    Examples
    --------
    >>> x, y = sp.symbols("x y", positive=True)
    >>> Step("multiply out", "(x + 1)^2", (x + 1) ** 2, x**2 + 2 * x + 1).status
    <Status.PROVED: 'proved'>
    >>> print(Step("Pythagoras", "1", sp.sin(x) ** 2 + sp.cos(x) ** 2, sp.Integer(1), numerically=True).status)
    numerical
    """

    reason: str
    shown: str | sp.Basic
    left: sp.Expr
    right: sp.Expr
    numerically: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.reason, str) or not isinstance(self.shown, str | sp.Basic):
            raise DomainError(
                "the words of a step are missing",
                got=f"reason {self.reason!r:.60}, shown {self.shown!r:.60}",
                allowed="a reason in text; the left-hand side as a reader should see it, a text or a SymPy object",
                mend='give both, for example Step("multiply out", "(x + 1)^2", (x + 1)**2, x**2 + 2*x + 1)',
            )
        for side in (self.left, self.right):
            _refuse_what_is_not_exact(side)

    @cached_property
    def status(self) -> Status:
        """How it was checked; the check runs when this is first asked for."""
        return self.check()

    def check(self, place: str = "a step") -> Status:
        """Check the equality anew and return how; a proof is preferred to numbers.

        Raises
        ------
        UnprovedStepError
            If it does not hold. The message begins with ``place`` and names the reason, both sides and their
            difference at a point.
        """
        if self.left.has(sp.nan, sp.zoo) or self.right.has(sp.nan, sp.zoo):
            raise self._refusal(place, "a side is not a number")
        if self.left == self.right:
            return Status.COMPUTED
        if is_zero(self.left - self.right):
            return Status.PROVED
        try:
            gap = difference(self.left, self.right)
        except UndecidedError as error:
            raise self._refusal(place, str(error)) from None
        if gap is not None:
            where = ", ".join(f"{symbol} = {value}" for symbol, value in gap[0].items())
            raise self._refusal(place, f"they differ by {gap[1]}{' at ' * bool(where)}{where}")
        if is_decided(self.left - self.right):
            raise self._refusal(
                place, "their difference is a rational function that does not vanish, however small it is"
            )
        if not self.numerically:
            raise self._refusal(place, f"they agree to {DIGITS} digits at {POINTS} points, but that is no proof")
        return Status.NUMERICAL

    def _refusal(self, place: str, found: str) -> UnprovedStepError:
        return UnprovedStepError(
            f"{place} does not hold: {self.reason}",
            got=f"left {self.left}, right {self.right}; {found}",
            allowed="two sides whose difference is a rational function that vanishes, or, with numerically=True, two"
            f" sides that agree to {DIGITS} digits at random points",
            mend="correct the side that is wrong",
        )


@dataclass
class Derivation:
    """The machine-checked way from a process to a value.

    Attributes
    ----------
    process
        Where it starts; its step is the premise.
    steps
        In order, each checked when it was added.
    name
        Name of the result that is derived, if it has one.

    Examples
    --------
    >>> from sgdtheory.catalogue import derive
    >>> derivation = derive("quadratic.mean_trajectory")
    >>> derivation.premise
    ((theta', (-eta)*(H*(theta - theta^*) + n) + theta),)
    >>> [str(step.status) for step in derivation.verify().steps][:2]
    ['proved', 'proved']
    """

    process: Premise
    steps: list[Step] = field(default_factory=list)
    name: str = ""

    def add(
        self,
        reason: str,
        shown: str | sp.Basic,
        left: sp.Expr,
        right: sp.Expr | None = None,
        *,
        numerically: bool = False,
    ) -> sp.Expr:
        """Add a step and return its right-hand side; without ``right`` the left side is only put in lowest terms.

        Parameters
        ----------
        reason
            One sentence of why.
        shown
            The left-hand side as a reader should see it.
        left, right
            The two sides.
        numerically
            Allow a check at random points. A step that has a proof is proved all the same.

        Raises
        ------
        UnprovedStepError
            If the step does not hold; it is not added.
        DomainError
            If a side is no exact, finite expression, for example a text or 0.5, or the reason is no text.
        """
        left = _expression(left)
        right = tidy(left) if right is None else _expression(right)
        step = Step(reason, shown, left, right, numerically)
        step.check(self._place(len(self.steps) + 1))
        self.steps.append(step)
        return right

    @property
    def premise(self) -> tuple[tuple[sp.Expr, sp.Expr], ...]:
        """The equations of the process's step, each with its two sides: where the derivation starts."""
        return self.process.premise

    @property
    def value(self) -> sp.Expr:
        """The right-hand side of the last step."""
        if not self.steps:
            raise DomainError(
                "a derivation without steps has no value",
                got=f"{self.name or 'a derivation'}: no steps",
                allowed="at least one step",
                mend="add one: derivation.add(reason, shown, left, right)",
            )
        return self.steps[-1].right

    def verify(self) -> Derivation:
        """Check every step again; a wrong one names itself.

        Raises
        ------
        UnprovedStepError
            If a step does not hold: its number, its reason, both sides and their difference at a point.
        """
        for number, step in enumerate(self.steps, 1):
            step.check(self._place(number))
        return self

    def _place(self, number: int) -> str:
        return f"{self.name}: step {number}".removeprefix(": ")

    def latex(self) -> str:
        """Return the derivation as LaTeX: the premise, then each step with its reason."""
        from sgdtheory.render.latex import derivation

        return derivation(self)

    def __str__(self) -> str:
        from sgdtheory.render.text import derivation

        return derivation(self)

    def _repr_latex_(self) -> str:
        return self.latex()

    def _repr_html_(self) -> str:
        from sgdtheory.render.html import fragment_of_derivation

        return fragment_of_derivation(self)


Derive = Callable[[], Derivation]


def _expression(side: object) -> sp.Expr:
    """Return a side of a step as an expression; a text is refused, never run."""
    if isinstance(side, int) and not isinstance(side, bool):
        return sp.Integer(side)
    _refuse_what_is_not_exact(side)
    return side


def _refuse_what_is_not_exact(side: object) -> None:
    exact = isinstance(side, sp.Expr) and not isinstance(side, sp.MatrixExpr) and not side.has(sp.Float)
    if not exact or side in (sp.oo, -sp.oo) or {sp.oo, -sp.oo} & set(side.args):  # not: the limits of an integral
        raise DomainError(
            "a side of a step must be a SymPy expression, exact and finite",
            got=f"{type(side).__name__}: {side!r:.60}",
            allowed="an expression of symbols and exact numbers, or a whole number",
            mend="make it of SymPy symbols; write sp.Rational(1, 2) for 0.5; take limits first",
        )


def tidy(expression: sp.Expr) -> sp.Expr:
    """Return the expression in lowest terms, numerator and denominator factored; symbolic powers stay as they are."""
    kept = {power: sp.Dummy() for power in expression.atoms(sp.Pow, sp.exp) if is_symbolic_power(power)}
    factored = sp.factor(sp.together(expression.xreplace(kept))).xreplace(
        {dummy: power for power, dummy in kept.items()}
    )
    return _read_well(factored)


def _read_well(product: sp.Expr) -> sp.Expr:
    """Return the product with its sums turned to 2 - x rather than x - 2, and to a positive sign of the whole."""
    sign, factors = sp.Integer(1), []
    for factor in sp.Mul.make_args(product):
        base, exponent = factor.as_base_exp()
        if base.is_Add and exponent.is_Integer and _turns(base):
            base, sign = -base, sign * (-1) ** exponent
        factors.append((base, exponent))
    whole = sign * sp.prod([base for base, _ in factors if base.is_Number])
    odd = [place for place, (base, exponent) in enumerate(factors) if base.is_Add and exponent.is_odd]
    odd.sort(key=lambda place: factors[place][0].as_coeff_Add()[0] != 0)  # a sum with a number only if no other can
    for place in odd[:1] if whole < 0 else []:
        base, exponent = factors[place]
        factors[place], sign = (-base, exponent), -sign
    return sp.Mul(sign, *(base**exponent for base, exponent in factors))


def _turns(total: sp.Add) -> bool:
    """Return whether a sum reads better with its sign turned: 2 - eta lambda, D - 1, D - m."""
    negative = [term for term in total.args if term.could_extract_minus_sign()]
    if 2 * len(negative) != len(total.args):
        return 2 * len(negative) > len(total.args)
    number, rest = total.as_coeff_Add()
    if number and not (-rest).is_Symbol and not rest.is_Symbol:
        return bool(number < 0)
    return min((term for term in total.args if not term.is_Number), key=str) in negative or (-rest).is_Symbol
