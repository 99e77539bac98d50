"""Plain text of statements and derivations: faithful, complete and on any terminal."""

import re
from dataclasses import replace

import pytest
import sympy as sp
from sympy.parsing.sympy_parser import (
    convert_xor,
    implicit_multiplication,
    parse_expr,
    standard_transformations,
)

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.exit_integral import ExitIntegral, LogEscapeIntegral
from sgdtheory.algebra.exit_variance import ExitVariance
from sgdtheory.algebra.falling_rates_sum import FallingRatesSum
from sgdtheory.algebra.series import leading_error
from sgdtheory.catalogue import derive, results
from sgdtheory.closed_form import Kind
from sgdtheory.processes.process import H, d
from sgdtheory.render import latex
from sgdtheory.render.bibliography import citation, reference
from sgdtheory.render.entry import CHECKS, formula
from sgdtheory.render.text import WIDTH, derivation, expression, page, statement
from sgdtheory.symbols import C_ii, eta, g2, glossary, lambda_i, m, t, trHC


def read_back(text):
    """Parse our text as mathematics, by rules that know nothing of the printer."""
    names = {symbol.name: symbol for symbol in glossary}
    names["lambda_"] = names.pop("lambda")  # a word of Python
    names |= {
        function.__name__: function for function in (ExitIntegral, LogEscapeIntegral, ExitVariance, FallingRatesSum)
    }
    for written, name in (
        ("|g|^2", "g2"),
        ("g'Hg", "gHg"),
        ("tr(HC)", "trHC"),
        ("sigma^2", "sigma2"),
        ("s^2", "s2"),
        ("sigma_y^2", "sigma_y2"),
        ("tr(H^2)", "trH2"),
        ("tr(H)", "trH"),
        ("tr(C)", "trC"),
    ):
        text = text.replace(written, name)
    text = re.sub(r"\|([^|]+)\|", r"Abs(\1)", text)
    rules = (*standard_transformations, convert_xor, implicit_multiplication)
    return parse_expr(re.sub(r"\blambda\b", "lambda_", text), local_dict=names, transformations=rules)


@pytest.mark.parametrize("name", results)
def test_statements_say_the_value(name):
    form = results[name]
    right = statement(form).rpartition(" = ")[2].removeprefix("sum_i ")
    assert sp.simplify(read_back(right) - form.value) == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (eta * C_ii / (2 * m * (2 - eta * lambda_i)), "eta C_ii / (2 m (2 - eta lambda_i))"),
        (-eta / m, "-eta / m"),
        (1 - (1 - eta) ** (2 * t), "1 - (1 - eta)^(2 t)"),
        (1 / eta, "1 / eta"),
        (-(1 + eta) / m, "(-1 - eta) / m"),
        (-2 * (1 + eta), "-2 - 2 eta"),
        (g2**2 / trHC, "(|g|^2)^2 / tr(HC)"),
        (sp.Rational(1, 2), "1/2"),
        (sp.exp(-eta * t), "exp(-eta t)"),
        (sp.sqrt(eta / m), "sqrt(eta) / sqrt(m)"),
        ("E[x_i' x_j']", "E[x_i' x_j']"),
    ],
)
def test_expressions(value, text):
    assert expression(value) == text


def test_sums_are_marked():
    assert statement(results["quadratic.stationary_excess_loss"]).startswith("E[L] - L* = sum_i eta C_ii")
    assert "sum_" not in statement(results["quadratic.stationary_covariance"])


@pytest.mark.parametrize("name", results)
def test_pages_are_complete_ascii_and_narrow(name):
    form, text = results[name], page(results[name])
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= WIDTH + 20
    flat = " ".join(text.split())
    for piece in (
        form.name,
        form.title,
        form.kind.value[1:],
        form.process.name[1:],
        form.observable.description[1:],  # its first letter begins a sentence
        *form.assumptions,
        *(source.key for source in form.sources),
        *(erratum.says[1:] for erratum in form.errata),
        *form.parameters,
    ):
        assert " ".join(piece.split()) in flat
    assert "True" not in text
    if form.kind is Kind.ASYMPTOTIC:
        error = leading_error(form)
        assert form.limit.exact.name in flat
        assert f"+ O({expression(form.limit.small ** (error.order + 1))})" in flat
        if error.direction:
            assert f"This is {error.direction} by the factor" in flat or error.factor is None


@pytest.mark.parametrize("name", ["quadratic.stationary_covariance_diffusion", "quadratic.sgd_test_penalty"])
def test_a_narrow_terminal(name):
    for text in (page(results[name], 60), derivation(derive(name), 60)):
        assert all(len(line) <= 60 or " " not in line.strip() for line in text.splitlines())
    assert page(results[name], 60).split() == page(results[name]).split()


def test_lines_of_a_formula_end_outside_of_brackets():
    a, b = sp.symbols("aaaa_1:9"), sp.symbols("bbbb_1:5")
    value = sp.Add(*(one * sp.Add(*b) for one in a))
    derived = Derivation(results["quadratic.stationary_covariance"].process)
    derived.add("Add up", "s", value, value)
    rows = [line.strip() for line in derivation(derived, 80).splitlines() if "bbbb" in line]
    assert len(rows) > 3
    assert all(row.count("(") == row.count(")") for row in rows)
    assert all(row.startswith("+") for row in rows[1:])


def test_accents_of_names_are_read():
    label = {key: reference(key).label for key in ("kuhn2023", "jastrzebski2018")}
    assert label == {"kuhn2023": "K\u00fchn & Rosenow (2023)", "jastrzebski2018": "Jastrz\u0119bski et al. (2018)"}
    assert citation("kuhn2023").startswith("Kuhn & Rosenow (2023), ")
    for form in results.values():
        for source in form.sources:
            found = reference(source.key)
            assert not set(r"\{}") & set(" ".join((*found.authors, found.title, found.venue)))
            assert citation(source.key).isascii()


def test_printed_errata_are_shown():
    text = " ".join(page(results["quadratic.stationary_covariance_diffusion"]).split())
    assert "Printed: Sigma_ij = 2 eta C_ij / (m (lambda_i + lambda_j))" in text
    assert "printed Sigma_11 = 0.3, right 0.15 (the exact value is 0.1622)" in text


def test_the_leading_error_of_a_limit_is_shown():
    text = " ".join(page(results["quadratic.stationary_covariance_diffusion"]).split())
    assert "exact - this = eta^2 lambda_i lambda_j C_ij / (m (lambda_i + lambda_j)^2) + O(eta^3)" in text
    assert "This is low by the factor 1 - eta lambda_i lambda_j / (lambda_i + lambda_j)" in text
    # 1 - eta lambda/2 at eta lambda_1 = 3/20: 7.5 %
    assert "exact Sigma_11 = 0.1622, this 0.15, which is 7.5 % too small" in text


def test_control_characters_never_reach_the_terminal():
    form = replace(results["quadratic.stationary_covariance"], title="\x1b[31mred\x07 caf\u00e9 \u202e")
    assert page(form).isascii()
    assert all(letter == "\n" or letter.isprintable() for letter in page(form))


@pytest.mark.parametrize("name", ["quadratic.stationary_covariance", "quadratic.relaxation_time"])
def test_derivations_show_every_step(name):
    derived = derive(name)
    text = derivation(derived)
    assert str(derived) == text
    assert text.startswith(name)
    assert derived.process.name in text
    assert "theta' = theta - eta (H (theta - theta*) + n)" in text
    assert text.isascii()
    flat = " ".join(text.split())
    for number, step in enumerate(derived.steps, 1):
        assert f"{number}. {' '.join(step.reason.split())} [{CHECKS[step.status]}]" in flat
        assert formula(step.right).plain in flat


def test_a_sum_before_a_matrix_keeps_its_brackets():
    s, n = sp.Symbol("s"), sp.MatrixSymbol("n", d, 1)
    assert expression((1 + s) * n) == "(1 + s) n"
    assert expression(-(1 + s) * (H * n)) == "-(1 + s) H n"
    assert latex.expression((1 + s) / 2 * n) == r"\left(\frac{1}{2} + \frac{s}{2}\right) n"
