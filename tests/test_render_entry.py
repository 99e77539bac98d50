"""What a page says: the numbers of errata and limits against values worked out here."""

import re
from dataclasses import replace

import pytest
import sympy as sp

from sgdtheory.catalogue import derive, results
from sgdtheory.closed_form import Kind
from sgdtheory.render.document import Bullets, Equation, Paragraph, Steps, plain
from sgdtheory.render.entry import CHECKS, entry, statement
from sgdtheory.render.tex import statement as one_line


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
    assert " + O(eta" in said
    if results[name].value != 0:
        assert re.search(r"which is [\d.]+ % too (small|large)", words(section(one, "Where it fails")))


def test_the_edge_of_the_domain():
    covariance = words(section(entry(results["quadratic.stationary_covariance"]), "Where it fails"))
    assert "At eta lambda_i = 2 the value grows without bound." in covariance
    assert "Nothing is claimed where eta lambda_i >= 2." in covariance
    batch = words(section(entry(results["quadratic.batch_gradient_covariance"]), "Where it fails"))
    assert "At m = D the value is zero." in batch
    assert "At m = 1" not in batch


def test_statements_say_the_value():
    for form in results.values():
        one = statement(form)
        (side,) = one.right
        assert side.expression == form.value
        relation = r"\approx" if one.relation == "~" else "="
        assert f"{one.left.tex} {relation} {side.tex}" == one_line(form)


@pytest.mark.parametrize("name", ["quadratic.relaxation_time", "quadratic.stationary_covariance_diffusion"])
def test_steps_carry_how_they_were_checked(name):
    derivation = derive(name)
    (steps,) = (block for block in section(entry(results[name], derivation), "Derivation") if isinstance(block, Steps))
    assert [step.check for step in steps.items] == [CHECKS[step.status] for step in derivation.steps]
    assert len(set(CHECKS.values())) == 3


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


def test_a_form_from_elsewhere_has_a_page():
    form = replace(results["quadratic.stationary_excess_loss"], name="../etc.passwd", sources=())
    one = entry(form)
    assert words(section(one, "Sources")) == "No printed source."
    assert isinstance(one.lead[0], Equation)
