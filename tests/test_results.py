"""The ladder for whatever the catalogue holds; nothing here names a result."""

import inspect
import math

import numpy as np
import pytest
import sympy as sp
from scipy.stats import chi2

from sgdtheory.algebra.derivation import UnprovedStepError, is_zero
from sgdtheory.catalogue import derive, results
from sgdtheory.closed_form import Kind
from sgdtheory.numeric import experiment
from sgdtheory.numeric.claims import claim
from sgdtheory.numeric.ladder import NAMES, climb, simulate_claims


@pytest.mark.parametrize("rung", NAMES, ids=NAMES.get)
@pytest.mark.parametrize("name", results)
def test_rung(name, rung):
    """Statistics: rung 4 of all raises a false alarm with probability 1e-6; a simulation misses 5 % with 1e-6."""
    (found,) = climb(results[name], rungs=(rung,))
    assert found.passed, f"{name}, rung {rung} ({found.name}): {found.detail}"


def test_family_of_comparisons_is_counted():
    """The false-alarm rate is split over COMPARISONS; the catalogue must not outgrow it unnoticed."""
    components = sum(len(claim(form, point)) for form in results.values() for point in form.points)
    simulated_twice = 2 * components  # rung 4, and the rejections of rung 5
    assert simulated_twice <= experiment.COMPARISONS


def test_tail_of_the_statistics_is_bounded():
    """A mean of R forms leaves the normal tail by the factor exp(skewness z^3 / 6 sqrt R).

    The square of a Gaussian has skewness 2.83; the largest seen among the forms of sampled data sets is 3.25.
    """
    factor = math.exp(3.5 * experiment.CRITICAL**3 / (6 * math.sqrt(experiment.FEWEST)))
    assert factor <= experiment.TAIL


@pytest.mark.parametrize("name", results)
def test_every_result_has_a_derivation_whose_premise_is_its_process(name):
    """The premise is printed with symbols for vectors of any dimension: put numbers in, and it is the step itself."""
    process = results[name].process
    derivation = derive(name)
    assert derivation.process is process
    assert derivation.premise == process.premise
    left, right = derivation.premise
    names = list(inspect.signature(process.gradient).parameters)
    numbers = {}
    for place, argument in enumerate(names):
        rows, columns = (2 if str(size) == "d" else int(size) for size in process.notation[argument].shape)
        entry = sp.ImmutableMatrix(rows, columns, lambda i, j, place=place: sp.Rational(3 * i - 5 * j + 2, place + 3))
        numbers[argument] = entry
    rate = sp.Rational(2, 7)
    parameters, noise, *model = numbers.values()
    step = process.step(parameters, noise, learning_rate=rate, **dict(zip(names[2:], model, strict=True)))
    (d,) = {size for size in left.shape if not size.is_number}
    explicit = {process.notation[word].subs(d, 2): value for word, value in numbers.items()}
    (eta,) = {s for s in right.free_symbols if s.is_Symbol and str(s) == "eta"}
    assert right.subs({d: 2, eta: rate}).xreplace(explicit).doit() == step
    assert step != parameters


@pytest.mark.parametrize("name", results)
def test_derivation_stands_on_its_process(name, monkeypatch):
    """With every gradient doubled the derivation breaks or gives another value: it uses its premise."""
    form = results[name]
    original = form.process.gradient
    for process in {id(form.process): form.process for form in results.values()}.values():
        own = process.gradient
        monkeypatch.setitem(process.__dict__, "gradient", lambda *a, own=own, **k: 2 * own(*a, **k))
    assert form.process.gradient is not original
    try:
        derived = derive(name).value
    except UnprovedStepError:
        return
    assert not is_zero(derived - form.value)


def test_standard_errors_are_those_of_the_simulations():
    """A ledger of z: their squares add up to a chi-square variable (chance of failing 1e-6 on either side).

    With K simulations the standard error of the variance is sqrt(2/K); standard errors that are wrong by half are seen
    here, finer ones in test_recursion.py, where the variances are compared with an enumeration.
    """
    z = [
        float(np.ravel(outcome.z)[0])
        for form in results.values()
        if form.kind is Kind.EXACT
        for outcome in simulate_claims(form, seed=0)
    ]
    assert chi2.isf(1 - 1e-6, len(z)) < np.sum(np.square(z)) < chi2.isf(1e-6, len(z))
