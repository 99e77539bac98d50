"""Estimates as numbers with an error, and an error bar that few random signs would make zero."""

from fractions import Fraction

import numpy as np
import pytest

from sgdtheory.numeric.matrix_free.stochastic_trace import Estimate, Probing, stochastic_trace


def test_estimates_add():
    one, two = Estimate(1.0, 0.1, 8, 20, "xtrace", 1e-8), Estimate(2.0, 0.0, 0, 5, "exact", 1e-6)
    assert one + two == Estimate(3.0, 0.1, 8, 25, "xtrace", 1e-6)
    assert two + one == one + two
    assert repr(one) == "1 +- 0.1"
    assert repr(two) == "2 (exact to 1e-06 relative)"
    assert (one - two).standard_error == 0.1
    assert (one - two).tolerance == pytest.approx(3e-6), "what the difference leaves has fewer digits"
    with pytest.raises(TypeError):
        _ = one + "1"


@pytest.mark.parametrize("number", [2, 2.0, np.float64(2), np.float32(2), np.int64(2), Fraction(2)])
def test_estimates_and_numbers(number):
    one = Estimate(1.0, 0.1, 8, 20, "xtrace")
    for found, value, error in (
        (number * one, 2, 0.2),
        (one * -number, -2, 0.2),
        (one / number, 0.5, 0.05),
        (one + number, 3, 0.1),
        (number + one, 3, 0.1),
        (one - number, -1, 0.1),
        (number - one, 1, 0.1),
    ):
        assert isinstance(found, Estimate)
        assert (found.value, found.standard_error) == (value, error)
        assert (found.probes, found.matvecs, found.method) == (8, 20, "xtrace")
    assert f"{one:.2f}" == "1.00 +- 0.10"
    assert f"{one}" == str(one) == "1 +- 0.1"
    assert f"{Estimate(2.0, 0.0, 0, 5, 'exact', 1e-6):.3f}" == "2.000"
    assert np.isclose(one, 1.0)
    assert np.asarray([one, one]).tolist() == [1.0, 1.0]
    assert sum([one, one]).value == 2
    for wrong in (lambda: one * one, lambda: one / one, lambda: one * True, lambda: number / one):
        with pytest.raises(TypeError):
            wrong()


def test_hutchinson_does_not_claim_certainty_from_signs_that_agree():
    """Large entries off the diagonal: each probe gives 10 or 90 of a trace of 50; 32 agree at odds of 5e-10."""
    A = np.eye(50)
    A[0, 1] = A[1, 0] = 20
    found = [stochastic_trace(lambda b: A @ b, 50, Probing("hutchinson", seed=seed)) for seed in range(200)]
    inside = [abs(e.value - 50) < 2 * e.standard_error for e in found]
    assert min(e.standard_error for e in found) > 1
    assert np.mean(inside) > 0.9
    bar = stochastic_trace(lambda b: A @ b, 50, Probing("hutchinson", probes=16, rtol=0))
    high = (bar.value - 10) / 80  # the share of probes with one sign
    assert bar.standard_error == pytest.approx(80 * np.sqrt(high * (1 - high) / 15) * 1.0906, rel=1e-3)
