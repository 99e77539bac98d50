"""Long formulas: broken within the width that was asked for, and nothing lost."""

import re

import pytest
import sympy as sp
from sympy.parsing.sympy_parser import implicit_multiplication, parse_expr, standard_transformations

from sgdtheory.catalogue import derive, results
from sgdtheory.render.breaking import display, lines, width
from sgdtheory.render.document import Equation, Math
from sgdtheory.render.entry import formula, statement
from sgdtheory.symbols import C_ij, D, M, eta, lambda_i, lambda_j, m

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
    eta + sp.log(1 + SUM * eta),
    sp.Mul(*x),
    1 + eta * (2 + m * (3 + lambda_i * SUM)),
    (1 - SUM * eta) ** M * (1 + m),
    2 * (1 + eta) * SUM / m,
]
# Brackets of middling width, beside each other and above a sum: those of a shuffled epoch.
A, B = (1 - eta * lambda_i) ** M, (1 - eta * lambda_j) ** M
EPOCH = C_ij * (1 - A) * (1 - B) / ((D - 1) * lambda_i * lambda_j * (1 - A * B))


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


def read(tex):
    """Read broken lines as mathematics, by rules that know nothing of how they were written."""
    tex = re.sub(r"\\(?:left|right|[bB]igg?[lr])", " ", tex.replace("{}", "")).replace(r"\times", "*")
    before = ""
    while before != tex:
        before = tex
        tex = re.sub(r"_\{(\w+)\}", r"_\1", tex)
        tex = re.sub(r"\^\{([^{}]*)\}", r"**(\1)", tex)
        tex = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", tex)
    names = {str(symbol): symbol for symbol in (*x, C_ij, D, M, eta, lambda_i, lambda_j, m)}
    rules = (*standard_transformations, implicit_multiplication)
    return parse_expr(re.sub(r"\\(\w+)", r" \1 ", tex), local_dict=names, transformations=rules)


@pytest.mark.parametrize("value", [*LONG, EPOCH, -EPOCH, EPOCH * (eta - 2), EPOCH + 1, (1 + EPOCH) * SUM])
@pytest.mark.parametrize("room", [12.0, 21.0])
def test_broken_lines_mean_what_was_written(value, room):
    place = {s: sp.Rational(n + 2, 2 * n + 11) for n, s in enumerate(sorted(value.free_symbols, key=str))} | {M: 2}
    found = read(" ".join(lines(formula(value), room)))
    assert sp.N(found.subs(place) / value.subs(place) - 1, 30) == pytest.approx(0, abs=1e-25)


def test_what_fits_is_left_alone():
    one = formula(eta * C_ij / m)
    assert lines(one, 30.0) == [one.tex]


def test_a_fraction_stays_one_where_its_brackets_fit_into_it():
    above, below = sp.Add(*x[:5]), sp.Add(*x[9:14]) * (1 + 1 / m)
    (found,) = lines(formula(above / below), 21.0)
    assert found.startswith(r"\frac{x_{1} +")
    assert width(found) <= 21.0 < width(formula(above / below).tex)


def test_a_bracket_does_not_open_at_the_end_of_a_line():
    value = C_ij * (1 + sp.Mul(*x[:9])) / (1 + sp.Add(*(a * b for a, b in zip(x[:10], x[10:20], strict=True))))
    found = lines(formula(value), 22.0)
    assert len(found) > 1
    assert not any(re.search(r"\\[bB]igg?l\([^()]{0,8}$", line) for line in found)


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


@pytest.mark.slow  # the book, compiled in full, shows it at the page's own width
@pytest.mark.parametrize("name", results)
def test_every_formula_of_the_catalogue_fits_a_narrow_page(name):
    equations = [statement(results[name])]
    for step in derive(name).steps:
        equations.append(Equation(formula(step.shown), (formula(step.left), formula(step.right))))
    for equation in equations:
        for left, right in display(equation, 26.0):
            assert width(left + right) <= 26.0 + 1.0
