"""What the library raises: each error says what was wrong, what it got, what is allowed and how to mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

MOST_NAMED = 40  # names that an error still lists one by one


class SGDTheoryError(ValueError):
    """Base of every error of the library; a ``ValueError``.

    Parameters
    ----------
    what
        What is wrong, one clause.
    got
        The offending value, as a person should read it.
    allowed
        What would have been accepted.
    mend
        What to do about it.
    """

    def __init__(self, what: str, *, got: object, allowed: str, mend: str) -> None:
        self.what, self.got, self.allowed, self.mend = what, str(got), allowed, mend
        super().__init__(f"{what}. Got: {got}. Allowed: {allowed}. To mend: {mend}.")

    def __str__(self) -> str:
        return str(self.args[0])


class ShapeError(SGDTheoryError):
    """An array has the wrong shape, or two arrays do not fit each other."""


class DomainError(SGDTheoryError):
    """A value lies outside the domain of the formula."""


class NonFiniteError(SGDTheoryError):
    """A NaN or an infinity was handed in."""


class StabilityError(SGDTheoryError):
    """The learning rate is at or beyond the largest stable one."""


class PrecisionError(SGDTheoryError):
    """The precision that was asked for is not to be had as things are set."""


class DataError(SGDTheoryError):
    """A data file or data set cannot be used as it is."""


class NotStationaryError(SGDTheoryError):
    """A run is too short to be compared with a stationary law."""


class UnknownNameError(SGDTheoryError, KeyError):
    """A name that does not exist: a result, a data set, a column."""


class ParseError(SGDTheoryError):
    """A text is not a formula that the library reads; it says where.

    Attributes
    ----------
    text
        The text that was read.
    column
        Where reading stopped, counted from zero; None if the text as a whole is refused.
    """

    def __init__(self, what: str, *, text: str, column: int | None, allowed: str, mend: str) -> None:
        self.text, self.column = text, column
        shown, place = _window(text, column)
        got = f"{shown!r}" if column is None else f"{shown!r}, at column {column + 1}"
        super().__init__(what, got=got, allowed=allowed, mend=mend)
        if place is not None:
            self.args = (f"{self.args[0]}\n    {shown}\n    {' ' * place}^",)


def _window(text: str, column: int | None, width: int = 72) -> tuple[str, int | None]:
    """Return at most ``width`` letters of a text around a place, in printable ASCII, and the place in them."""
    start = max(0, min((column or 0) - width // 2, len(text) - width))
    before = text[start:column] if column is not None else ""
    before, after = (_printable(part) for part in (before, text[start + len(before) : start + width]))
    head, tail = "..." * (start > 0), "..." * (start + width < len(text))
    return head + before + after + tail, None if column is None else len(head + before)


def _printable(text: str) -> str:
    return "".join(letter if " " <= letter <= "~" else f"<U+{ord(letter):04X}>" for letter in text)


def check_type(name: str, value: object, *kinds: type) -> None:
    """Refuse an argument that is not one of the library's own objects, for example two that were swapped."""
    if not isinstance(value, kinds):
        allowed = " or ".join(kind.__name__ for kind in kinds)
        raise DomainError(
            f"{name} is of the wrong kind",
            got=f"{type(value).__name__}: {value!r:.60}",
            allowed=allowed,
            mend=f"hand in a {allowed} as {name}; check the order of the arguments",
        )


def check_choice(name: str, value: object, choices: tuple[object, ...]) -> None:
    """Refuse a value that is not one of a few names."""
    if not isinstance(value, str | bool | None) or value not in choices:
        raise DomainError(
            f"unknown {name}", got=repr(value)[:60], allowed=", ".join(map(repr, choices)), mend="use an allowed one"
        )


def unknown_name(kind: str, name: object, known: Iterable[str], *, listed_by: str = "") -> UnknownNameError:
    """Return the error for an unknown name, with the nearest known names; of many, how many and what lists them."""
    known = sorted(known)
    near = difflib.get_close_matches(str(name), known, n=3, cutoff=0.5)
    few = ", ".join(known) if len(known) <= MOST_NAMED else f"one of {len(known)}, {known[0]!r} to {known[-1]!r}"
    mend = [f"did you mean {' or '.join(map(repr, near))}"] if near else ["use one of the allowed names"]
    mend += [f"{listed_by} lists them"] if listed_by and len(known) > MOST_NAMED else []
    return UnknownNameError(
        f"unknown {kind}", got=repr(name)[:60], allowed=few or "(there are none)", mend="; ".join(mend)
    )
