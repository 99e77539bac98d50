"""The one schema: what a closed form is made of, and what is refused when one is written down."""

from __future__ import annotations

import enum
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import sympy as sp

from sgdtheory.symbols import glossary

if TYPE_CHECKING:
    from sgdtheory.processes.observables import Observable
    from sgdtheory.processes.process import Process

Point = Mapping[str, Any]


class Kind(enum.Enum):
    """How a closed form relates to the truth."""

    EXACT = "exact"
    ASYMPTOTIC = "asymptotic"
    BOUND = "bound"


@dataclass(frozen=True)
class Source:
    """Where a formula stands in print.

    Attributes
    ----------
    key
        Entry of ``references.bib``.
    locator
        Equation, theorem or section.
    convention
        How its symbols differ from ours; empty when they agree.
    """

    key: str
    locator: str
    convention: str = ""


@dataclass(frozen=True)
class Erratum:
    """A printed variant that is wrong; the checks prove that it fails.

    Attributes
    ----------
    source
        Where it is printed.
    printed
        The value as printed, in our symbols.
    says
        What is wrong with it, in one line.
    points
        Where the printed claim applies, if it is a special case; the closed form's own points if left out.
    survives
        What of the paper does not depend on it, in one line; empty where ``says`` tells.
    """

    source: Source
    printed: sp.Expr
    says: str
    points: tuple[Point, ...] = ()
    survives: str = ""


@dataclass(frozen=True)
class Limit:
    """What makes a result ASYMPTOTIC: of which exact result it is the limit, and in which parameter.

    The order of the remainder and its leading term are not stated: they follow from the expansion of the exact result
    (``sgdtheory.algebra.series.leading_error``).

    Attributes
    ----------
    exact
        The closed form that it approximates.
    small
        The parameter that goes to zero.
    scaling
        Parameters that move with the small one, by word: ``{"steps": -1}`` keeps ``steps * small`` fixed.
    """

    exact: ClosedForm
    small: sp.Symbol
    scaling: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, kw_only=True)
class ClosedForm:
    """One result of the theory: frozen data, checked when it is made.

    Attributes
    ----------
    name
        ``family.quantity``, the place of its file.
    title
        One line for a list.
    kind
        EXACT, ASYMPTOTIC or BOUND.
    symbol, value
        The two sides of the statement, in symbols of the glossary.
    parameters
        Public word -> glossary symbols.
    domain
        Relations that must hold, for every mode, beyond what the symbols assume (a learning rate is positive).
    assumptions
        Short sentences that no relation can say.
    process
        What is run.
    observable
        Which statistic of the process is predicted.
    points
        At least two parameter sets inside the domain, exact rationals by word, where the checks look.
    sources
        Where it stands in print.
    errata
        Printed variants that are wrong.
    limit
        For ASYMPTOTIC results: of what, and in which parameter.
    bound
        For BOUND results: ``"lower"`` if the value is at most what it bounds, ``"upper"`` if at least.
    """

    name: str
    title: str
    kind: Kind
    symbol: sp.Symbol
    value: sp.Expr
    parameters: Mapping[str, tuple[sp.Symbol, ...]]
    domain: tuple[Any, ...]
    assumptions: tuple[str, ...]
    process: Process
    observable: Observable
    points: tuple[Point, ...]
    sources: tuple[Source, ...]
    errata: tuple[Erratum, ...] = ()
    limit: Limit | None = None
    bound: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.domain, tuple):
            raise TypeError(f"{self.name}: the domain is a tuple; one relation alone needs its comma: (eta < 1,)")
        # What the symbols' own assumptions already say (eta > 0) evaluates to True when it is written.
        object.__setattr__(self, "domain", tuple(relation for relation in self.domain if relation != sp.true))
        declared = set(itertools.chain.from_iterable(self.parameters.values()))
        for expression in (self.value, *(erratum.printed for erratum in self.errata)):
            _check_expression(self.name, expression, declared)
        if self.symbol not in glossary:
            raise TypeError(f"{self.name}: the left-hand side {self.symbol} is not in the glossary")
        if len(self.points) < 2:
            raise TypeError(f"{self.name}: give at least two points inside the domain")
        if (self.kind is Kind.ASYMPTOTIC) is not (self.limit is not None):
            raise TypeError(f"{self.name}: an ASYMPTOTIC result, and only one, states its limit")
        if self.bound not in (("lower", "upper") if self.kind is Kind.BOUND else (None,)):
            raise TypeError(f"{self.name}: a BOUND, and only one, says on which side it lies: 'lower' or 'upper'")
        for point in (*self.points, *(point for erratum in self.errata for point in erratum.points)):
            _check_point(self, point)

    def __repr__(self) -> str:
        return f"<ClosedForm {self.name}: {self.symbol} {self.relation} {self.value}>"

    @property
    def relation(self) -> str:
        """What stands between symbol and value: ``=``, ``~`` for a limit, ``>=`` or ``<=`` for a bound."""
        return {"lower": ">=", "upper": "<=", None: "=" if self.limit is None else "~"}[self.bound]

    def _repr_latex_(self) -> str:
        from sgdtheory.render.latex import statement

        return f"$\\displaystyle {statement(self)}$"

    def _repr_html_(self) -> str:
        from sgdtheory.render.html import fragment_of_form

        return fragment_of_form(self)


def _check_expression(name: str, expression: object, declared: set[sp.Symbol]) -> None:
    if not isinstance(expression, sp.Expr):
        raise TypeError(f"{name}: the value must be a SymPy expression, not {type(expression).__name__}")
    if expression.atoms(sp.Float):
        raise TypeError(f"{name}: floats are not exact; write Rational(1, 10) for 0.1")
    undeclared = expression.free_symbols - declared
    if undeclared:
        raise TypeError(f"{name}: undeclared symbols {sorted(map(str, undeclared))}")


def _check_point(form: ClosedForm, point: Point) -> None:
    missing = set(form.parameters) - set(point)
    if missing:
        raise TypeError(f"{form.name}: the point lacks {sorted(missing)}")
    for symbol in itertools.chain.from_iterable(form.parameters.values()):
        for chosen in assignments(symbol, point):
            if _contradicts(chosen[symbol], symbol):
                raise TypeError(f"{form.name}: the point gives {symbol} the value {chosen[symbol]}")
    for relation in form.domain:
        for chosen in assignments(relation, point):
            if relation.subs(chosen) != sp.true:
                raise TypeError(f"{form.name}: the point {dict(point)} violates {relation} at {chosen}")


def _contradicts(value: sp.Expr, symbol: sp.Symbol) -> bool:
    """Return whether a value breaks an assumption that the glossary makes about a symbol."""
    return any(
        assumed and getattr(value, f"is_{assumption}") is False
        for assumption, assumed in symbol.assumptions0.items()
        if hasattr(value, f"is_{assumption}")
    )


def index_letters(expression: sp.Basic) -> str:
    """Return the mode indices that an expression carries, for example ``"ij"``."""
    return "".join(sorted({letter for s in expression.free_symbols for letter in glossary[s].indices}))


def mode_count(point: Point) -> int:
    """Return the number of modes of a point: the length of its curvature."""
    curvature = point.get("curvature", ())
    return len(curvature) if isinstance(curvature, tuple) else 1


def assignments(expression: sp.Basic, point: Point) -> Iterator[dict[sp.Symbol, sp.Expr]]:
    """Yield, for each choice of mode indices, the values that the point gives to the expression's symbols."""
    letters = index_letters(expression)
    for choice in itertools.product(range(mode_count(point)), repeat=len(letters)):
        yield assignment(expression, point, dict(zip(letters, choice, strict=True)))


def assignment(expression: sp.Basic, point: Point, index: Mapping[str, int]) -> dict[sp.Symbol, sp.Expr]:
    """Return the values of the expression's symbols at a point, for one choice of mode indices."""
    values = {}
    for symbol in expression.free_symbols:
        quantity = glossary[symbol]
        entry = point[quantity.word]
        for letter in quantity.indices:
            entry = entry[index[letter]]
        values[symbol] = sp.sympify(entry)
    return values


def value_at(form: ClosedForm, point: Point, value: sp.Expr | None = None, digits: int | None = None) -> list[sp.Expr]:
    """Return the entries of a closed form (or of a variant ``value`` of it) at a point, in the eigenbasis.

    They are exact, or with ``digits`` worked out to so many digits, which is needed after very many steps.

    The entries run over the indices of the left-hand side in order; an index that stands only on the right is
    summed over. All symbols are replaced at once, so a person's own symbols may share their names with ours.

    Examples
    --------
    >>> from sgdtheory.catalogue import results
    >>> form = results["quadratic.mean_stability_limit"]
    >>> value_at(form, {"largest_curvature": 4, "curvature": (4,)})
    [1/2]
    """
    value = form.value if value is None else value
    left = glossary[form.symbol].indices
    summed = [letter for letter in index_letters(value) if letter not in left]
    modes = range(mode_count(point))
    entries = []
    for choice in itertools.product(modes, repeat=len(left)):
        index = dict(zip(left, choice, strict=True))
        terms = []
        for rest in itertools.product(modes, repeat=len(summed)):
            index.update(zip(summed, rest, strict=True))
            chosen = assignment(value, point, index)
            if digits is not None:
                chosen = {s: v if v.is_Integer else sp.Float(v, digits) for s, v in chosen.items()}
            if digits is not None and value.has(sp.erf):
                # Put in place, a logarithm asks for its argument's sign, to as many digits as exp(-B/n) is small.
                terms.append(value.evalf(digits, subs=chosen))
                continue
            terms.append(value.xreplace(chosen))
        total = sp.Add(*terms)
        entries.append(total if digits is None or total.is_Number else sp.N(total, digits))
    return entries
