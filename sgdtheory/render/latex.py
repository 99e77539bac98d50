"""Statements and derivations as LaTeX; only amsmath is needed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import sympy as sp
from sympy.printing.latex import LatexPrinter

from sgdtheory.symbols import glossary

if TYPE_CHECKING:
    from sgdtheory.algebra.derivation import Derivation
    from sgdtheory.closed_form import ClosedForm

_NAMES = {symbol: quantity.latex for symbol, quantity in glossary.items()}
_GREEK = ("epsilon", "lambda", "theta", "delta", "eta", "tau", "mu", "Sigma", "Gamma")
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}

_WORDS = {
    "Var": r"\operatorname{Var}",
    "Cov": r"\operatorname{Cov}",
    "log": r"\log ",
    "grad": r"\nabla ",
    "...": r"\ldots",
    "E": r"\mathbb{E}",
    "dE": r"d\mathbb{E}",
    "cbar": r"\bar{c}",
    "mode": r"\text{mode }",
    "max": r"\max",
    **{word: rf"\text{{{word}}}" for word in ("data", "test", "train", "SGD", "batch")},
    **{name: f"\\{name} " for name in _GREEK},
}


def expression(value: sp.Basic) -> str:
    """Return an expression as LaTeX, with the glossary's typesetting.

    Examples
    --------
    >>> from sgdtheory.symbols import eta, lambda_max
    >>> expression(eta * lambda_max)
    '\\\\eta \\\\lambda_{\\\\max}'
    """
    return _Printer({"symbol_names": _NAMES}).doprint(value)


class _Printer(LatexPrinter):
    """Sums start with a positive term and short terms come first: 1 - eta lambda, not -eta lambda + 1."""

    def _as_ordered_terms(self, expr: sp.Add, order: object = None) -> list[sp.Expr]:
        return sorted(expr.args, key=lambda term: (term.could_extract_minus_sign(), term.count_ops(), str(term)))


def statement(form: ClosedForm, value: sp.Expr | None = None) -> str:
    """Return ``left = right``; indices that stand on the right only are summed over."""
    value = form.value if value is None else value
    left = glossary[form.symbol]
    indices = {letter for s in value.free_symbols for letter in glossary[s].indices} - set(left.indices)
    total = "".join(rf"\sum_{{{letter}}} " for letter in sorted(indices))
    right = expression(value)
    if total and value.is_Add:
        right = rf"\left({right}\right)"
    relation = r"\approx" if form.limit is not None else "="
    return f"{left.latex} {relation} {total}{right}"


def derivation(proof: Derivation) -> str:
    """Return a derivation: the premise, then each step as its reason and a displayed equality."""
    lines = [rf"\paragraph{{{text(proof.name or 'Derivation')}}}", rf"Process: {text(proof.process.name)}."]
    for number, step in enumerate(proof.steps, 1):
        lines += [
            f"{number}. {text(step.reason)}:",
            r"\begin{equation*}",
            f"  {shown(step.shown)} = {expression(step.right)}",
            r"\end{equation*}",
        ]
    return "\n".join(lines)


def shown(plain: str) -> str:
    """Return the left-hand side of a step, written in light notation such as ``E[x_i' x_j']``, as LaTeX.

    Examples
    --------
    >>> shown("E[x_i' x_j']")
    "\\\\mathbb{E}[x_{i}' x_{j}']"
    """
    tokens = re.findall(r"[A-Za-z]+|\.\.\.|.", plain)
    tex = "".join(_WORDS.get(token, token) for token in tokens)
    tex = re.sub(r"_(\\text\{[a-zA-Z]+\}|\\max|[a-zA-Z]{1,2}(?![a-zA-Z{]))", r"_{\1}", tex)
    tex = re.sub(r"\*(?!\w)", r"^{*}", tex)
    return re.sub(r" +([\]_^|),])", r"\1", re.sub(r" {2,}", " ", tex)).strip()


def text(plain: str) -> str:
    """Return plain text with everything that TeX would read as a command escaped."""
    return "".join(_SPECIAL.get(letter, letter) for letter in plain)
