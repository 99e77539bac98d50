"""Pieces of a law of the data: symbols that are distributed jointly, and what is known of their moments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp

from sgdtheory.algebra.moments import moment_function
from sgdtheory.errors import DomainError
from sgdtheory.losses.known_moments import MOMENTS, moment_of
from sgdtheory.numeric.arrays import check_positive_semidefinite, symmetric
from sgdtheory.numeric.exact_numbers import as_integers, lowest_eigenvalue

Powers = tuple[int, ...]
MOST_VALUES = 10_000  # of a law with finitely many, whose probabilities are given
MOST_WORKED_OUT = 1_000  # and of one whose probabilities have to be worked out
MOST_SYMBOLIC_ORDER = 16  # of a moment of a law with symbols; its square stands in the gradient covariance
SHORTER = {"Beta": 4, "BetaBinomial": 4, "Hypergeometric": 4, "Triangular": 8}  # ratios and sums of many terms


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
        from sympy.stats.frv import SingleFiniteDistribution

        return "finite" if isinstance(self.distribution, SingleFiniteDistribution) else "family"

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
    def atoms(self) -> Mapping[sp.Expr, sp.Expr]:
        """The values with their probabilities, of a law with finitely many.

        Raises
        ------
        DomainError
            If they are too many to be listed, or their number is a symbol.
        """
        last = sp.sympify(getattr(self.distribution, "high", 0))  # absent where the values were listed one by one
        most = MOST_VALUES if self.family == "Die" else MOST_WORKED_OUT
        if not last.is_number or last > most:
            raise DomainError(
                f"the law of {self.name} has too many values to sum over them",
                got=str(self.distribution),
                allowed=f"at most {most} values",
                mend="hand in an array of samples, or a distribution that is close, such as Normal",
            )
        return dict(self.distribution.dict)

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
        """Return the moment of this order, by a closed formula or a sum over finitely many values."""
        order, parameters = powers[0], self.distribution.args
        highest = SHORTER.get(self.family, MOST_SYMBOLIC_ORDER)
        if order > highest and self.free_symbols:
            raise DomainError(
                f"the moment E[{self.symbols[0]}**{order}] of a law with symbols is too long an expression",
                got=str(self.distribution),
                allowed=f"moments up to order {highest}, or numbers for {self._names}",
                mend="put numbers in, or give the moments as symbols of their own in a dictionary",
            )
        found = moment_of(self.family, order, parameters)
        if found is None and self.family not in MOMENTS and self.kind == "finite":
            found = sp.Add(*(chance * value**order for value, chance in self.atoms.items()))
        if found is None:
            raise DomainError(
                f"the moment E[{self.symbols[0]}**{order}] of {self.family} could not be worked out",
                got=str(self.distribution),
                allowed=f"{', '.join(MOMENTS)} where that moment exists, and laws of finitely many values",
                mend=f"give the moments as a dictionary, for example {{{self.symbols[0]}: {{1: 0, 2: 1, 4: 3}}}}",
            )
        return found

    @property
    def _names(self) -> str:
        return ", ".join(sorted(map(str, self.free_symbols)))

    def at(self, values: Mapping[sp.Symbol, sp.Expr]) -> Block:
        """Return the distribution with values put in for its symbols."""
        pspace = self.variable.pspace
        changed = pspace.func(pspace.symbol, pspace.distribution.xreplace(dict(values)))
        return Univariate(self.symbols, changed.value)


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
        """Refuse moments that no data have: E[u v] of monomials u, v is positive semidefinite."""
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
        known = {powers: value for powers, value in self.table.items() if not value.free_symbols}
        known[(0,) * len(self.symbols)] = sp.Integer(1)
        roots = [tuple(power // 2 for power in powers) for powers in known if not any(power % 2 for power in powers)]
        roots.sort(key=sum)
        # With the monomial 1 the means are taken in; without it, what is known of products alone.
        for first in (roots[:1], []):
            chosen = _all_products_known([*first, *roots[1:]], known)
            table = [[known[_product(one, two)] for two in chosen] for one in chosen]
            if chosen and lowest_eigenvalue(table) < 0:
                raise DomainError(
                    f"no data have these moments of {self.name}",
                    got=", ".join(f"E[{self._monomial(powers)}] = {known[powers]}" for powers in self.table),
                    allowed=f"E[u v] positive semidefinite for u, v among {[self._monomial(u) for u in chosen]}",
                    mend="check them; moments are about zero, not about the mean",
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


def _product(one: Powers, two: Powers) -> Powers:
    return tuple(a + b for a, b in zip(one, two, strict=True))


def _all_products_known(monomials: list[Powers], known: Mapping[Powers, sp.Expr]) -> list[Powers]:
    """Return monomials whose products with each other are all known, taken greedily."""
    chosen: list[Powers] = []
    for monomial in monomials:
        if all(_product(monomial, other) in known for other in (*chosen, monomial)):
            chosen.append(monomial)
    return chosen


@dataclass(frozen=True, eq=False)
class Samples(Block):
    """The empirical law of an array of samples, (D, k)."""

    rows: Any

    kind = "samples"

    @cached_property
    def _integers(self) -> list[tuple[Any, int]]:
        return [as_integers(column) for column in self.rows.T]

    def moment(self, powers: Powers) -> sp.Expr:
        """Return the average over the samples, exactly: moments are subtracted from each other later."""
        product, exponent = 1, 0
        for (column, scale), power in zip(self._integers, powers, strict=True):
            if power:
                product, exponent = product * column**power, exponent + scale * power
        total = sp.Integer(sum(product)) if any(powers) else sp.Integer(len(self.rows))
        return total * sp.Integer(2) ** exponent / len(self.rows)
