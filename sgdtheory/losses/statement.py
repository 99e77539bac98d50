"""What a person states: the loss of one sample, its parameters and the law of the data, read and checked."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from sgdtheory.algebra.parser import check_symbol_name, parse
from sgdtheory.errors import DomainError, NonFiniteError, ShapeError
from sgdtheory.losses.data_law import DataLaw, check_apart
from sgdtheory.losses.laws_given import block_of, rationalised

ROUGH = (sp.Abs, sp.Max, sp.Min, sp.Piecewise, sp.Heaviside, sp.sign, sp.floor, sp.ceiling, sp.DiracDelta, sp.arg)
DEEPEST = 150


@dataclass(frozen=True)
class Statement:
    """A per-sample loss, its parameters and the law of its data.

    Attributes
    ----------
    loss
        The loss of one sample, with decimal numbers as fractions.
    parameters
        The symbols that are optimised.
    law
        The law of the data symbols.
    constants
        All other symbols of loss and law.
    """

    loss: sp.Expr
    parameters: tuple[sp.Symbol, ...]
    law: DataLaw

    @property
    def constants(self) -> tuple[sp.Symbol, ...]:
        """All symbols that are neither parameters nor data, in the order of their names."""
        others = (self.loss.free_symbols | self.law.free_symbols) - {*self.parameters, *self.law.symbols}
        return tuple(sorted(others, key=str))

    @property
    def gradient(self) -> sp.ImmutableMatrix:
        """The (d, 1) gradient of one sample's loss."""
        return sp.ImmutableMatrix([sp.diff(self.loss, parameter) for parameter in self.parameters])

    def at(self, values: Mapping[sp.Symbol, sp.Expr]) -> Statement:
        """Return the statement with values put in for its constants."""
        return Statement(self.loss.xreplace(dict(values)), self.parameters, self.law.at(values))


def read_statement(loss: Any, parameters: Any, data: Any) -> Statement:
    """Return the statement of what a person handed in, names resolved and everything checked."""
    if not isinstance(data, Mapping) or not data:
        raise DomainError(
            "data must say how the data are distributed",
            got=f"{type(data).__name__}: {data!r:.60}",
            allowed="a dictionary from symbols, or tuples of symbols, to their laws",
            mend="write, for example, data={x: sympy.stats.Normal('x', 0, 1)}",
        )
    wanted, keys = _parameters(parameters), [_key(key) for key in data]
    given = {s.name: s for s in (*wanted, *(s for key in keys for s in key)) if isinstance(s, sp.Symbol)}
    laws = [value for value in data.values() if isinstance(value, sp.Basic | sp.MatrixBase)]
    given = {s.name: s for law in laws for s in law.free_symbols if isinstance(s, sp.Symbol)} | given
    loss = _loss(loss, given)
    wanted = tuple(_in_loss("parameter", symbol, loss) for symbol in wanted)
    keys = [tuple(_in_loss("data symbol", symbol, loss) for symbol in key) for key in keys]
    blocks = [block_of(key, value) for key, value in zip(keys, data.values(), strict=True)]
    check_apart(blocks)
    statement = Statement(loss, wanted, DataLaw(tuple(blocks)))
    _check_symbols((*statement.parameters, *statement.law.symbols, *statement.constants))
    _check_roles(statement)
    _check_smooth(statement)
    return statement


def symbol_named(name: Any, known: Iterable[sp.Symbol], what: str) -> sp.Symbol:
    """Return the known symbol that a person means, by itself or by name; else offer the nearest."""
    known = sorted(known, key=str)
    if not isinstance(name, str | sp.Symbol):  # comparing a symbol with a tuple would have SymPy run the text in it
        raise DomainError(
            f"a name of a {what} is of the wrong kind",
            got=f"{type(name).__name__}: {name!r:.60}",
            allowed="a symbol or its name",
            mend=f"use one of {', '.join(map(str, known)) or '(there are none)'}",
        )
    found = [s for s in known if s == name] or [s for s in known if s.name == name]
    if len(found) == 1:
        return found[0]
    near = difflib.get_close_matches(str(name), [s.name for s in known], n=3, cutoff=0.4)
    same = [s for s in known if isinstance(name, sp.Symbol) and s.name == name.name]
    mend = f"did you mean {' or '.join(near)}" if near else "check its spelling"
    if same:
        mend = f"use the same symbol everywhere: two symbols called {name} differ in their assumptions"
    raise DomainError(
        f"unknown {what}", got=repr(name)[:60], allowed=", ".join(map(str, known)) or "(there are none)", mend=mend
    )


def _parameters(given: Any) -> tuple[Any, ...]:
    if isinstance(given, str):
        given = [name for name in re.split(r"[\s,]+", given) if name]
    if isinstance(given, sp.MatrixBase):
        given = list(given)
    if not isinstance(given, list | tuple):
        given = [given]
    names = tuple(_symbol("parameter", entry) for entry in given)
    if not names or len(set(names)) < len(names):
        raise DomainError(
            "the parameters are not a list of different symbols",
            got=str(given)[:80],
            allowed="at least one symbol, each once",
            mend="hand in, for example, parameters=[a, b]",
        )
    return names


def _key(key: Any) -> tuple[Any, ...]:
    entries = key if isinstance(key, tuple | list) else [*key] if isinstance(key, sp.MatrixBase) else [key]
    return tuple(_symbol("data symbol", entry) for entry in entries)


def _symbol(what: str, entry: Any) -> Any:
    if isinstance(entry, str):
        return check_symbol_name(entry)
    if type(entry) in (sp.Symbol, sp.Dummy):
        return entry
    raise DomainError(
        f"a {what} is not a symbol",
        got=f"{type(entry).__name__}: {entry!r:.60}",
        allowed="a plain SymPy symbol or its name",
        mend="write the components of a vector or matrix as symbols of their own",
    )


def _loss(given: Any, names: Mapping[str, sp.Symbol]) -> sp.Expr:
    from sympy.stats.rv import RandomSymbol

    loss = parse(given, names) if isinstance(given, str) else given
    if isinstance(loss, sp.MatrixBase) and loss.shape == (1, 1):
        loss = loss[0, 0]
    if isinstance(loss, sp.MatrixBase | list | tuple) or getattr(loss, "is_Matrix", False):
        raise ShapeError(
            "the loss is a vector or a matrix",
            got=str(loss)[:80],
            allowed="one number for each sample",
            mend="take a sum of squares, or the inner product",
        )
    if not isinstance(loss, sp.Expr):
        raise DomainError(
            "the loss is not a mathematical expression",
            got=f"{type(loss).__name__}: {loss!r:.60}",
            allowed="a SymPy expression or a text such as '(theta - x)**2 / 2'",
            mend="write the loss of one sample with SymPy symbols",
        )
    _check_depth(loss)
    if loss.has(sp.nan, sp.oo, -sp.oo, sp.zoo, sp.I):
        raise NonFiniteError(
            "the loss is not finite and real", got=str(loss)[:80], allowed="a real expression", mend="check it"
        )
    if loss.atoms(RandomSymbol) or loss.atoms(AppliedUndef) or loss.atoms(sp.Derivative, sp.Integral, sp.Indexed):
        raise DomainError(
            "the loss holds something other than plain symbols",
            got=str(loss)[:80],
            allowed="plain symbols; the random ones get their law in data",
            mend="write x = sympy.Symbol('x') in the loss and data={x: sympy.stats.Normal('x', 0, 1)}",
        )
    return rationalised(loss)


def _in_loss(what: str, symbol: Any, loss: sp.Expr) -> sp.Symbol:
    """Return a symbol of the loss; a parameter or data symbol that is not in it is a mistake."""
    if symbol in loss.free_symbols:
        return symbol
    if not loss.free_symbols:
        raise DomainError(
            "the loss depends on nothing", got=str(loss), allowed="a loss of parameters and data", mend="check it"
        )
    return symbol_named(symbol, loss.free_symbols, f"{what}: the loss does not contain it")


def _check_symbols(symbols: Sequence[Any]) -> None:
    """Refuse what is no plain symbol, names that are no words, and two symbols of one name."""
    names: set[str] = set()
    for symbol in dict.fromkeys(symbols):
        name = _symbol("constant", symbol).name
        check_symbol_name(name)  # names reach generated code, TeX and HTML
        if name in names:
            raise DomainError(
                f"two symbols called {name} differ in their assumptions",
                got=", ".join(sorted(str(symbol) for symbol in symbols)),
                allowed="one symbol for each name",
                mend=f"make {name} once and use the same symbol in loss, parameters and data",
            )
        names.add(name)


def _check_depth(loss: sp.Expr) -> None:
    """Refuse an expression nested too deeply for SymPy, level by level: walking down would overflow the stack."""
    level = {id(loss): loss}
    for _ in range(DEEPEST):
        level = {id(part): part for node in level.values() for part in node.args}
        if not level:
            return
    raise DomainError(
        "the loss is nested too deeply",
        got=f"more than {DEEPEST} functions or operations inside each other",
        allowed=f"at most {DEEPEST} levels",
        mend="write it shorter, or name an inner part by a symbol of its own",
    )


def _check_roles(statement: Statement) -> None:
    data, parameters = set(statement.law.symbols), set(statement.parameters)
    for block in statement.law.blocks:
        for wrong, why in (
            (data & parameters, "is both a parameter and data"),
            (block.free_symbols & parameters, "is a parameter, on which the data's law depends"),
            (block.free_symbols & data, "is data, on which the law of other data depends"),
        ):
            if wrong:
                raise DomainError(
                    f"{', '.join(sorted(map(str, wrong)))} {why}",
                    got=f"data {sorted(map(str, data))}, parameters {sorted(map(str, parameters))}",
                    allowed="a fixed law of the data",
                    mend="name them differently; give data that depend on each other jointly, under a tuple of symbols",
                )


def _check_smooth(statement: Statement) -> None:
    parameters = set(statement.parameters)
    rough = [part for part in statement.loss.atoms(*ROUGH) if part.free_symbols & parameters]
    if rough:
        raise DomainError(
            "the loss is not smooth in its parameters",
            got=str(rough[0]),
            allowed="losses with two derivatives: no Abs, Max, Min, Piecewise, sign",
            mend="smooth it, for example sqrt(u**2 + a**2) for Abs(u), log(1 + exp(u)) for Max(0, u)",
        )
