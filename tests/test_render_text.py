"""Plain text of statements and derivations: faithful, complete and on any terminal."""

import re

import pytest
import sympy as sp
from sympy.parsing.sympy_parser import (
    convert_xor,
    implicit_multiplication,
    parse_expr,
    standard_transformations,
)

from sgdtheory.catalogue import derive, results
from sgdtheory.closed_form import Kind
from sgdtheory.render.text import WIDTH, derivation, expression, page, statement
from sgdtheory.symbols import C_ii, eta, g2, glossary, lambda_i, m, t, trHC


def read_back(text):
    """Parse our text as mathematics, by rules that know nothing of the printer."""
    names = {symbol.name: symbol for symbol in glossary}
    names["lambda_"] = names.pop("lambda")  # a word of Python
    for written, name in (
        ("|g|^2", "g2"),
        ("g'Hg", "gHg"),
        ("tr(HC)", "trHC"),
        ("sigma^2", "sigma2"),
        ("s^2", "s2"),
        ("|eta lambda_i - 1|", "Abs(eta lambda_i - 1)"),
    ):
        text = text.replace(written, name)
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
        form.kind.value,
        form.process.name,
        form.observable.description,
        *form.assumptions,
        *(source.key for source in form.sources),
        *(erratum.says for erratum in form.errata),
        *form.parameters,
    ):
        assert " ".join(piece.split()) in flat
    assert "True" not in text
    if form.kind is Kind.ASYMPTOTIC:
        assert form.limit.exact.name in flat
        assert "O(eta" in flat


def test_printed_errata_are_shown():
    text = page(results["quadratic.stationary_covariance_diffusion"])
    assert "printed: Sigma_ij = 2 eta C_ij / (m (lambda_i + lambda_j))" in text


@pytest.mark.parametrize("name", ["quadratic.stationary_covariance", "quadratic.relaxation_time"])
def test_derivations_show_every_step(name):
    derived = derive(name)
    text = derivation(derived)
    assert str(derived) == text
    assert text.startswith(name)
    assert derived.process.name in text
    assert text.isascii()
    flat = " ".join(text.split())
    for number, step in enumerate(derived.steps, 1):
        assert f"{number}. {step.reason.split()[0]}" in flat
        assert expression(step.right) in flat
