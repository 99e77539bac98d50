"""One entry of the glossary, how it is made, and the words under which people know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import sympy as sp


@dataclass(frozen=True)
class Quantity:
    """One entry of the glossary.

    Attributes
    ----------
    symbol
        The SymPy symbol.
    word
        The public keyword, spelled out.
    meaning
        One phrase for a reader.
    indices
        ``""`` for a scalar, ``"i"``, ``"j"``, ``"ij"`` or ``"ii"`` for an entry of a vector or matrix.
    rotates
        Whether the vector or matrix lives in parameter space and turns with the basis;
        eigenvalues and times per mode do not.
    latex
        How it is typeset.
    """

    symbol: sp.Symbol
    word: str
    meaning: str
    indices: str
    rotates: bool
    latex: str


_GLOSSARY: dict[sp.Symbol, Quantity] = {}


def new(
    name: str, word: str, meaning: str, *, indices: str = "", rotates: bool = True, latex: str = "", **assumptions: bool
) -> sp.Symbol:
    """Return a symbol with its assumptions, entered into the glossary; each is made once, in this folder."""
    symbol = sp.Symbol(name, **(assumptions or {"real": True}))
    typeset = latex or sp.latex(sp.Symbol(name))
    _GLOSSARY[symbol] = Quantity(symbol, word, meaning, indices, rotates, typeset)
    return symbol


glossary: Mapping[sp.Symbol, Quantity] = MappingProxyType(_GLOSSARY)


def words(*symbols: sp.Symbol) -> Mapping[str, tuple[sp.Symbol, ...]]:
    """Return public word -> glossary symbols, for the parameters of a closed form.

    Examples
    --------
    >>> from sgdtheory.symbols import eta, lambda_i, lambda_j
    >>> words(eta, lambda_i, lambda_j)["curvature"]
    (lambda_i, lambda_j)
    """
    found: dict[str, tuple[sp.Symbol, ...]] = {}
    for symbol in symbols:
        word = glossary[symbol].word
        found[word] = (*found.get(word, ()), symbol)
    return MappingProxyType(found)
