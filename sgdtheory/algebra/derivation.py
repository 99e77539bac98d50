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
    """Return the expression in lowest terms, numerator and denominator factored; symbolic powers stay as they are."""
    kept = {power: sp.Dummy() for power in expression.atoms(sp.Pow, sp.exp) if _is_symbolic_power(power)}
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
    for place, (base, exponent) in enumerate(factors):
        if whole < 0 and base.is_Add and exponent.is_Integer and exponent % 2 and not base.as_coeff_Add()[0]:
            factors[place], sign, whole = (-base, exponent), -sign, -whole
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


def is_zero(expression: sp.Expr) -> bool:
    """Return whether the numerator of an expression expands to zero.

    Powers with a symbolic exponent are first written in independent atoms, one for each irreducible factor of their
    base, so that the test is one of rational functions.

    Examples
    --------
    >>> x, n = sp.Symbol("x"), sp.Symbol("n", integer=True)
    >>> is_zero((1 - x) ** (n + 1) - (-1) ** n * (x - 1) ** n * (1 - x))
    True
    >>> is_zero((1 - x) ** (n + 1) - (1 - x) ** n)
    False
    """
    atoms: dict[tuple[sp.Expr, sp.Expr], sp.Dummy] = {}
    opened = expression.replace(_is_symbolic_power, lambda power: _in_atoms(power, atoms))
    return sp.expand(sp.together(opened).as_numer_denom()[0]) == 0


def _is_symbolic_power(expression: sp.Basic) -> bool:
    if isinstance(expression, sp.exp):
        return True
    return isinstance(expression, sp.Pow) and not expression.exp.is_number


def _in_atoms(power: sp.Expr, atoms: dict[tuple[sp.Expr, sp.Expr], sp.Dummy]) -> sp.Expr:
    """Return a symbolic power as a product of integer powers of atoms."""

    def atom(base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
        if exponent.is_Add:
            return sp.prod([atom(base, term) for term in exponent.args])
        if exponent.is_Integer:
            return base**exponent
        count, rest = exponent.as_coeff_Mul()
        if not count.is_Integer:
            count, rest = sp.Integer(1), exponent
        if base == -1:
            return (-1) ** (count * rest)
        return atoms.setdefault((base, rest), sp.Dummy()) ** count

    if isinstance(power, sp.exp):
        return sp.prod([atom(sp.E, term) for term in sp.Add.make_args(sp.expand(power.exp))])
    number, factors = sp.factor_list(power.base)
    bases = [(factor, multiplicity) for factor, multiplicity in factors]
    bases += [(sp.Integer(-1), 1)] * bool(number < 0) + [(abs(number), 1)] * bool(abs(number) != 1)
    return sp.prod([atom(sp.sympify(base), sp.expand(multiplicity * power.exp)) for base, multiplicity in bases])
