"""Formulas in the light notation of our sentences, such as ``E[x_i' x_j']`` or ``eta lambda/2``, as LaTeX.

Only known words become commands; every other letter is set as text, and every other sign becomes a question mark, so
that no name or sentence, whoever wrote it, can give TeX or HTML a command.
"""

from __future__ import annotations

import re

from sgdtheory.render.document import Inlines, Math, Text

_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau phi chi psi omega "
    "Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
)
_COMMANDS = {
    **{name: f"\\{name}" for name in _GREEK.split()},
    "epsilon": r"\varepsilon",
    "tr": r"\operatorname{tr}",
    "det": r"\det",
    "Var": r"\operatorname{Var}",
    "Cov": r"\operatorname{Cov}",
    "grad": r"\nabla",
    "sum": r"\sum",
    "exp": r"\exp",
    "log": r"\log",
    "sqrt": r"\surd",
    "cbar": r"\bar{c}",
    "max": r"\max",
    "min": r"\min",
}
_SIGNS = {
    "...": r"\ldots",
    "<=": r"\le",
    ">=": r"\ge",
    "!=": r"\ne",
    "->": r"\to",
    "<": "<",
    ">": ">",
    "|": "|",
    "~": r"\sim",
    "*": r"\,",
    **{sign: sign for sign in "=+-/()[],.;:!'"},
}
_DECORATION = r"(?:_\([^()]*\)|_\{[^{}]*\}|_[A-Za-z0-9]+|\*(?![A-Za-z0-9(\[])|'(?![A-Za-z])|\^\*|\^\([^()]*\)|\^-?\w+)"
_BASE = rf"(?:{'|'.join(sorted(_COMMANDS, key=len, reverse=True))}|c[01]|[A-Za-z])"
_FUNCTIONS = ("sum", "exp", "log", "sqrt", "max", "min")
_FUNCTION = rf"(?!(?:{'|'.join(_FUNCTIONS)})(?![_(\[|]))"  # else they are words of the sentence
_ATOM = rf"{_FUNCTION}{_BASE}(?![A-Za-z0-9]){_DECORATION}*"
_PRODUCT = r"[a-z]'[A-Z]?[a-z](?![A-Za-z0-9'])|(?:HC|CH|HS|SH|HSH)(?![A-Za-z0-9])"  # g'Hg, tr(HC)
_HYPHENED = r"[A-Za-z]+-[A-Za-z]{2,}(?:-[A-Za-z]+)*|[A-Za-z]'s\b|[A-Za-z]\.[A-Za-z]\."
_WORD = r"[A-Za-z]{2,}(?:'[a-z]+)?\w*|[A-Za-z]\w+"
_POWER = r"\^(?:\([^()]*\)|-?\w+)|(?<=[)\]])'(?!\w)|(?<=[)\]])_[A-Za-z0-9]+"
_OF_WHAT = re.compile(r"[\[|]| [a-z|]")  # follows the sign of an expectation; else E is a letter like others
_NUMBER = r"\d+(?:\.\d+)?"
_SIGN = r"\.\.\.|<=|>=|!=|->|."
_TOKENS = re.compile(
    rf"(?P<hyphened>{_HYPHENED})|(?P<atom>{_PRODUCT}|{_ATOM})|(?P<word>{_WORD})|(?P<number>{_NUMBER})"
    rf"|(?P<power>{_POWER})|(?P<space>\s+)|(?P<sign>{_SIGN})",
    re.DOTALL,
)
# A prime is a transpose where the same matrix, or gradient, stands twice, and between a vector and a matrix of a form
# that ends in the vector: B B', g_k g_k', x' C^-1 x. Elsewhere it marks the value after the step.
_NAME = r"(?<![A-Za-z0-9_'^*]){}(?:_[A-Za-z0-9]+)?"
_SQUARE = re.compile(rf"({_NAME.format('[A-CHQSUg]')}) \1'(?![A-Za-z'])")
_FORM = re.compile(rf"({_NAME.format('(?:[a-z]|theta)')})'(?= (?:[A-Z]|Sigma)(?:_\w+)?(?:\^-1)? \1(?![A-Za-z0-9_'*]))")
_DIFFERENTIAL = re.compile(rf"(?<![A-Za-z])d(?=(?:{_BASE})(?![A-Za-z0-9]))")  # dE[x]/ds, but not "data"
_OPERATORS = {"=", "<", ">", "<=", ">=", "!=", "+", "-", "/", "*", "|", "->"}
_OPEN, _CLOSE = {"(": ")", "[": "]"}, {")", "]"}
_SOFT = {"a", "A", "I"}  # words of English, too


def notation(plain: str) -> str:
    r"""Return a formula in light notation as LaTeX.

    Examples
    --------
    >>> print(notation("E[x_i' x_j']"))
    \mathbb{E}[x_{i}' x_{j}']
    >>> print(notation(r"\input{secret}"))
    \text{?}\text{input}\text{?}\text{secret}\text{?}
    """
    plain = _DIFFERENTIAL.sub("d ", " ".join(plain.split()))
    plain = _FORM.sub(r"\1^T", _SQUARE.sub(r"\1 \1^T", plain))
    tex = []
    for match in _TOKENS.finditer(plain):
        kind, token = match.lastgroup, match.group()
        if token == "E" and _OF_WHAT.match(plain, match.end()):
            tex.append(r"\mathbb{E}")
        elif kind == "atom":
            tex.append(_atom(token))
        elif kind in ("word", "hyphened"):
            tex.append(rf"\text{{{re.sub(r'[^A-Za-z0-9-]', '', token)}}}")
        elif token[0] == "_" and kind == "power":
            tex.append(f"_{{{_subscript(token[1:])}}}")
        elif kind == "power":  # of a bracket: a prime is a transpose, T the number that it stands for
            tex.append(f"^{{{notation(token[1:].strip('()'))}}}" if token != "'" else r"^{\top}")
        elif kind == "sign":
            tex.append(_SIGNS.get(token, r"\text{?}"))
        else:
            tex.append(token)
        if re.search(r"\\[A-Za-z]+$", tex[-1]):
            tex[-1] += " "
    joined = "".join(tex)
    joined = re.sub(r"(\\text\{[^{}]*)\} (?=\S)", r"\1 }", joined)  # the space belongs to the words
    joined = re.sub(r"(?<=[^\s,|]) \\text\{(?=[A-Za-z])", r"\\text{ ", joined)
    joined = re.sub(r", (?=\\text)", r",\\ ", joined).replace(" | ", r" \mid ")
    joined = re.sub(r" */ *", "/", joined)
    return re.sub(r" +([\]_^),])", r"\1", re.sub(r" {2,}", " ", joined)).strip()


def prose(sentence: str) -> Inlines:
    """Return a sentence as words and formulas; what reads as a formula is set as one.

    Examples
    --------
    >>> [piece.tex for piece in prose("low by the factor 1 - eta lambda/2 along a mode") if isinstance(piece, Math)]
    ['1 - \\\\eta \\\\lambda/2']
    """
    tokens = _split(" ".join(sentence.split()))
    formula = _formula_tokens(tokens)
    pieces: list[Text | Math] = []
    start = 0
    while start < len(tokens):
        end = start
        while end < len(tokens) and formula[end] == formula[start]:
            end += 1
        words = "".join(token for _, token in tokens[start:end])
        if not formula[start]:
            pieces.append(Text(words))
        else:
            first, last = _trim(tokens, start, end)
            before, inside, after = (
                "".join(token for _, token in tokens[i:j]) for i, j in ((start, first), (first, last), (last, end))
            )
            pieces += [Text(before)] if before else []
            pieces += [Math(inside, notation(inside))] if inside else []
            pieces += [Text(after)] if after else []
        start = end
    return _joined(pieces)


def _split(plain: str) -> list[tuple[str, str]]:
    return [(match.lastgroup or "", match.group()) for match in _TOKENS.finditer(plain)]


def _atom(token: str) -> str:
    product = re.fullmatch(r"([a-z])'([A-Z]?)([a-z])", token)
    if product:
        return rf"{product[1]}^{{\top}}\!{product[2]} {product[3]}"
    if token in ("HC", "CH", "HS", "SH", "HSH"):
        return " ".join(token)
    match = re.match(_BASE, token)
    base, rest = match.group(), token[match.end() :]
    tex, subs, primes, sups = _COMMANDS.get(base, base), [], "", []
    if base in ("c0", "c1"):
        tex, subs = "c", [base[1]]
    for part in re.findall(_DECORATION, rest):
        if part[0] == "_":
            subs.append(_subscript(part[1:].strip("(){}")))
        elif part[0] == "'":
            primes += "'"
        elif part[0] == "*":
            sups.append("*")
        else:
            sups.append("*" if part == "^*" else _exponent(part[1:].strip("()")))
    below = f"_{{{','.join(subs)}}}" if subs else ""
    return tex + below + primes + (f"^{{{' '.join(sups)}}}" if sups else "")


def _subscript(word: str) -> str:
    if word in ("max", "min"):
        return f"\\{word}"
    if len(word) > 1 and word.isalpha() and not re.fullmatch("[ijklst]{2}", word):
        return _COMMANDS.get(word, rf"\mathrm{{{word}}}")
    return notation(word) if len(word) > 2 else word


def _exponent(word: str) -> str:
    return r"\top" if word == "T" else notation(word)


def _formula_tokens(tokens: list[tuple[str, str]]) -> list[bool]:
    """Return for each token whether it can belong to a formula; brackets must enclose formulas only."""
    able = [kind in ("atom", "number", "power", "space") or token in _OPERATORS for kind, token in tokens]
    stack: list[int] = []
    for place, (_, token) in enumerate(tokens):
        if token in _OPEN:
            stack.append(place)
        elif token in _CLOSE and stack and _OPEN[tokens[stack[-1]][1]] == token:
            start = stack.pop()
            inside = range(start + 1, place)
            whole = all(able[i] or tokens[i][1] == "," for i in inside)
            has_atom = any(tokens[i][0] == "atom" for i in inside)
            follows = start > 0 and (tokens[start - 1][1] in _OPERATORS or tokens[start - 1][1] in _FUNCTIONS)
            if whole and (has_atom or follows):
                for i in range(start, place + 1):
                    able[i] = True
    return able


def _trim(tokens: list[tuple[str, str]], start: int, end: int) -> tuple[int, int]:
    """Return the part of a stretch that is a formula, empty if it has none."""
    while start < end and (_loose(tokens[start]) and not _is_minus(tokens, start, end)):
        start += 1
    while start < end and _loose(tokens[end - 1]):
        end -= 1
    # An article, or a number, that no operator joins to the formula belongs to the sentence.
    while end - start > 2 and tokens[start][1] in _SOFT and tokens[start + 1][0] == "space":
        if tokens[start + 2][1] in _OPERATORS:
            break
        start += 2
    while end - start > 2 and tokens[end - 2][0] == "space" and _dangles(tokens[end - 1]):
        if tokens[end - 3][1] in _OPERATORS:
            break
        end -= 2
    kinds = [(kind, token) for kind, token in tokens[start:end] if kind != "space"]
    real = any(kind == "atom" and token not in _SOFT for kind, token in kinds)
    joined = any(token in ("=", "/") for _, token in kinds)
    if not real and not joined:
        return start, start
    return start, end


def _loose(token: tuple[str, str]) -> bool:
    return token[0] == "space" or (token[1] in _OPERATORS and token[1] != "|")


def _is_minus(tokens: list[tuple[str, str]], start: int, end: int) -> bool:
    return tokens[start][1] == "-" and start + 1 < end and tokens[start + 1][0] != "space"


def _dangles(token: tuple[str, str]) -> bool:
    return token[0] == "number" or token[1] == "a"


def _joined(pieces: list[Text | Math]) -> Inlines:
    """Return the pieces with neighbouring words in one."""
    found: list[Text | Math] = []
    for piece in pieces:
        if found and isinstance(piece, Text) and isinstance(found[-1], Text):
            found[-1] = Text(found[-1].plain + piece.plain)
        else:
            found.append(piece)
    return tuple(found)
