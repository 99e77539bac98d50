"""Numbers outside a closed form's domain are refused; symbols and traced values pass."""

import dataclasses

import numpy as np
import pytest
import scipy.sparse.linalg
import sympy as sp

import sgdtheory as st
from sgdtheory.closed_form import assignments
from sgdtheory.errors import DomainError
from sgdtheory.numeric.claims import floats, problem_words
from sgdtheory.symbols import lambda_i, lambda_j

COVARIANCE = st.results["quadratic.stationary_covariance"]
HALF = sp.Rational(1, 2)
H = np.array([[2.0, 1.0], [1.0, 3.0]])  # eigenvalues 1.38 and 3.62
INSIDE = {"hessian": H, "noise": np.eye(2), "learning_rate": 0.5, "batch_size": 4}
EXACT = {"hessian": sp.Matrix([[2, 1], [1, 3]]), "noise": sp.eye(2), "learning_rate": HALF, "batch_size": sp.Integer(4)}
OUTSIDE = {
    "a learning rate beyond the edge": ({"learning_rate": 0.6}, r"learning_rate = .*curvature\*learning_rate < 2"),
    "a negative learning rate": ({"learning_rate": -0.1}, r"learning_rate = -.*learning_rate > 0"),
    "no batch": ({"batch_size": 0}, r"batch_size = 0.*batch_size > 0"),
    "a direction that falls": ({"hessian": np.diag([1.0, -1.0])}, r"curvature = -1.*curvature > 0"),
    "a flat direction": ({"hessian": np.ones((2, 2))}, r"curvature = 0.*curvature > 0"),
}


def exact(value):
    return sp.Matrix(value).applyfunc(sp.nsimplify) if isinstance(value, np.ndarray) else sp.nsimplify(value)


@pytest.mark.parametrize("kind", ["numpy", "spectrum", "sympy", "jax"])
@pytest.mark.parametrize(("change", "said"), OUTSIDE.values(), ids=OUTSIDE)
def test_numbers_of_every_kind_are_refused(change, said, kind):
    words = EXACT | {word: exact(value) for word, value in change.items()} if kind == "sympy" else INSIDE | change
    if kind == "spectrum":
        words["hessian"] = st.Quadratic(words["hessian"], np.eye(2)).spectrum
    if kind == "jax":
        jax = pytest.importorskip("jax")
        words = {word: jax.numpy.asarray(value) for word, value in words.items()}
    with pytest.raises(DomainError, match=f"outside the domain of {COVARIANCE.name}.*{said}"):
        st.evaluate(COVARIANCE, **words)


def test_nothing_is_refused_inside():
    found = st.evaluate(COVARIANCE, **INSIDE)
    np.testing.assert_allclose(found, np.array(st.evaluate(COVARIANCE, **EXACT), dtype=float), rtol=1e-14)
    assert np.linalg.eigvalsh(found)[0] > 0


def test_it_can_be_asked_what_the_formula_says_beyond():
    found = st.evaluate(COVARIANCE, **INSIDE | {"hessian": np.diag([1.0, 5.0])}, check_domain=False)
    np.testing.assert_allclose(found, np.diag([0.5 / 1.5, 0.5 / (5 * (2 - 2.5))]) / 4, rtol=1e-14)


def test_symbols_pass_unless_it_is_certain_that_they_are_outside():
    rate = sp.Symbol("rate")
    assert st.evaluate(COVARIANCE, **EXACT | {"learning_rate": rate}).free_symbols == {rate}
    with pytest.raises(DomainError, match="learning_rate > 0"):
        st.evaluate(COVARIANCE, **EXACT | {"learning_rate": sp.Symbol("rate", negative=True)})
    with pytest.raises(DomainError, match="batch_size > 0"):
        st.evaluate(COVARIANCE, **EXACT | {"learning_rate": rate, "batch_size": -1})
    turned = EXACT | {"hessian": sp.Matrix([[2, rate], [rate, 3]])}
    loss = st.results["quadratic.stationary_excess_loss"]
    assert st.evaluate(loss, **turned).free_symbols == {rate}
    with pytest.raises(DomainError, match="noise >= 0"):
        st.evaluate(loss, **turned | {"noise": sp.diag(1, -1)})


def test_traced_values_pass():
    jax = pytest.importorskip("jax")

    def last(rate):
        return st.evaluate(COVARIANCE, **INSIDE | {"hessian": jax.numpy.asarray(H), "learning_rate": rate})[1, 1]

    beyond = st.evaluate(COVARIANCE, **INSIDE | {"learning_rate": 0.6}, check_domain=False)[1, 1]
    np.testing.assert_allclose(jax.jit(last)(0.6), beyond, rtol=1e-5)
    np.testing.assert_allclose(jax.vmap(last)(jax.numpy.array([0.6, 0.6])), [beyond] * 2, rtol=1e-5)


def test_of_operators_the_other_parameters_are_judged():
    operator = scipy.sparse.linalg.aslinearoperator(H)
    with pytest.raises(DomainError, match="batch_size > 0"):
        st.evaluate(COVARIANCE, **INSIDE | {"hessian": operator, "batch_size": -1})


def test_counts_are_whole():
    words = INSIDE | {"steps": 2.5}
    with pytest.raises(DomainError, match=r"steps = 2\.5\. Allowed: whole numbers"):
        st.evaluate(st.results["quadratic.transient_covariance"], **words)
    assert st.evaluate(st.results["quadratic.transient_covariance"], **words | {"steps": 2.0}).shape == (2, 2)


def test_rounding_is_no_violation():
    """The noise has rank one; turned into the basis of a Hessian its diagonal may be a rounding error below zero."""
    noise = np.diag([1.0, -1e-17])
    loss = st.results["quadratic.stationary_excess_loss"]
    assert st.evaluate(loss, **INSIDE | {"noise": noise}) > 0
    with pytest.raises(DomainError, match=r"noise = -0\.001"):
        st.evaluate(loss, **INSIDE | {"noise": np.diag([1.0, -1e-3])})


def test_where_two_sides_meet_the_limit_stands():
    """At eta lambda = 2 the loss after t steps is 0/0 as it is written; its domain leaves this out."""
    words = {"hessian": np.eye(1), "noise": np.eye(1), "learning_rate": 2.0, "batch_size": 1}
    assert st.evaluate(st.results["quadratic.transient_covariance"], **words, steps=3) == pytest.approx(12)


@pytest.mark.parametrize("make", [np.diag, lambda entries: sp.diag(*entries)])
def test_a_relation_between_two_modes_is_asked_of_all_pairs(make):
    close = dataclasses.replace(COVARIANCE, domain=(lambda_i < 100 * lambda_j,))
    words = {"noise": make([1, 1]), "learning_rate": 1e-3, "batch_size": 1}
    st.evaluate(close, hessian=make([1, 99]), **words)
    for curvatures in ([1, 101], [101, 1]):
        with pytest.raises(DomainError, match=r"curvature_i = 101, curvature_j = 1\."):
            st.evaluate(close, hessian=make(curvatures), **words)


def forms_of_every_relation():
    """Return for each relation of the catalogue the first form that states it."""
    first = {}
    for name, form in st.results.items():
        for relation in form.domain:
            first.setdefault(relation, name)
    return sorted(set(first.values()))


def holds(form, point):
    """Return whether a point is in a form's domain, in exact numbers, one choice of modes at a time."""
    relations = [r for r in form.domain if not isinstance(r, sp.Unequality)]
    signs = [(s, chosen[s]) for group in form.parameters.values() for s in group for chosen in assignments(s, point)]
    if any((s.is_positive and v <= 0) or (s.is_nonnegative and v < 0) for s, v in signs):
        return False
    return all(relation.subs(chosen) == sp.true for relation in relations for chosen in assignments(relation, point))


def is_refused(form, hessian, words):
    try:
        st.evaluate(form, hessian=hessian, **words)
    except DomainError:
        return True
    return False


@pytest.mark.parametrize("name", forms_of_every_relation())
def test_just_what_breaks_a_relation_is_refused(name):
    """Each parameter is made much smaller or larger, or negative, against the relations in exact arithmetic."""
    form = st.results[name]
    judged = set()
    for word in form.parameters:
        for factor in (sp.Rational(1, 16), 1, 16, -1):
            old = form.points[0][word]
            if isinstance(old, tuple) and (word == "displacement" or isinstance(old[0], tuple)):
                continue  # matrices and displacements have no bounds
            new = tuple(factor * entry for entry in old) if isinstance(old, tuple) else factor * old
            point = {**form.points[0], word: new}
            if isinstance(new, sp.Expr) and old.is_Integer and not new.is_Integer:
                continue
            hessian, words = problem_words(form, point)
            hessian = None if hessian is None else floats(hessian)
            inside = holds(form, point)
            assert inside is not is_refused(form, hessian, {key: floats(value) for key, value in words.items()})
            judged.add(inside)
    assert judged == {True, False}
