"""LaTeX of statements and derivations: well-formed, and nothing of a person's text left raw."""

import re

import pytest
import sympy as sp

from sgdtheory.catalogue import derive, results
from sgdtheory.render.book import one_result
from sgdtheory.render.document import Equation
from sgdtheory.render.entry import CHECKS, formula
from sgdtheory.render.latex import derivation, document, equation, expression, statement, text
from sgdtheory.symbols import c1, eta, g2, gHg, glossary, lambda_i, lambda_j, t, trHC


def balanced(tex):
    depth = 0
    for place, letter in enumerate(tex):
        if tex[place - 1 : place] != "\\":
            depth += (letter == "{") - (letter == "}")
        if depth < 0:
            return False
    return depth == 0 and tex.count(r"\left") == tex.count(r"\right")


def raw_signs(tex):
    """Signs that mean something to TeX and stand outside formulas, tables and commands of ours."""
    words = re.sub(r"\\begin\{(equation|align)\*\}.*?\\end\{\1\*\}", "", tex, flags=re.DOTALL)
    words = re.sub(r"\{\\small\\begin\{tabularx\}.*?\\end\{tabularx\}", "", words, flags=re.DOTALL)
    words = re.sub(r"(?<!\\)\$[^$]*\$", "", words)
    words = re.sub(r"\\(hyperref\[[^]]*\]|label\{[^}]*\})", "", words)
    return set("$%&#_^~") & set(re.sub(r"\\[$%&#_{}]", "", words))


@pytest.mark.parametrize("name", results)
def test_derivation_is_well_formed(name):
    proof = derive(name)
    tex = derivation(proof)
    assert balanced(tex)
    begun, ended = (len(re.findall(rf"\\{word}{{(?:equation|align)\*}}", tex)) for word in ("begin", "end"))
    assert begun == ended == len(proof.steps) + len(proof.premise)
    assert raw_signs(tex) == set()
    for number, step in enumerate(proof.steps, 1):
        assert f"\n{number}. " in tex
        assert CHECKS[step.status] in tex


@pytest.mark.parametrize("name", list(results)[::4])  # all are compiled together in test_book.py
def test_document_is_well_formed(name):
    tex = document(one_result(results[name]))
    body = tex[tex.index(r"\begin{document}") :]
    assert balanced(body)
    assert raw_signs(body) == set()
    assert set(re.findall(r"\\hyperref\[([^]]+)\]", body)) <= set(re.findall(r"\\label\{([^}]+)\}", body))
    for environment in ("points", "proofsteps", "align*", "equation*", "tabularx"):
        assert body.count(rf"\begin{{{environment}}}") == body.count(rf"\end{{{environment}}}")


@pytest.mark.parametrize("name", results)
def test_statement_shows_the_glossary_and_its_sums(name):
    form = results[name]
    tex = statement(form)
    assert balanced(tex)
    assert tex.startswith(glossary[form.symbol].latex)
    letters = {letter for s in form.value.free_symbols for letter in glossary[s].indices}
    assert (r"\sum_{i}" in tex) == bool(letters - set(glossary[form.symbol].indices))
    assert form._repr_latex_() == f"$\\displaystyle {tex}$"


def test_sums_start_with_what_is_positive():
    assert expression(1 - eta * lambda_i) == r"1 - \eta \lambda_{i}"


@pytest.mark.parametrize(
    ("value", "tex"),
    [
        (g2**2 / trHC, r"\frac{\|g\|^{4}}{\operatorname{tr}(HC)}"),
        (sp.sqrt(trHC) / sp.sqrt(gHg * c1), r"\sqrt{\frac{\operatorname{tr}(HC)}{c_{1} g^{\top}\!Hg}}"),
        (-1 / sp.log(abs(eta * lambda_i - 1)), r"- \frac{1}{\log \left|1 - \eta \lambda_{i}\right|}"),
        (eta * (1 + 1 / lambda_i) / lambda_j, r"\frac{\eta}{\lambda_{j}} \left(1 + \frac{1}{\lambda_{i}}\right)"),
        ((1 - eta * lambda_i) ** t, r"(1 - \eta \lambda_{i})^{t}"),
        (sp.exp(-eta * t * lambda_i), r"e^{- \eta \lambda_{i} t}"),
        (sp.Symbol(r"\input{x}"), r"\text{?}\text{input}\text{?}x\text{?}"),
    ],
)
def test_expressions(value, tex):
    assert expression(value) == tex


def test_long_formulas_may_stand_on_two_pages():
    rows = equation(Equation(formula("x"), (formula(sp.Add(*sp.symbols("x_1:60"))),)), "proved")
    assert rows[0] == r"\begin{align*}"
    assert len(rows) > 6
    assert all(row.endswith(r"\\") for row in rows[1:-3])
    assert rows[-2] == r"  \tag*{\checkedby{proved}}"


def test_equations_that_follow_each_other_are_not_set_apart():
    body = document(one_result(results["momentum.stationary_covariance"])).split("Premise, one step")[1]
    first, second, *_ = re.split(r"\\begin\{equation\*\}", body.split(r"\begin{proofsteps}")[0])[1:]
    assert first.rstrip().endswith(r"\end{equation*}")
    assert r"\par\endgroup" in second


def test_text_is_escaped():
    hostile = r"\input{/etc/passwd} ^^5cinput $x$ 50% & #1 a_b ~"
    escaped = text(hostile)
    assert r"\input" not in escaped
    assert "^^" not in escaped
    for letter in "$%&#_":
        assert escaped.count(letter) == escaped.count(f"\\{letter}")


def test_a_step_that_does_not_hold_is_refused():
    from sgdtheory.algebra.derivation import Derivation, UnprovedStepError
    from sgdtheory.processes.additive_noise import additive_noise

    proof = Derivation(additive_noise)
    with pytest.raises(UnprovedStepError, match="step 1 does not hold: because"):
        proof.add("because", "x", sp.Symbol("x"), sp.Symbol("y"))
