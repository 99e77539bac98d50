"""The law of the data: independent blocks, read from a dictionary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp

from sgdtheory.errors import DomainError
from sgdtheory.losses.blocks import Block, Powers, Samples


@dataclass(frozen=True)
class DataLaw:
    """Independent blocks of data symbols."""

    blocks: tuple[Block, ...]

    def __post_init__(self) -> None:
        for block in self.blocks:
            block.check()

    @cached_property
    def symbols(self) -> tuple[sp.Symbol, ...]:
        """All data symbols, block by block."""
        return tuple(symbol for block in self.blocks for symbol in block.symbols)

    @property
    def free_symbols(self) -> set[sp.Symbol]:
        """Symbols that the law depends on."""
        return set().union(*(block.free_symbols for block in self.blocks))

    @property
    def samples(self) -> Any:
        """The (D, k) array, if the data are nothing but an array of samples, else None."""
        return self.blocks[0].rows if len(self.blocks) == 1 and isinstance(self.blocks[0], Samples) else None

    @cached_property
    def _known(self) -> dict[Powers, sp.Expr]:
        return {}

    def moment(self, powers: Powers) -> sp.Expr:
        """Return the expectation of a monomial in the data symbols."""
        if powers not in self._known:
            self._known[powers] = self._product(powers)
        return self._known[powers]

    def _product(self, powers: Powers) -> sp.Expr:
        """Return the product of the blocks' moments; one that is not known does not matter beside a zero."""
        value, place, missing = sp.Integer(1), 0, None
        for block in self.blocks:
            own = powers[place : place + len(block.symbols)]
            place += len(block.symbols)
            try:
                value *= block.moment(own) if any(own) else 1
            except DomainError as error:
                missing = error
        if missing is not None and value != 0:
            raise missing
        return value

    def polynomial(self, expression: sp.Expr) -> sp.Poly:
        """Return an expression as a polynomial in the data symbols."""
        try:
            return sp.Poly(expression, *self.symbols)
        except sp.PolynomialError:
            raise DomainError(
                "the loss is not a polynomial in the data, so its moments are not enough",
                got=str(expression)[:200],
                allowed="polynomials in the data, or a law made of numbers, which is integrated numerically",
                mend="give numbers for all symbols, or name the function of the data by a symbol of its own and give"
                " that symbol's moments",
            ) from None

    def expectation(self, expression: sp.Expr | sp.Poly) -> sp.Expr:
        """Return the expectation of a polynomial in the data symbols."""
        polynomial = expression if isinstance(expression, sp.Poly) else self.polynomial(expression)
        return sp.Add(*(coefficient * self.moment(powers) for powers, coefficient in polynomial.terms()))

    def at(self, values: Mapping[sp.Symbol, sp.Expr]) -> DataLaw:
        """Return the law with values put in for its symbols."""
        return DataLaw(tuple(block.at(values) for block in self.blocks))


def check_apart(blocks: Sequence[Block]) -> None:
    """Refuse a symbol with two laws, and several arrays, of which nobody knows whether their rows belong together."""
    seen: set[sp.Symbol] = set()
    for block in blocks:
        twice = seen & set(block.symbols) or {s for s in block.symbols if block.symbols.count(s) > 1}
        if twice:
            raise DomainError(
                "a symbol has two laws",
                got=", ".join(sorted(map(str, twice))),
                allowed="each data symbol once",
                mend="remove one of its entries from data",
            )
        seen |= set(block.symbols)
    arrays = [block for block in blocks if isinstance(block, Samples)]
    if len(arrays) > 1:
        names = ", ".join(str(symbol) for block in arrays for symbol in block.symbols)
        raise DomainError(
            "two arrays of samples",
            got=f"one array for each of {' and '.join(str(block.symbols) for block in arrays)}",
            allowed="one array, whose rows are the samples: entries of data are independent of each other",
            mend=f"hand in {{({names}): numpy.column_stack([...])}} so that each row is one sample",
        )
