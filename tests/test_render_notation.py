"""Sentences with formulas in them: what is taken for a formula, and that nobody's words become a command."""

import importlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgdtheory.catalogue import derive, results
from sgdtheory.render.document import Math, plain
from sgdtheory.render.notation import notation, prose
from sgdtheory.symbols import glossary

COMMANDS = (
    r"\alpha \beta \gamma \delta \varepsilon \zeta \eta \theta \kappa \lambda \mu \nu \xi \pi \rho \sigma \tau \phi"
    r" \chi \psi \omega \Gamma \Delta \Theta \Lambda \Xi \Pi \Sigma \Phi \Psi \Omega \mathbb \operatorname \nabla \sum"
    r" \exp \log \surd \bar \max \min \ldots \le \ge \ne \to \sim \text \mathrm \top \mid"
)


def formulas(sentence):
    return [piece.tex for piece in prose(sentence) if isinstance(piece, Math)]


@pytest.mark.parametrize(
    ("light", "tex"),
    [
        ("E[x_i' x_j']", r"\mathbb{E}[x_{i}' x_{j}']"),
        ("Var[theta | data]", r"\operatorname{Var}[\theta \mid \text{data}]"),
        ("E[L_test] - L_test*, mode i", r"\mathbb{E}[L_{\mathrm{test}}] - L_{\mathrm{test}}^{*},\ \text{mode }i"),
        ("dE[x_i]/ds", r"d \mathbb{E}[x_{i}]/d s"),
        ("g'Hg", r"g^{\top}\!H g"),
        ("E|grad L|^2", r"\mathbb{E}|\nabla L|^{2}"),
        ("tr(H^-1 C)/(2D)", r"\operatorname{tr}(H^{-1} C)/(2D)"),
        ("theta^*", r"\theta^{*}"),
        ("theta*_i", r"\theta_{i}^{*}"),
        ("(theta - theta*)' H", r"(\theta - \theta^{*})^{\top} H"),
        ("c0/c1", "c_{0}/c_{1}"),
        ("B B' = C", r"B B^{\top} = C"),
        ("(1/D) sum_k g_k g_k'", r"(1/D) \sum_{k} g_{k} g_{k}^{\top}"),
        ("x' Sigma_x^-1 x", r"x^{\top} \Sigma_{x}^{-1} x"),
        ("E[x_i x_i']", r"\mathbb{E}[x_{i} x_{i}']"),
        ("x' = A x", "x' = A x"),
        ("theta'", r"\theta'"),
        ("Cov[theta, v]_ij", r"\operatorname{Cov}[\theta, v]_{ij}"),
        ("(1 - eta lambda)^T", r"(1 - \eta \lambda)^{T}"),
        ("A^T A", r"A^{\top} A"),
        ("part of S_ij(M) with S_ij(0)", r"\text{part }\text{of }S_{ij}(M)\text{ with }S_{ij}(0)"),
    ],
)
def test_light_notation(light, tex):
    assert notation(light) == tex


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("the learning rate is small against every 1/lambda_i: it is", [r"1/\lambda_{i}"]),
        ("a batch of D draws", ["D"]),
        ("M-estimator law H^-1 C H^-1 / D", ["H^{-1} C H^{-1}/D"]),
        ("the loss is a sum over modes; mode i contributes", ["i"]),
        ("twice the log-likelihood, see eq. (13), which misses 12 %", []),
        ("A batch of one sample has the covariance C", ["C"]),
        ("example with A = I", ["A = I"]),
        ("the keyword batch_size of v1 Section 3.2 in arXiv 1206.1106v1", []),
        ("the exponent must be -(S/epsilon) x' C^-1 x: so", [r"-(S/\varepsilon) x^{\top} C^{-1} x"]),
        ("the sample's gradient and x's mean", []),
    ],
)
def test_sentences(sentence, found):
    assert formulas(sentence) == found
    assert plain(prose(sentence)) == sentence


def corpus():
    for form in results.values():
        yield form.title
        yield form.process.description
        yield from form.assumptions
        for source in (*form.sources, *(erratum.source for erratum in form.errata)):
            yield source.locator
            yield source.convention
        yield from (erratum.says for erratum in form.errata)
        family, quantity = form.name.split(".")
        yield " ".join(importlib.import_module(f"sgdtheory.{family}._{quantity}").__doc__.split())
        yield from (step.reason for step in derive(form.name).steps)
    yield from (quantity.meaning for quantity in glossary.values())


def test_no_sentence_of_the_library_is_changed_or_misread():
    for sentence in dict.fromkeys(corpus()):
        assert plain(prose(sentence)) == sentence
        for tex in formulas(sentence):
            assert r"\text" not in tex, (sentence, tex)  # a word of English, or a sign that is none of mathematics


@given(st.one_of(st.text(max_size=60), st.text(alphabet="\\{}$^_%&#~<>'*()[]|ab1 .,/=", max_size=40)))
def test_nothing_but_known_commands(text):
    for tex in (notation(text), *formulas(text)):
        assert set(re.findall(r"\\[A-Za-z]+", tex)) <= set(COMMANDS.split())
        assert not set('$%&#~"`@') & set(tex)
        assert "^^" not in tex
        assert tex.isascii()
    assert plain(prose(text)) == " ".join(text.split())
