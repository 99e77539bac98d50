"""What a page says: the numbers of errata and limits against values worked out here."""

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest
import sympy as sp
from sympy import Rational

from sgdtheory import derivations
from sgdtheory.algebra.derivation import Derivation
from sgdtheory.catalogue import dependencies, derive, results
from sgdtheory.closed_form import Kind
from sgdtheory.render.document import Bullets, Equation, Link, Paragraph, Steps, plain
from sgdtheory.render.edges import at_the_edge
from sgdtheory.render.entry import CHECKS, derivation_blocks, entry, formula, statement
from sgdtheory.render.tex import statement as one_line
from sgdtheory.symbols import D, M, eta, glossary, mu


def section(one, title):
    found = [section for section in one.sections if section.title == title]
    return found[0].blocks if found else ()


def words(blocks):
    said = []
    for block in blocks:
        if isinstance(block, Paragraph):
            said.append(plain(block.inlines))
        elif isinstance(block, Bullets):
            said += [words(item) for item in block.items]
        elif isinstance(block, Equation):
            said.append(" = ".join([block.left.plain, *(side.plain for side in block.right)]))
    return "\n".join(said)


def test_an_erratum_shows_the_numbers_that_refute_it():
    one = entry(results["quadratic.scalar_expected_decrease"])
    # delta = 2, lambda = 5/2, sigma^2 = 3, m = 1: delta^2 / (2 delta^2 + 2 sigma^2) against lambda delta^4 / (...)
    wrong, right = 4 / (2 * 4 + 2 * 3), 2.5 * 16 / (2 * 4 + 2 * 3)
    said = words(section(one, "Errata"))
    assert (
        f"At lambda = 5/2, delta = 2, sigma^2 = 3, m = 1: printed E[Delta L]* = {wrong:.4g}, right {right:.4g}." in said
    )


@pytest.mark.parametrize("name", [name for name, form in results.items() if form.errata])
def test_every_erratum_is_refuted_by_two_different_numbers(name):
    said = words(section(entry(results[name]), "Errata"))
    pairs = [line for line in said.splitlines() if ": printed " in line]
    assert len(pairs) == sum(len(erratum.points or results[name].points) for erratum in results[name].errata)
    for line in pairs:
        printed, right = line.split(": printed ")[1].split(", right ")
        printed, right = printed.rpartition(" = ")[2], right.partition(" (")[0].rstrip(".")
        assert float(printed) != float(right)


@pytest.mark.parametrize("name", [name for name, form in results.items() if form.kind is Kind.ASYMPTOTIC])
def test_limits_say_how_wrong_they_are(name):
    one = entry(results[name])
    said = words(section(one, "Kind"))
    assert "exact - this = " in said
    assert re.search(rf" \+ O\({re.escape(str(results[name].limit.small))}\b", said)
    if results[name].value != 0:
        assert re.search(r"which is [\d.]+ % too (small|large)", words(section(one, "Where it fails")))


def test_the_edge_of_the_domain():
    covariance = words(section(entry(results["quadratic.stationary_covariance"]), "Where it fails"))
    assert "At eta lambda_i = 2 the diagonal entry grows without bound." in covariance
    assert "Nothing is claimed where eta lambda_i >= 2." in covariance
    batch = words(section(entry(results["quadratic.batch_gradient_covariance"]), "Where it fails"))
    assert "At m = D the value is zero." in batch
    assert "At m = 1" not in batch
    assert "At D = 1" not in batch, "there m <= D leaves m = 1 only, and the value is C for every D"
    sampled = words(section(entry(results["quadratic.dataset_variance"]), "Where it fails"))
    assert "At eta lambda = 2 the value grows without bound, except at m = D." in sampled


BETWEEN, NEAR = (Rational(1, 4), Rational(3, 7)), Rational(1, 10**9)
EDGES = [
    (name, relation)
    for name, form in results.items()
    for relation in form.domain
    if at_the_edge(form, relation, formula)
]


@pytest.mark.parametrize(("name", "relation"), EDGES, ids=lambda each: str(each).removeprefix("quadratic."))
def test_what_is_said_of_an_edge_is_seen_beside_it(name, relation):
    """Every sentence of the catalogue, against numbers near the edge, entry by entry of two modes."""
    form = results[name]
    said = plain(at_the_edge(form, relation, formula))
    assert said.count(" grows without bound") + said.count(" is zero") == 1
    moved = min((relation.lhs - relation.rhs).free_symbols & form.value.free_symbols, key=str)
    (root,) = sp.solve(relation.lhs - relation.rhs, moved)
    diagonal = len(glossary[form.symbol].indices) < 2 or "diagonal" in said

    def size(same_mode, gap):
        # Inside the domain, away from all other edges: D = 7, m = M = 3 where they are free, curvatures 1/4 and 3/7.
        numbers = {s: Rational(1, 5) for s in form.value.free_symbols | relation.free_symbols}
        free = (("D", 7), ("m", 3), ("M", 3), ("r", 1), ("t", 1), ("k", 2))
        free += (("B_B", Rational(1, 3)), ("h_B", Rational(1, 3)))  # two wells differ in more than what is moved
        numbers |= {s: value for s in numbers for word, value in free if s.name == word}
        numbers |= {s: BETWEEN[0] for s in numbers if s.name in ("lambda", "lambda_i", "lambda_j")}
        if not same_mode:
            numbers |= {s: BETWEEN[1] for s in numbers if s.name == "lambda_j"}
        edge = root.subs(numbers)
        numbers[moved] = edge + (gap if relation.rel_op in (">", ">=") else -gap)
        if same_mode:
            numbers |= {s: numbers[t] for s in numbers for t in numbers if (s.name, t.name) == ("lambda_j", "lambda_i")}
        return abs(form.value.subs(numbers))

    ratio = sp.N(size(diagonal, NEAR) / size(diagonal, NEAR * 10), 30)
    if "grows" in said:
        assert ratio > Rational(9, 1)
        assert not diagonal or len(glossary[form.symbol].indices) < 2 or size(False, NEAR) / size(False, 10 * NEAR) < 2
    else:
        assert ratio < Rational(1, 9)


def test_statements_say_the_value():
    for form in results.values():
        one = statement(form)
        (side,) = one.right
        assert side.expression == form.value
        relation = {"~": r"\approx", "<=": r"\leq", ">=": r"\geq"}.get(one.relation, "=")
        assert f"{one.left.tex} {relation} {side.tex}" == one_line(form)


@pytest.mark.parametrize("name", ["quadratic.relaxation_time", "quadratic.stationary_covariance_diffusion"])
def test_steps_carry_how_they_were_checked(name):
    derivation = derive(name)
    (steps,) = (block for block in section(entry(results[name], derivation), "Derivation") if isinstance(block, Steps))
    assert [step.check for step in steps.items] == [CHECKS[step.status] for step in derivation.steps]
    assert len(set(CHECKS.values())) == 3


@pytest.mark.parametrize("name", list(results)[::3])
def test_a_derivation_names_what_it_stands_on(name):
    blocks = derivation_blocks(derive(name))
    links = [piece.target for piece in blocks[0].inlines if isinstance(piece, Link)]
    assert links == [*dependencies()[name].stands_on]
    assert ("Stands on: " in plain(blocks[0].inlines)) == bool(links)
    assert sum("Premise, one step of" in plain(b.inlines) for b in blocks if isinstance(b, Paragraph)) == 1


def test_signs_are_turned_and_values_kept():
    derivation = derive("quadratic.stationary_covariance_diffusion")
    (steps,) = (
        block
        for block in section(entry(results[derivation.name], derivation), "Derivation")
        if isinstance(block, Steps)
    )
    for shown, step in zip(steps.items, derivation.steps, strict=True):
        assert sp.expand(shown.equation.right[-1].expression - step.right) == 0
    assert "(-lambda_i - lambda_j)" not in "".join(side.plain for shown in steps.items for side in shown.equation.right)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (eta * (mu - 1) ** 2, "eta (1 - mu)^2"),
        (-eta * (mu - 1), "eta (1 - mu)"),
        (eta * (-1 - mu) * (mu - 1), "eta (1 - mu) (1 + mu)"),
        (eta * (mu - 1), "eta (mu - 1)"),
        ((mu - 1) * (eta - 1), "(1 - eta) (1 - mu)"),
        (-eta / (mu - 1), "eta / (1 - mu)"),
        (eta / (mu - 1) ** 2, "eta / (1 - mu)^2"),
        (-eta * (M - 1) / (D - 1), "-eta (M - 1) / (D - 1)"),
    ],
)
def test_signs_of_products(value, shown):
    assert formula(value).plain == shown
    assert sp.expand(formula(value).expression - value) == 0 or sp.cancel(formula(value).expression - value) == 0


def test_long_work_is_named_and_not_printed():
    work = sp.expand((1 + eta + mu + M) ** 8)
    derivation = Derivation(results["quadratic.stationary_covariance"].process)
    derivation.add("Short", "a", (1 + eta) ** 2, 1 + 2 * eta + eta**2)
    derivation.add("Long", "b", work, (1 + eta + mu + M) ** 8)
    derivation.add("Whose result is long", "c", (1 + eta + mu + M) ** 8, work)
    *_, steps, note = derivation_blocks(derivation)
    assert [len(step.equation.right) for step in steps.items] == [2, 1, 2]
    assert plain(note.inlines).startswith("What was computed in step 2 is too long")


LETTERS = [
    node
    for path in sorted(Path(derivations.__file__).parent.rglob("*.py"))
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("symbols", "Symbol")
]


def test_a_derivations_own_letters_are_printed_as_they_are():
    """A letter that equals a symbol of the glossary would be printed as that one is, whatever it stands for."""
    assert len(LETTERS) > 50
    for call in LETTERS:
        if isinstance(call.args[0], ast.Constant):
            assumptions = {word.arg: word.value.value for word in call.keywords}
            found = sp.symbols(call.args[0].value, **assumptions)
            for letter in found if isinstance(found, tuple) else (found,):
                assert letter not in glossary or "(" not in glossary[letter].latex or letter.name == "Gamma_ij", letter


def test_a_form_from_elsewhere_has_a_page():
    form = replace(results["quadratic.stationary_excess_loss"], name="../etc.passwd", sources=())
    one = entry(form)
    assert words(section(one, "Sources")) == "No printed source."
    assert isinstance(one.lead[0], Equation)
