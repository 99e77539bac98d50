"""Conversions between raw moments and cumulants, of one random symbol or jointly of several, to any order."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from math import comb, prod
from typing import TypeVar, cast

import sympy as sp

from sgdtheory.algebra.expressions import checked_expression
from sgdtheory.algebra.moments import Powers, powers_of
from sgdtheory.errors import DomainError

Key = tuple[sp.Symbol, ...]
Given = TypeVar("Given", Sequence[sp.Expr], Mapping[Key, sp.Expr])


def moments_from_cumulants(cumulants: Given) -> Given:
    """Return the raw moments that belong to cumulants.

    Parameters
    ----------
    cumulants
        Of one symbol: the cumulants of order 1, 2, ... in a sequence. Jointly: a mapping from tuples of symbols, in
        any order, to their joint cumulants; with a tuple, every part of it must be given.

    Returns
    -------
    tuple or dict
        The moments, in the same order or under the same keys: E[x], E[x^2], ... or E[x y] under ``(x, y)``.

    Raises
    ------
    DomainError
        If a part of a tuple is missing, or the same moment is given twice with different values.
    NonFiniteError
        If a value is infinite or not a number.

    Examples
    --------
    The exponential law of mean one has the cumulants (k - 1)! and the moments k!:

    >>> moments_from_cumulants([1, 1, 2, 6, 24, 120])
    (1, 2, 6, 24, 120, 720)
    >>> x, y = sp.symbols("x y")
    >>> moments_from_cumulants({(x,): 2, (y,): 3, (x, y): 1})[x, y]
    7
    """
    return _converted(cumulants, to_moments=True)


def cumulants_from_moments(moments: Given) -> Given:
    """Return the cumulants that belong to raw moments; arguments and errors as :func:`moments_from_cumulants`.

    Examples
    --------
    A fair coin with values -1 and 1 has the fourth cumulant -2 and the sixth 16:

    >>> cumulants_from_moments([0, 1, 0, 1, 0, 1])
    (0, 1, 0, -2, 0, 16)
    """
    return _converted(moments, to_moments=False)


def _converted(given: Given, *, to_moments: bool) -> Given:
    if isinstance(given, Mapping):
        return cast(Given, _joint(given, to_moments=to_moments))
    one = sp.Dummy("x")
    joint = {(one,) * order: value for order, value in enumerate(_listed(given), 1)}
    return cast(Given, tuple(_joint(joint, to_moments=to_moments).values()))


def _listed(given: Iterable[sp.Expr]) -> list[sp.Expr]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise DomainError(
            "moments or cumulants of the wrong kind",
            got=repr(given)[:60],
            allowed="a sequence, or a mapping from tuples of symbols",
            mend="write [first, second, third]",
        )
    return list(given)


def _joint(given: Mapping[Key, sp.Expr], *, to_moments: bool) -> dict[Key, sp.Expr]:
    for key in given:
        if not isinstance(key, tuple) or not key or not all(isinstance(name, sp.Expr) for name in key):
            raise DomainError(
                "a moment or cumulant is named by a tuple of symbols", got=key, allowed="(x,) or (x, y)", mend="use one"
            )
    names = list(dict.fromkeys(name for key in given for name in key))
    values: dict[Powers, sp.Expr] = {}
    for key, value in given.items():
        value = checked_expression(f"the entry {key}", value)
        if sp.expand(values.setdefault(powers_of(names, key), value) - value) != 0:
            raise DomainError(
                "an entry is given twice with different values",
                got=key,
                allowed="one value, whatever the order of the symbols",
                mend="remove one of them",
            )
    origin: Powers = (0,) * len(names)
    cumulants, moments = {}, {origin: sp.Integer(1)}
    for powers in sorted(values, key=sum):
        first = next(place for place, power in enumerate(powers) if power)
        # E[x x^a] = kappa(x x^a) + the sum over b < a of binomial(a, b) kappa(x x^b) E[x^(a - b)]
        rest = tuple(power - (place == first) for place, power in enumerate(powers))
        products = sp.Integer(0)
        for taken in itertools.product(*(range(power + 1) for power in rest)):
            if taken == rest:
                continue
            inside = tuple(b + (place == first) for place, b in enumerate(taken))
            outside = tuple(a - b for a, b in zip(rest, taken, strict=True))
            if inside not in cumulants or outside not in moments:
                missing = inside if inside not in cumulants else outside
                raise DomainError(
                    "a part of a joint moment or cumulant is missing",
                    got=_name(names, powers),
                    allowed="a mapping that holds every part of each of its keys",
                    mend=f"give {_name(names, missing)} as well, zero if it vanishes",
                )
            products += prod(map(comb, rest, taken)) * cumulants[inside] * moments[outside]
        value = values[powers]
        cumulants[powers] = value if to_moments else sp.expand(value - products)
        moments[powers] = sp.expand(value + products) if to_moments else value
    found = moments if to_moments else cumulants
    return {key: found[powers_of(names, key)] for key in given}


def _name(names: list[sp.Symbol], powers: Powers) -> str:
    symbols = [str(name) for name, power in zip(names, powers, strict=True) for _ in range(power)]
    return f"({', '.join(symbols)}{',' * (len(symbols) == 1)})"
