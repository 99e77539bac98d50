"""What is no number, or of another shape, is refused by every result, with an error of ours and before any work."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

import sgdtheory as st
from sgdtheory.errors import DomainError, NonFiniteError, ShapeError
from sgdtheory.numeric import domain, lift_numpy, lift_sympy
from sgdtheory.symbols import glossary

NO_NUMBERS = {
    "a text": "0.5",
    "bytes": b"1",
    "none": None,
    "a truth": True,
    "complex": 1j,
    "a mapping": {},
    "a function": len,
    "too large": 10**400,
    "a date": np.datetime64("2020-01-01"),
}
NOT_FINITE = {"nan": float("nan"), "infinite": float("inf"), "numpy's nan": np.float64("nan")}
NO_SCALARS = {
    "a list of one": [0.5],
    "an array of one": np.array([0.5]),
    "a matrix of one": np.array([[0.5]]),
    "a tuple": (0.5, 0.25),
    "nothing": [],
    "ragged": [[1.0], [1.0, 2.0]],
    "objects": np.array([None, 1], dtype=object),
    "texts": np.array(["a", "b"]),
}
MISFITS = {
    "a list of one": [0.5],
    "an array of one": np.array([0.5]),
    "nothing": [],
    "ragged": [[1.0], [1.0, 2.0]],
    "three rows": np.eye(3),
    "three dimensions": np.zeros((2, 2, 2)),
    "no square": np.ones((2, 3)),
}
NO_ENTRIES = {"objects": np.array([None, 1], dtype=object), "texts": np.array(["a", "b"]), "truths": np.eye(2) > 0}
HOLES = {"a hole": np.array([[1.0, 0.0], [0.0, np.nan]]), "an infinity": np.array([[1.0, 0.0], [0.0, np.inf]])}
TILTED = {"tilted": np.array([[1.0, 2.0], [0.0, 1.0]])}
SCALAR = [(NO_NUMBERS, DomainError), (NOT_FINITE, NonFiniteError), (NO_SCALARS, DomainError)]
ARRAY = [(NO_NUMBERS, DomainError), (NOT_FINITE, NonFiniteError), (MISFITS, ShapeError), (NO_ENTRIES, DomainError)]
MATRIX = [*ARRAY, (HOLES, NonFiniteError), (TILTED, DomainError)]


def dimensions_of(form):
    """Return how many dimensions each word has; if there are modes the curvature is that of the Hessian."""
    most = {word: max(len(glossary[s].indices) for s in symbols) for word, symbols in form.parameters.items()}
    modes = any(most.values()) or bool(glossary[form.symbol].indices)
    if most.get("curvature"):
        del most["curvature"]
    return most | ({"hessian": 2} if modes else {})


def fit(form, one):
    """Return words of the right shapes, made of ones."""
    return {word: (one, np.full(2, one), one * np.eye(2))[count] for word, count in dimensions_of(form).items()}


@pytest.fixture
def no_work(monkeypatch):
    """Fail as soon as a domain is looked at or a value worked out."""

    def work(*arguments):
        raise AssertionError("work is done")

    for module, name in ((domain, "check"), (lift_numpy, "lift"), (lift_sympy, "lift")):
        monkeypatch.setattr(module, name, work)


def test_what_fits_is_worked_on(no_work):
    for form in st.results.values():
        with pytest.raises(AssertionError, match="work is done"):
            st.evaluate(form, **fit(form, 1.0))


@pytest.mark.parametrize("family", sorted({name.split(".")[0] for name in st.results}))
def test_whatever_is_no_number_or_does_not_fit_is_refused_for_each_word_of_each_result(family, no_work):
    for form in (form for name, form in st.results.items() if name.startswith(f"{family}.")):
        words = fit(form, 1.0)
        for word, count in dimensions_of(form).items():
            for inputs, error in (SCALAR, ARRAY, MATRIX)[count]:
                for label, wrong in inputs.items():
                    if word == "hessian" and label in ("none", "three rows"):
                        continue  # as if it were left out; that of another problem
                    with pytest.raises(error) as caught:
                        st.evaluate(form, **words | {word: wrong})
                    assert word in caught.value.what, (form.name, word, label)


@pytest.mark.parametrize("wrong", [*NO_NUMBERS.values(), sp.nan, sp.I, sp.oo, sp.Matrix([1]), sp.Symbol("a") > 1, [1]])
def test_beside_symbols_too(wrong, no_work):
    form = st.results["quadratic.transient_covariance"]
    words = {"hessian": sp.eye(2), "noise": sp.eye(2), "learning_rate": sp.Symbol("rate"), "batch_size": 2, "steps": 3}
    for word in words:
        if word == "hessian" and (wrong is None or wrong == [1]):
            continue
        if word in ("hessian", "noise") and wrong == 10**400:
            continue  # an exact entry, like any other
        with pytest.raises(st.SGDTheoryError):
            st.evaluate(form, **words | {word: wrong})


def test_beside_arrays_of_jax_too():
    jax = pytest.importorskip("jax")
    form = st.results["quadratic.transient_covariance"]
    eye = jax.numpy.eye(2)
    words = {"hessian": eye, "noise": eye, "learning_rate": jax.numpy.asarray(0.1), "batch_size": 2, "steps": 3}
    others = [jax.numpy.ones(1), jax.numpy.asarray(1j), jax.numpy.asarray(True), jax.random.key(0), sp.Symbol("x")]
    for wrong in (*others, *NO_NUMBERS.values(), *NO_SCALARS.values(), *NOT_FINITE.values()):
        for word in words:
            if (word, wrong is None) != ("hessian", True):
                with pytest.raises(st.SGDTheoryError):
                    st.evaluate(form, **words | {word: wrong})


def test_a_displacement_of_one_parameter_is_a_number():
    form = st.results["quadratic.scalar_optimal_learning_rate"]
    words = {"curvature": 1.0, "data_variance": 1.0, "batch_size": 2}
    with pytest.raises(DomainError, match=r"displacement is not a real number.*Got: \[0\.5\].*a single number"):
        st.evaluate(form, **words, displacement=[0.5])
    wanted = st.evaluate(form, **words, displacement=0.5)
    for same in (Fraction(1, 2), Decimal("0.5"), np.float32(0.5), np.array(0.5)):
        assert st.evaluate(form, **words, displacement=same) == wanted


def test_an_array_that_does_not_fit_is_not_broadcast():
    form = st.results["quadratic.stationary_covariance"]
    knobs = {"learning_rate": 0.1, "batch_size": 2}
    with pytest.raises(ShapeError, match=r"noise does not fit the Hessian.*\(3, 3\), 2 parameters.*\(2, 2\)"):
        st.evaluate(form, hessian=np.eye(2), noise=np.eye(3), **knobs)
    with pytest.raises(DomainError, match=r"hessian is not symmetric.*\(hessian \+ hessian\.T\) / 2"):
        st.evaluate(form, hessian=np.array([[1.0, 0.5], [0.0, 1.0]]), noise=np.eye(2), **knobs)
    spectrum = st.Quadratic(np.eye(2), np.eye(2)).spectrum
    with pytest.raises(ShapeError, match="does not fit"):
        st.evaluate(form, hessian=spectrum, noise=np.eye(3), **knobs)


def test_a_result_for_each_mode_needs_the_hessian_though_its_value_does_not_show_it():
    with pytest.raises(TypeError, match=r"gibbs_temperature needs hessian"):
        st.evaluate(st.results["diffusion.gibbs_temperature"], learning_rate=0.1, batch_size=2, isotropic_noise=1.0)


def test_single_precision_is_as_symmetric_as_it_can_be():
    """A product Q L Q' in float32 is symmetric to rounding in float32, whatever it is converted to; twenty of them."""
    form, rng = st.results["quadratic.stationary_covariance"], np.random.default_rng(0)
    for _ in range(20):
        Q = np.linalg.qr(rng.normal(size=(6, 6)))[0].astype(np.float32)
        H = (Q * np.geomspace(0.1, 1, 6).astype(np.float32)) @ Q.T
        assert np.any(H != H.T)
        found = st.evaluate(form, hessian=H, noise=H, learning_rate=0.1, batch_size=2)
        law = st.stationary_law(st.Quadratic(H, H), st.SGD(0.1, 2))
        np.testing.assert_allclose(found, law.covariance, rtol=1e-10)
        with pytest.raises(DomainError, match="not symmetric"):
            st.evaluate(form, hessian=H.astype(float), noise=H, learning_rate=0.1, batch_size=2)


def test_a_negative_variance_is_no_noise():
    form, words = st.results["quadratic.stationary_covariance"], {"learning_rate": 0.1, "batch_size": 2}
    with pytest.raises(DomainError, match="negative variance"):
        st.evaluate(form, hessian=np.eye(2), noise=-np.eye(2), **words)
