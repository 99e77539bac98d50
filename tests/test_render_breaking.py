"""Long formulas: broken within the width that was asked for, and nothing lost."""

import re

import pytest
import sympy as sp

from sgdtheory.catalogue import derive, results
from sgdtheory.render.breaking import display, lines, width
from sgdtheory.render.document import Equation, Math
from sgdtheory.render.entry import formula, statement
from sgdtheory.symbols import C_ij, eta, lambda_i, lambda_j, m

x = sp.symbols("x_1:30")
SUM = sp.Add(*x)
LONG = [
    SUM,
    -SUM,
    SUM / m,
    eta * SUM / (m * (lambda_i + SUM)),
    SUM**2 / (SUM - 1) ** 3,
    C_ij * SUM * (SUM + eta) / (lambda_i + lambda_j),
    sp.exp(-SUM * eta),
    sp.Mul(*x),
    1 + eta * (2 + m * (3 + lambda_i * SUM)),
]


def letters(tex):
    return sorted(re.findall(r"x_\{\d+\}", tex))


@pytest.mark.parametrize("value", LONG)
@pytest.mark.parametrize("room", [12.0, 30.0])
def test_broken_lines_fit_and_hold_everything(value, room):
    one = formula(value)
    found = lines(one, room)
    assert max(map(width, found)) <= room + 1.0
    assert len(found) > 1 or width(one.tex) <= room
    assert letters("".join(found)) == letters(one.tex)
    for opening, closing in (("{", "}"), (r"\bigl(", r"\bigr)")):
        assert "".join(found).count(opening) == "".join(found).count(closing)
    for line in found:
        assert line.count(r"\left") == line.count(r"\right")
        assert line.count("{") == line.count("}")


def test_what_fits_is_left_alone():
    one = formula(eta * C_ij / m)
    assert lines(one, 30.0) == [one.tex]


def test_a_sum_over_modes_of_a_sum_keeps_its_bracket():
    one = Math("", r"\sum_{i} (...)" + "a" * 100, SUM, r"\sum_{i} ", "+ O(x)")
    found = lines(one, 30.0)
    assert found[0].startswith(r"\sum_{i} \bigl(x_{1}")
    assert found[-1].endswith(r"\bigr) + O(x)")


def test_rows_of_a_chain():
    rows = display(Equation(formula("a"), (formula(eta), formula(SUM))), 20.0)
    assert rows[0] == ("a", r"= \eta")
    assert rows[1][1].startswith("= x_{1}")
    assert all(left == "" for left, _ in rows[1:])
    assert all(right.startswith((r"= ", r"\quad ")) for _, right in rows)


@pytest.mark.parametrize("name", results)
def test_every_formula_of_the_catalogue_fits_a_narrow_page(name):
    equations = [statement(results[name])]
    for step in derive(name).steps:
        equations.append(Equation(formula(step.shown), (formula(step.left), formula(step.right))))
    for equation in equations:
        for left, right in display(equation, 26.0):
            assert width(left + right) <= 26.0 + 1.0
