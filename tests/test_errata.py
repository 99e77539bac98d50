"""Printed equations that fail: each is refuted, what is right is not, and both by numbers that could say otherwise."""

import itertools
import math
import shutil
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chi2
from typer.testing import CliRunner

import sgdtheory.numeric.errata as module
from sgdtheory.catalogue import results
from sgdtheory.cli import app
from sgdtheory.closed_form import Kind
from sgdtheory.errors import DomainError, UnknownNameError
from sgdtheory.numeric.errata import errata, refute
from sgdtheory.render.document import plain
from sgdtheory.render.errata import book, entry, rows
from sgdtheory.render.notation import prose
from sgdtheory.render.text import entry as as_text

DOCS = Path(__file__).parents[1] / "docs"
BATCH = "quadratic.batch_gradient_covariance"
RATE = "quadratic.scalar_optimal_learning_rate"
ALL = [(form, erratum) for form in results.values() for erratum in form.errata]
LABELS = [f"{form.name}-{erratum.source.key}" for form, erratum in ALL]


pytestmark = pytest.mark.xdist_group("errata")  # one worker simulates for all


@pytest.fixture(scope="module")
def found():
    return errata()


@pytest.mark.parametrize("number", range(len(ALL)), ids=LABELS)
def test_the_printed_form_fails_and_the_corrected_one_holds(found, number):
    one = found[number]
    assert (one.form, one.erratum) == ALL[number]
    assert one.refuted
    assert one.confirmed
    assert abs(one.printed_off) > 10 > 6 > abs(one.corrected_off)
    swapped = replace(
        one,
        printed=one.corrected,
        corrected=one.printed,
        far_printed=one.far_corrected,
        far_corrected=one.far_printed,
    )
    assert not swapped.refuted
    assert not swapped.confirmed
    near = replace(one, corrected=one.corrected * 1.001, far_corrected=one.far_printed / 100)
    assert not near.confirmed or (one.form.kind is Kind.BOUND and one.form.bound == "upper")
    assert abs(one.simulated - one.exact) < 6 * one.standard_error
    # Also where a limit is looked at, the difference that is left is small beside that of the printed form.
    assert abs(one.corrected - one.exact) * 60 <= abs(one.printed - one.exact) * 1.0001


@pytest.mark.parametrize(("name", "side"), [(BATCH, 1), (RATE, -1)])
def test_what_is_simulated_comes_out_on_its_side(name, side, monkeypatch):
    """More of a moment means more; a loss that still rises at a rate means that the best rate is smaller."""
    outcome = module.experiment.Outcome(np.array([3.0]), math.nan, "numpy")
    monkeypatch.setattr(module.experiment, "judge", lambda *_, **__: outcome)
    (one,) = errata(name)
    assert (one.simulated - one.exact) / one.standard_error == pytest.approx(3 * side)


def test_there_are_at_least_fifteen_and_none_is_left_out(found):
    assert len(found) == len(ALL) >= 15


def test_the_exact_value_is_that_of_all_batches_enumerated():
    (one,) = errata(BATCH)
    data, size = one.point["data"], int(one.point["batch_size"])
    values = [Fraction(int(second)) for _, second in data]
    mean = sum(values) / len(values)
    batches = [sum(batch) / size - mean for batch in itertools.combinations(values, size)]
    variance = sum(b * b for b in batches) / len(batches) * Fraction(int(one.point["curvature"][1])) ** 2
    assert one.index == "22"
    assert one.exact == pytest.approx(float(variance), rel=1e-14)
    assert one.printed == pytest.approx(float(variance) * 0.8, rel=1e-14)  # 1 - b/N over (N - b)/(N - 1) is (N - 1)/N


def test_a_limit_is_compared_with_the_exact_law_near_to_it(found):
    (one,) = (one for one in found if one.erratum.source.locator == "Appendix A, example with A = I")
    eta, m, c = (float(x) for x in (one.point["learning_rate"], one.point["batch_size"], one.point["noise"][0][0]))
    assert one.exact == pytest.approx(eta * c / (m * (2 - eta)), rel=1e-12)
    assert one.corrected == pytest.approx(eta * c / (2 * m), rel=1e-12)
    assert one.printed == pytest.approx(eta * c / m, rel=1e-12)
    far = float(one.far_point["learning_rate"])
    assert (one.far_printed, one.far_corrected) == pytest.approx((1 - far, far / 2), rel=1e-6)


@pytest.mark.parametrize("name", [BATCH, RATE, "momentum.stationary_variance"])
def test_a_misprint_put_in_the_place_of_the_result_is_found(name):
    form = results[name]
    (erratum,) = form.errata
    wrong = refute(replace(form, value=erratum.printed), replace(erratum, printed=form.value))
    assert not wrong.refuted
    assert not wrong.confirmed
    assert abs(wrong.simulated - wrong.exact) < 6 * wrong.standard_error  # no claim enters into what is simulated
    assert abs(wrong.corrected_off) > 20


def test_names_are_those_of_results_and_of_papers(found):
    assert [one.form.name for one in found if one.form.name == BATCH] == [BATCH]
    of_paper = module.known_errata("schaul2013")
    assert {erratum.source.key for _, erratum in of_paper} == {"schaul2013"}
    assert len(of_paper) == 2
    assert errata("quadratic.stationary_covariance") == ()
    with pytest.raises(UnknownNameError, match="did you mean 'mandt2017'"):
        errata("mandt2018")
    with pytest.raises(UnknownNameError, match="unknown result or paper"):
        errata(BATCH[:-1])


@pytest.mark.parametrize("wrong", [{"seed": -1}, {"seed": 1.5}, {"seed": True}, {"backend": "torch"}])
def test_settings_are_refused_before_any_work(wrong, monkeypatch):
    monkeypatch.setattr(module, "refute", lambda *_, **__: pytest.fail("work was done"))
    with pytest.raises(DomainError):
        errata(BATCH, **wrong)


def test_pages_hold_both_forms_the_convention_and_the_numbers(found):
    for one in found:
        text = as_text(entry(one), 80)
        lines = text.splitlines()
        assert max(map(len, lines)) <= 80
        words = " ".join(text.split())
        for sentence in (one.erratum.says, one.erratum.source.convention, one.erratum.survives):
            assert " ".join(sentence.split()) in words
            assert plain(prose(sentence)) == sentence
        assert f"{one.replicas:,} runs" in words
        assert f"{one.exact:.4g}" in words
        assert f"{one.printed:.4g}" in words
    table = rows(found)
    assert len(table) == len(found) + 1
    assert {len(row) for row in table} == {7}


def run(*arguments):
    return CliRunner().invoke(app, ["errata", *arguments], prog_name="sgdtheory")


def test_the_command_prints_text_and_a_table():
    outcome = run(BATCH)
    assert outcome.exit_code == 0
    assert max(map(len, outcome.stdout.splitlines())) <= 80
    assert "1 of 1 printed equations refuted, 1 of 1 corrected ones confirmed" in outcome.stdout
    assert "chaudhari2018 Remark 12" in outcome.stdout
    assert run("quadratic.stationary_covariance").stdout == "no misprint of quadratic.stationary_covariance is known\n"


def test_an_unknown_name_is_a_clear_error_of_the_command():
    outcome = run("quadratic.batch_gradient")
    assert outcome.exit_code == 2
    assert "Traceback" not in outcome.output
    assert "quadratic.batch_gradient_covariance" in outcome.output


def test_the_command_fails_where_a_corrected_form_does(monkeypatch):
    (one,) = errata(BATCH)
    monkeypatch.setattr(module, "errata", lambda *_, **__: (replace(one, corrected=one.printed),))
    outcome = run(BATCH)
    assert outcome.exit_code == 1
    assert "0 of 1 corrected ones confirmed" in outcome.stdout


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs LaTeX")
def test_the_document_compiles(found):
    from sgdtheory.render import latex, pdf

    source = latex.document(book(found))
    assert source.count(r"\section{") == len(found)
    assert pdf.compiled(source).startswith(b"%PDF")


def test_the_site_has_a_section_for_each_and_links_to_the_page(found, monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS))
    from _site import errata as site
    from _site import results as result_pages

    import sgdtheory

    monkeypatch.setattr(sgdtheory, "errata", lambda: found, raising=False)
    (text,) = site.pages().values()
    assert text.count("\n### ") == len(found) == text.count("](#erratum-")
    for form, _ in ALL:
        assert f"[`{form.name}`](<results/{form.name}.md>)" in text
    assert "generated/errata.md" in (DOCS / "errata.md").read_text(encoding="utf-8")
    page = result_pages._linked(BATCH, "# x\n\n## Errata\n\n* text\n")
    assert "(<../errata.md>)" in page
    broken = replace(found[0], corrected=found[0].printed)
    monkeypatch.setattr(sgdtheory, "errata", lambda: (broken,), raising=False)
    with pytest.raises(RuntimeError, match=found[0].form.name):
        site.pages()
    for name in [name for name in sys.modules if name == "_site" or name.startswith("_site.")]:
        sys.modules.pop(name)


@pytest.mark.slow
def test_standard_errors_are_what_seeds_differ_by():
    """The false-alarm probability is 1e-6; errors that are 30 % too large or small would be seen with certainty."""
    (form, erratum), seeds = module.known_errata(BATCH)[0], 300
    off = [refute(form, erratum, seed=seed).corrected_off for seed in range(seeds)]
    low, high = chi2.ppf([5e-7, 1 - 5e-7], seeds)
    assert low < float(np.sum(np.square(off))) < high
    assert abs(float(np.mean(off))) < 5 / math.sqrt(seeds)
