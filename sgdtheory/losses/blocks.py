"""Pieces of a law of the data: symbols that are distributed jointly, and what is known of their moments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import sympy as sp

from sgdtheory.algebra.moments import moment_function
from sgdtheory.errors import DomainError
from sgdtheory.numeric.arrays import check_positive_semidefinite, symmetric

Powers = tuple[int, ...]


@dataclass(frozen=True)
class Block:
    """Data symbols with a joint law that is independent of all others."""

    symbols: tuple[sp.Symbol, ...]

    kind = ""  # by which it is drawn and integrated: "samples", "gaussian", "finite", "family" or "moments"
    gaussian = False

    @property
    def free_symbols(self) -> set[sp.Symbol]:
        """Symbols that the law depends on, such as its variance."""
        return set()

    def moment(self, powers: Powers) -> sp.Expr:
        """Return the expectation of the product of the symbols raised to these powers."""
        raise NotImplementedError

    def at(self, values: Mapping[sp.Symbol, sp.Expr]) -> Block:
        """Return the law with values put in for its symbols."""
        return self

    @property
    def name(self) -> str:
        """The symbols, as they stand as a key of ``data``."""
        return str(self.symbols[0]) if len(self.symbols) == 1 else f"({', '.join(map(str, self.symbols))})"

    def check(self) -> None:
        """Refuse a law that does not exist, as far as its symbols have values."""


@dataclass(frozen=True)
class Univariate(Block):
    """One symbol with a ``sympy.stats`` distribution."""

    variable: Any  # a RandomSymbol

    @property
    def kind(self) -> str:
        """Whether it has finitely many values or is of a family of distributions."""
        return "family" if self.atoms is None else "finite"

    @property
    def gaussian(self) -> bool:
        """Whether it is a normal distribution."""
        return self.family == "Normal"

    @property
    def distribution(self) -> Any:
        """The distribution of ``sympy.stats``."""
        return self.variable.pspace.distribution

    @property
    def family(self) -> str:
        """The name of the distribution's family."""
        return type(self.distribution).__name__.removesuffix("Distribution")

    @property
    def free_symbols(self) -> set[sp.Symbol]:
        """Symbols that the distribution depends on."""
        return self.distribution.free_symbols

    @property
    def atoms(self) -> Mapping[sp.Expr, sp.Expr] | None:
        """The values with their probabilities, if they are finitely many."""
        from sympy.stats.frv import SingleFiniteDistribution

        return dict(self.distribution.dict) if isinstance(self.distribution, SingleFiniteDistribution) else None

    def check(self) -> None:
        """Refuse parameters outside their domain, such as a negative deviation."""
        try:
            self.distribution.check(*self.distribution.args)
        except ValueError as error:
            raise DomainError(
                f"the distribution of {self.name} does not exist",
                got=str(self.distribution),
                allowed=str(error).rstrip("."),
                mend="check its parameters",
            ) from None

    def moment(self, powers: Powers) -> sp.Expr:
        """Return the moment of this order."""
        found = _moment(self.variable, powers[0])
        if found is None:
            raise DomainError(
                f"the moment E[{self.symbols[0]}**{powers[0]}] of {self.family} could not be worked out",
                got=str(self.distribution),
                allowed="distributions with moments of that order that SymPy can find",
                mend=f"give the moments as a dictionary, for example {{{self.symbols[0]}: {{1: 0, 2: 1, 4: 3}}}}",
            )
        return found

    def at(self, values: Mapping[sp.Symbol, sp.Expr]) -> Block:
        """Return the distribution with values put in for its symbols."""
        pspace = self.variable.pspace
        changed = pspace.func(pspace.symbol, pspace.distribution.xreplace(dict(values)))
        return Univariate(self.symbols, changed.value)


@lru_cache(maxsize=1024)
def _moment(variable: Any, order: int) -> sp.Expr | None:
    """Return a moment of a univariate random symbol, or None where SymPy cannot find a finite one."""
    from sympy.stats import E
    from sympy.stats.rv import RandomSymbol

    try:
        found = sp.sympify(E(variable**order))
    except (NotImplementedError, ValueError, TypeError, AttributeError):
        return None
    if found.has(sp.Integral, sp.Sum, sp.Piecewise, sp.nan, sp.oo, sp.zoo, RandomSymbol) or found.has(E):
        return None
    return sp.cancel(found)


@dataclass(frozen=True)
class Gaussian(Block):
    """Jointly normal symbols."""

    mean: sp.ImmutableMatrix
    covariance: sp.ImmutableMatrix

    kind = "gaussian"
    gaussian = True

    @property
    def free_symbols(self) -> set[sp.Symbol]:
        """Symbols in mean and covariance."""
        return self.mean.free_symbols | self.covariance.free_symbols

    def check(self) -> None:
        """Refuse a covariance that is none."""
        what = f"the covariance of {self.name}"
        symmetric(what, self.covariance)
        check_positive_semidefinite(what, self.covariance)

    @cached_property
    def _moments(self) -> Any:
        count = len(self.symbols)
        units = [tuple(int(i == j) for j in range(count)) for i in range(count)]
        cumulants = {unit: self.mean[i] for i, unit in enumerate(units)}
        for i in range(count):
            for j in range(i, count):
                both = tuple(a + b for a, b in zip(units[i], units[j], strict=True))
                cumulants[both] = self.covariance[i, j]
        return moment_function(cumulants, count)

    def moment(self, powers: Powers) -> sp.Expr:
        """Return the moment, by the theorem of Isserlis."""
        moment, values = self._moments
        return sp.expand(moment(powers).as_expr(*values))

    def at(self, values: Mapping[sp.Symbol, sp.Expr]) -> Block:
        """Return the law with values put in for its symbols."""
        return Gaussian(self.symbols, self.mean.xreplace(dict(values)), self.covariance.xreplace(dict(values)))


@dataclass(frozen=True)
class Moments(Block):
    """Symbols of which some moments are known, and nothing else."""

    table: Mapping[Powers, sp.Expr]
    given_as: str = "moments"

    kind = "moments"

    @property
    def free_symbols(self) -> set[sp.Symbol]:
        """Symbols in the moments."""
        return set().union(*(value.free_symbols for value in self.table.values()))

    def check(self) -> None:
        """Refuse moments that no data have: a square's mean below the square of the mean."""
        for powers, value in self.table.items():
            double = self.table.get(tuple(2 * power for power in powers))
            if any(powers) and double is not None and sp.expand(double - value**2).is_negative:
                u = self._monomial(powers)
                raise DomainError(
                    f"no data have these moments of {self.name}",
                    got=f"E[{u**2}] = {double} below E[{u}]^2 = {value**2}",
                    allowed="moments about zero, not about the mean",
                    mend="E[x^2] is the variance plus the square of the mean",
                )

    def moment(self, powers: Powers) -> sp.Expr:
        """Return a moment that was given."""
        if powers not in self.table:
            name = self._monomial(powers)
            raise DomainError(
                f"the moment E[{name}] is needed, but of {self.name} only the {self.given_as} are given",
                got=", ".join(f"E[{self._monomial(known)}]" for known in self.table) or "none",
                allowed=f"all moments that the loss's gradient and its covariance need, here also E[{name}]",
                mend=f"give moments with this one, {{{self.name}: {{..., {name}: value}}}}, or a distribution",
            )
        return self.table[powers]

    def _monomial(self, powers: Powers) -> sp.Expr:
        return sp.Mul(*(symbol**power for symbol, power in zip(self.symbols, powers, strict=True)))

    def at(self, values: Mapping[sp.Symbol, sp.Expr]) -> Block:
        """Return the law with values put in for its symbols."""
        table = {powers: value.xreplace(dict(values)) for powers, value in self.table.items()}
        return Moments(self.symbols, table, self.given_as)


@dataclass(frozen=True, eq=False)
class Samples(Block):
    """The empirical law of an array of samples, (D, k)."""

    rows: Any

    kind = "samples"

    def moment(self, powers: Powers) -> sp.Expr:
        """Return the average over the samples, as the rational that it is in floating point."""
        product = 1.0
        for column, power in enumerate(powers):
            product = product * self.rows[:, column] ** power
        return sp.Rational(float(product.mean()))
