"""Laws of operators after many steps: powers that explode just outside the spectrum, and layers at its ends.

Probes have fixed seeds, so each test's outcome is fixed; the rates below are those of fresh seeds.
"""

import numpy as np
import pytest
import scipy.sparse
from scipy.sparse.linalg import aslinearoperator

import sgdtheory as st
from sgdtheory.errors import DomainError, NonFiniteError
from sgdtheory.numeric.matrix_free.operator_function import chebyshev_series

D = 200


@pytest.mark.parametrize("limit", [None, "diffusion"])
@pytest.mark.parametrize(
    ("lowest", "steps"), [(1e-2, 10_000), (1e-4, 10_000), (1e-4, 100_000), (1e-4, 1_000_000), (1e-6, 100_000)]
)
def test_many_steps_agree_with_the_dense_laws(lowest, steps, limit):
    """Six standard errors; false alarm below 1e-6. The bars are at most 2 %; what is left of the start is compared
    with the start, to which it may be as little as nothing.
    """
    curvatures, start, optimizer = np.geomspace(lowest, 1, D), np.ones(D), st.SGD(0.5, 4)
    Q = np.linalg.qr(np.random.default_rng(0).standard_normal((D, D)))[0]
    noise = (Q * np.linspace(1, 2, D)) @ Q.T
    large = st.Quadratic(scipy.sparse.diags_array(curvatures), aslinearoperator((noise + noise.T) / 2))
    small = st.Quadratic(np.diag(curvatures), (noise + noise.T) / 2)
    found, exact = (st.transient_law(problem, optimizer, start, steps, limit) for problem in (large, small))
    assert abs(found.excess_loss.value - exact.excess_loss) < 6 * found.excess_loss.standard_error
    assert found.excess_loss.standard_error < 0.02 * exact.excess_loss
    np.testing.assert_allclose(found.mean, exact.mean, rtol=0, atol=1e-6)
    gap = np.linalg.norm(found.covariance @ start - exact.covariance @ start)
    stationary = np.linalg.norm(st.stationary_law(small, optimizer, limit).covariance, 2)
    assert gap < 1e-7 * stationary * np.linalg.norm(start)


@pytest.mark.parametrize("least", [0.0, -1e-9, -3e-3])
def test_many_steps_on_flat_and_on_rising_directions(least):
    """Directions without curvature keep the start; a direction of negative curvature that a short run misses grows."""
    curvatures, steps, eta = np.linspace(0.001, 1, 1000), 3000, 0.5
    curvatures[: 3 if least == 0 else 1] = least
    start = np.ones(1000)
    problem = st.Quadratic(scipy.sparse.diags_array(curvatures), scipy.sparse.eye_array(1000))
    law = st.transient_law(problem, st.SGD(eta, 4), start, steps)
    mean = (1 - eta * curvatures) ** steps
    np.testing.assert_allclose(law.mean, mean, rtol=0, atol=1e-6 * mean.max())
    growth = np.array([np.sum((1 - eta * h) ** (2 * np.arange(steps))) for h in curvatures])
    exact = np.sum(curvatures * (mean**2 + eta**2 / 4 * growth)) / 2
    assert abs(law.excess_loss.value - exact) < 6 * law.excess_loss.standard_error
    assert law.excess_loss.standard_error < 0.02 * abs(exact)


def test_what_grows_too_fast_to_be_told_is_refused():
    """So close to the edge of stability the largest eigenvalue would be needed to more digits than are worked out."""
    curvatures = np.linspace(0.5, 1, 1000)
    problem = st.Quadratic(scipy.sparse.diags_array(curvatures), scipy.sparse.eye_array(1000))
    law = st.transient_law(problem, st.SGD(1.9999, 4), np.ones(1000), 10**6)
    with pytest.raises(DomainError, match="grows too fast"):
        _ = law.mean
    with pytest.raises(NonFiniteError, match="overflows"):
        _ = st.transient_law(problem, st.SGD(20, 4), np.ones(1000), 10**4).mean


def test_a_peak_at_the_end_of_an_interval_is_not_passed_over():
    """Both functions are flat at sixteen points."""
    x = np.linspace(-1, 1, 10_001)
    for peak in (lambda x: np.exp(-3e4 * (1 + x)), lambda x: 1 - np.exp(-3e4 * (1 + x))):
        series = chebyshev_series(peak, 1e-8, 1.0)
        np.testing.assert_allclose(np.polynomial.chebyshev.chebval(x, series), peak(x), rtol=0, atol=1e-6)
