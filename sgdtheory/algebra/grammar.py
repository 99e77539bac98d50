"""The grammar of formulas: from a text to a tree of plain tuples, with no algebra and no Python in between.

=============== ==========================================================================
written         read as
=============== ==========================================================================
``a + b - c``   sums; ``-a`` and ``+a``
``a * b / c``   products and quotients; multiplication is never left out
``a**2, a^2``   powers, from the right; the exponent is a number, at most 16 in size
``0.1, 1e-3``   exact rational numbers
``exp(a)``      a function of one argument: one of `FUNCTIONS`
``pi``          the number, unless it is declared as a symbol
``lambda, x_1`` symbols
=============== ==========================================================================
"""

from __future__ import annotations

import difflib
import keyword
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, NoReturn

from sgdtheory.errors import ParseError

FUNCTIONS = ("exp", "log", "sqrt", "sin", "cos", "sinh", "cosh", "tanh", "atan", "erf")
OTHER_NAMES = {"ln": "log", "arctan": "atan", "root": "sqrt"}
CHARACTERS = {"−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "÷": "/", "²": "**2", "³": "**3", "√": "sqrt(...)"}

MOST_CHARACTERS = 1000
MOST_NODES = 300  # numbers, names and signs
DEEPEST = 32  # brackets or powers inside each other

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")
_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z][A-Za-z0-9_]*)|(?P<sign>\*\*|[-+*/^(),=])|(?P<space>[ \t\r\n]+)"
)


class Token(NamedTuple):
    """A piece of a text: its kind (number, name, sign or end), its letters and where it begins."""

    kind: str
    text: str
    column: int


class Node(NamedTuple):
    """A number, name, call, negation, power, sum or product, with the signs between its parts."""

    kind: str
    token: Token
    parts: tuple[Node, ...] = ()
    signs: tuple[Token, ...] = ()


def check_symbol_name(name: str) -> str:
    """Return a symbol's name if it is a plain word: a letter, then at most 31 letters, digits and underscores.

    Python's keywords are refused, save ``lambda``, which this field needs.

    Raises
    ------
    ParseError
        If it is anything else.

    Examples
    --------
    >>> check_symbol_name("lambda_1")
    'lambda_1'
    """
    _check_name(name, name if isinstance(name, str) else repr(name)[:60], None)
    return name


def _check_name(name: str, text: str, column: int | None) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name) or "__" in name:
        what = "not a name of a symbol"
    elif keyword.iskeyword(name) and name != "lambda":
        what = f"{name!r} is a word of Python, not a symbol"
    elif name in FUNCTIONS:
        what = f"{name!r} is a function, not a symbol"
    else:
        return
    allowed = "a letter, then up to 31 letters, digits and single underscores; no word of Python but lambda"
    raise ParseError(what, text=text, column=column, allowed=allowed, mend="name it, for example, theta_1")


def tokens(text: str) -> list[Token]:
    """Return the pieces of a text, the last one of kind ``end``, once it is within the budgets of length.

    Examples
    --------
    >>> [token.text for token in tokens("2*x^2")]
    ['2', '*', 'x', '^', '2', '']
    """
    if not isinstance(text, str):
        mend = "write it in quotes"
        raise ParseError("not a text", text=repr(text)[:60], column=None, allowed="a formula as a text", mend=mend)
    if len(text) > MOST_CHARACTERS:
        refuse_size(text, None, f"the text has {len(text)} characters", MOST_CHARACTERS)
    if not text.strip(" \t\r\n"):
        raise ParseError("the text is empty", text=text, column=None, allowed="a formula", mend="write one")
    found, column, depth, nodes = [], 0, 0, 0
    while column < len(text):
        match = _TOKEN.match(text, column)
        if match is None:
            _refuse_character(text, column)
        if match.lastgroup != "space":
            token = Token(str(match.lastgroup), match[0], column)
            if token.kind == "name" and token.text not in FUNCTIONS:
                _check_name(token.text, text, column)
            depth += (token.text == "(") - (token.text == ")")
            nodes += token.text not in "(),"
            if depth > DEEPEST:
                refuse_size(text, column, "too many brackets inside each other", DEEPEST)
            if nodes > MOST_NODES:
                refuse_size(text, column, "too many numbers, names and signs", MOST_NODES)
            found.append(token)
        column = match.end()
    return [*found, Token("end", "", len(text))]


class Reader:
    """The rules of the grammar, reading a text from left to right.

    Examples
    --------
    >>> reader = Reader("2*x")
    >>> reader.formula().kind
    'product'
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokens(text)
        self._place = self._depth = 0

    def peek(self) -> Token:
        """Return the next token."""
        return self._tokens[self._place]

    def take(self) -> Token:
        """Return the next token and go on."""
        token = self.peek()
        self._place += token.kind != "end"
        return token

    def sign(self, *signs: str) -> Token | None:
        """Return the next token and go on, if it is one of some signs."""
        return self.take() if self.peek().text in signs else None

    def fail(self, what: str, column: int, allowed: str, mend: str) -> NoReturn:
        """Raise the error that points at a column."""
        raise ParseError(what, text=self.text, column=column, allowed=allowed, mend=mend)

    def formula(self) -> Node:
        """Read one formula: a sum."""
        return self._chain("sum", ("+", "-"), self._product)

    def assignment(self, functions: Mapping[str, tuple[str, ...]]) -> tuple[Token, Token, list[Node]]:
        """Read ``name = Function(a, b)``, where the functions are given with the words of their arguments."""
        left = self.take()
        if left.kind != "name" or not self.sign("="):
            example = next(iter(functions))
            mend = f"write, for example, x = {example}({', '.join(functions[example])})"
            self.fail("not of the form NAME = LAW(...)", left.column, "NAME = LAW(...)", mend)
        name = self.take()
        words = functions.get(name.text)
        usage = ", ".join(f"{known}({', '.join(arguments)})" for known, arguments in functions.items())
        if words is None:
            self.fail(f"unknown law {name.text!r}", name.column, usage, nearest(name.text, functions))
        opened = self.sign("(")
        if not opened:
            self.fail(f"{name.text} needs its arguments", name.column, usage, "write them in brackets")
        parts = [self.formula()]
        while self.sign(","):
            parts.append(self.formula())
        if not self.sign(")") and self.peek().kind == "end":
            self.fail("a bracket is not closed", opened.column, "brackets in pairs", "close it with )")
        self.end()
        if len(parts) != len(words):
            mend = f"write {name.text}({', '.join(words)})"
            count = f"{len(words)} argument{'s' * (len(words) != 1)}"
            self.fail(f"{name.text} takes {count}, not {len(parts)}", name.column, usage, mend)
        return left, name, parts

    def end(self) -> None:
        """Check that nothing is left."""
        token = self.peek()
        if token.kind == "end":
            return
        if token.text == ")":
            self.fail("a bracket is closed that was not opened", token.column, "brackets in pairs", "remove it")
        if token.kind == "sign" and token.text != "(":
            self.fail(f"{token.text!r} cannot stand here", token.column, "one formula", "remove it")
        mend = f"to multiply, write {self._tokens[self._place - 1].text}*{token.text}"
        self.fail("an operator is missing", token.column, "+ - * / ** between two values", mend)

    def _product(self) -> Node:
        return self._chain("product", ("*", "/"), self._signed)

    def _chain(self, kind: str, signs: tuple[str, ...], rule: Callable[[], Node]) -> Node:
        parts, between = [rule()], []
        while sign := self.sign(*signs):
            between.append(sign)
            parts.append(rule())
        return Node(kind, between[0], tuple(parts), tuple(between)) if between else parts[0]

    def _signed(self) -> Node:
        negative = None
        while sign := self.sign("+", "-"):
            if sign.text == "-":
                negative = None if negative else sign
        power = self._power()
        return Node("negative", negative, (power,)) if negative else power

    def _power(self) -> Node:
        base = self._atom()
        sign = self.sign("**", "^")
        if not sign:
            return base
        self._deeper(sign)
        exponent = self._signed()
        self._depth -= 1
        return Node("power", sign, (base, exponent))

    def _atom(self) -> Node:
        token = self.take()
        if token.kind == "number":
            return Node("number", token)
        if token.kind == "name":
            return self._name(token)
        if token.text == "(":
            return self._bracket(token)
        what = "the text ends too early" if token.kind == "end" else f"a value is missing before {token.text!r}"
        return self.fail(what, token.column, "a number, a name, a function or a bracket", "complete the formula")

    def _name(self, token: Token) -> Node:
        if not self.sign("("):
            if token.text in FUNCTIONS:
                mend = f"write {token.text}(...), with its argument in brackets"
                self.fail(f"{token.text!r} is a function, not a symbol", token.column, "names of symbols", mend)
            return Node("name", token)
        if token.text not in FUNCTIONS:
            mend = f"{nearest(token.text, FUNCTIONS)}; to multiply, write {token.text}*(...)"
            self.fail(f"unknown function {token.text!r}", token.column, ", ".join(FUNCTIONS), mend)
        return Node("call", token, (self._bracket(self._tokens[self._place - 1]),))

    def _bracket(self, opened: Token) -> Node:
        self._deeper(opened)
        inner = self.formula()
        self._depth -= 1
        if self.sign(")"):
            return inner
        if self.peek().kind == "end":
            self.fail("a bracket is not closed", opened.column, "brackets in pairs", "close it with )")
        if self.peek().text == ",":
            self.fail("a comma cannot stand here", self.peek().column, "one argument, a point in decimals", "remove it")
        return self.end() or inner

    def _deeper(self, token: Token) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            refuse_size(self.text, token.column, "too many brackets or powers inside each other", DEEPEST)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return advice for an unknown name: the nearest known ones.

    Examples
    --------
    >>> nearest("thata", ["theta", "x"])
    "did you mean 'theta'"
    """
    near = [OTHER_NAMES[name]] if name in OTHER_NAMES else difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(map(repr, near))}" if near else "use an allowed one"


def refuse_size(text: str, column: int | None, what: str, most: object) -> NoReturn:
    """Raise the error of a formula that is beyond a budget."""
    raise ParseError(what, text=text, column=column, allowed=f"at most {most}", mend="write a shorter formula")


def _refuse_character(text: str, column: int) -> NoReturn:
    letter = text[column]
    name = unicodedata.name(letter, f"U+{ord(letter):04X}")
    mend = f"write {CHARACTERS[letter]}" if letter in CHARACTERS else "leave it out"
    if name.startswith("GREEK SMALL LETTER ") and name.count(" ") == 3:
        mend = f"write {name.rsplit(' ', 1)[1].lower()}"
    shown = repr(letter) if " " <= letter <= "~" else name
    allowed = "letters and digits without accents, _ . + - * / ^ ( ) and spaces"
    raise ParseError(f"the character {shown} cannot stand here", text=text, column=column, allowed=allowed, mend=mend)
