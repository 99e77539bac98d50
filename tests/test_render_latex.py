"""LaTeX of statements and derivations: well-formed, and nothing of a person's text left raw."""

import pytest
import sympy as sp

from sgdtheory.catalogue import derive, results
from sgdtheory.render.latex import derivation, expression, shown, statement, text
from sgdtheory.symbols import eta, glossary, lambda_i


def balanced(tex):
    depth = 0
    for place, letter in enumerate(tex):
        if tex[place - 1 : place] != "\\":
            depth += (letter == "{") - (letter == "}")
        if depth < 0:
            return False
    return depth == 0 and tex.count(r"\left") == tex.count(r"\right")


@pytest.mark.parametrize("name", results)
def test_derivation_is_well_formed(name):
    proof = derive(name)
    tex = proof.latex()
    assert tex == derivation(proof) == proof._repr_latex_()
    assert balanced(tex)
    assert tex.count(r"\begin{equation*}") == tex.count(r"\end{equation*}") == len(proof.steps)
    prose = [line for line in tex.splitlines() if not line.startswith("  ")]
    assert not any("_" in line.replace(r"\_", "") or "^" in line.replace(r"\textasciicircum", "") for line in prose)


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


def test_labels_of_steps():
    assert shown("E[x_i' x_j']") == r"\mathbb{E}[x_{i}' x_{j}']"
    assert shown("Var[theta | data]") == r"\operatorname{Var}[\theta| \text{data}]"


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
