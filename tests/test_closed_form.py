"""The schema refuses what would not be checked; the catalogue is read-only and finds what was meant."""

import dataclasses

import numpy as np
import pytest
import sympy as sp

import sgdtheory as st
from sgdtheory.closed_form import ClosedForm, Erratum, Kind, Source, value_at
from sgdtheory.errors import UnknownNameError
from sgdtheory.symbols import C_ij, eta, glossary, lambda_i, lambda_j, m, words

GOOD = st.results["quadratic.stationary_covariance"]
LIMIT = st.results["quadratic.stationary_covariance_diffusion"]


def changed(form=GOOD, **changes):
    return dataclasses.replace(form, **changes)


def point(**changes):
    return {**GOOD.points[0], **changes}


def test_a_copy_is_accepted():
    assert changed() == GOOD
    assert changed(value=GOOD.value / 2).value == GOOD.value / 2


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"value": 0.5}, "must be a SymPy expression, not float"),
        ({"value": 1}, "must be a SymPy expression, not int"),
        ({"value": "eta*C/m"}, "must be a SymPy expression, not str"),
        ({"value": sp.Matrix([[eta]])}, "must be a SymPy expression"),
        ({"value": sp.Float("0.1") * GOOD.value}, r"Rational\(1, 10\) for 0.1"),
        ({"value": GOOD.value * sp.Symbol("surprise")}, r"undeclared symbols \['surprise'\]"),
        ({"value": GOOD.value.subs(eta, sp.Symbol("eta"))}, r"undeclared symbols \['eta'\]"),  # other assumptions
        ({"symbol": sp.Symbol("Sigma_ij")}, "not in the glossary"),
        ({"points": GOOD.points[:1]}, "at least two points"),
        ({"points": ()}, "at least two points"),
        ({"points": (GOOD.points[0], point(learning_rate=sp.Rational(10, 9)))}, "violates"),  # eta lambda = 2
        ({"points": (GOOD.points[0], point(learning_rate=sp.Integer(0)))}, "gives eta the value 0"),
        ({"points": (GOOD.points[0], {w: v for w, v in GOOD.points[1].items() if w != "noise"})}, r"lacks \['noise'\]"),
        ({"kind": Kind.ASYMPTOTIC}, "states its limit"),
        ({"limit": LIMIT.limit}, "states its limit"),
        ({"errata": (Erratum(Source("x", "1"), sp.Float(2.0) * C_ij, "wrong"),)}, "floats are not exact"),
        ({"errata": (Erratum(Source("x", "1"), sp.Symbol("surprise"), "wrong"),)}, "undeclared"),
        ({"parameters": words(eta, m, lambda_i, C_ij)}, r"undeclared symbols \['lambda_j'\]"),
    ],
)
def test_what_cannot_be_checked_is_refused_with_the_name(changes, says):
    with pytest.raises(TypeError, match=says) as refusal:
        changed(**changes)
    assert str(refusal.value).startswith(GOOD.name)


def test_an_asymptotic_result_without_limit_is_refused():
    with pytest.raises(TypeError, match="states its limit"):
        changed(LIMIT, limit=None)


def test_every_mode_of_a_point_must_lie_in_the_domain():
    second = sp.Rational(7)  # eta lambda = 2.1 for the second mode only
    with pytest.raises(TypeError, match="violates"):
        changed(points=(GOOD.points[0], point(curvature=(sp.Rational(1, 2), second))))


def test_a_closed_form_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        GOOD.value = sp.Integer(0)
    with pytest.raises(TypeError):
        GOOD.parameters["learning_rate"] = ()
    with pytest.raises(TypeError):
        GOOD.points[0]["learning_rate"] = 1


def test_value_at_replaces_all_symbols_at_once():
    """The point's values are the library's own symbols, crosswise."""
    form = GOOD
    place = {"learning_rate": m, "batch_size": lambda_i, "curvature": (eta,), "noise": ((lambda_j,),)}
    assert sp.cancel(value_at(form, place)[0] - m * lambda_j / (lambda_i * (2 * eta - m * eta**2))) == 0


def test_value_at_runs_over_pairs_and_sums_what_stands_on_the_right_only():
    place = {"learning_rate": sp.Rational(1, 10), "batch_size": 4, "curvature": (1, 3), "noise": ((5, 1), (1, 7))}
    entries = value_at(GOOD, place)
    wanted = [
        sp.Rational(1, 40) * c / (a + b - sp.Rational(1, 10) * a * b)
        for (a, b, c) in ((1, 1, 5), (1, 3, 1), (3, 1, 1), (3, 3, 7))
    ]
    assert entries == wanted
    (loss,) = value_at(st.results["quadratic.stationary_excess_loss"], place)
    assert loss == (wanted[0] + 3 * wanted[3]) / 2


def test_evaluate_names_what_it_lacks():
    with pytest.raises(TypeError, match=r"quadratic\.stationary_covariance needs batch_size, noise"):
        st.evaluate(GOOD, hessian=np.eye(2), learning_rate=0.1)


def test_evaluate_takes_a_printed_variant():
    printed = LIMIT.errata[0].printed
    inputs = {"hessian": np.eye(2), "noise": np.eye(2), "learning_rate": 0.1, "batch_size": 4}
    np.testing.assert_allclose(
        st.evaluate(LIMIT, value=printed, **inputs), 2 * st.evaluate(LIMIT, **inputs), rtol=1e-14
    )


# The catalogue.


def test_the_catalogue_is_a_read_only_mapping():
    assert all(isinstance(form, ClosedForm) for form in st.results.values())
    assert all(name == form.name for name, form in st.results.items())
    assert GOOD.name in st.results
    assert "nonsense" not in st.results
    assert st.results.get("nonsense") is None
    with pytest.raises(TypeError):
        st.results["quadratic.new"] = GOOD
    with pytest.raises(TypeError):
        del st.results[GOOD.name]


@pytest.mark.parametrize("ask", [st.results.__getitem__, st.derive])
def test_a_misspelt_name_offers_the_nearest(ask):
    with pytest.raises(UnknownNameError, match=r"quadratic\.stationary_covarianc") as error:
        ask("quadratic.stationary_covarianse")
    assert isinstance(error.value, KeyError)
    assert isinstance(error.value, ValueError)
    assert error.value.mend.startswith("did you mean 'quadratic.stationary_covariance'")
    assert not str(error.value).startswith('"')  # KeyError would show the message in quotes


def test_a_name_like_nothing_says_what_lists_what_there_is():
    with pytest.raises(UnknownNameError) as error:
        st.results["zzzz"]
    assert error.value.allowed.startswith(f"one of {len(st.results)}, '{min(st.results)}' to ")
    assert error.value.mend == "use one of the allowed names; sgdtheory list lists them"


def test_results_are_made_of_glossary_symbols():
    for form in st.results.values():
        assert form.value.free_symbols <= set(glossary)
        assert form.symbol in glossary
        assert form.symbol not in form.value.free_symbols


def test_a_closed_form_shows_itself():
    assert repr(GOOD).startswith("<ClosedForm quadratic.stationary_covariance: Sigma_ij = ")
    assert GOOD._repr_latex_().startswith("$") and GOOD._repr_latex_().endswith("$")  # noqa: PT018
    assert r"\lambda_{i}" in GOOD._repr_latex_()


def test_the_package_names_what_it_offers():
    assert set(dir(st)) == set(st.__all__)
    for name in st.__all__:
        assert getattr(st, name) is not None
    with pytest.raises(AttributeError, match="stationery_law"):
        st.stationery_law  # noqa: B018
