"""Laws of momentum, Gaussian features and shuffled epochs against simulated SGD.

Each comparison has the false-alarm rate 1e-6 and finds an excess loss that is 5 % off with a power of at least 0.99.
"""

import numpy as np
import pytest

import sgdtheory as st

RNG = np.random.default_rng(7)
DATA = st.LeastSquares(RNG.normal(size=(40, 3)) * [1.0, 0.8, 0.6], RNG.normal(size=40))
STREAM = st.GaussianFeatures([[1.0, 0.4], [0.4, 0.8]], 0.6, minimum=[2.0, -1.0])
SUMS = st.QuadraticSums(
    [[[1.0, 0.2], [0.2, 0.5]], [[0.4, 0.0], [0.0, 1.2]], [[0.8, -0.3], [-0.3, 0.9]], [[1.2, 0.1], [0.1, 0.6]]],
    [[1.0, 0.0], [-0.5, 0.7], [0.3, -1.0], [0.0, 0.4]],
)


@pytest.mark.parametrize(
    ("problem", "optimizer", "steps"),
    [
        pytest.param(DATA, st.SGD(0.1, 2), 400, marks=pytest.mark.slow),
        (DATA, st.SGD(0.03, 2, 0.8), 200),
        pytest.param(SUMS, st.SGD(0.5, 1, 0.5, True, "without_replacement"), 100, marks=pytest.mark.slow),
        pytest.param(STREAM, st.SGD(0.15, 3), 200, marks=pytest.mark.slow),
        (STREAM, st.SGD(0.06, 3, 0.6), 100),
    ],
    ids=str,
)
def test_stationary_and_transient_laws(problem, optimizer, steps):
    replicas = 50_000
    start = problem.minimum + np.linspace(1.5, -1.0, problem.dimension)
    run = st.simulate(problem, optimizer, steps, replicas, start=start, seed=3)
    report = st.compare(st.stationary_law(problem, optimizer), run)
    assert report.passed, report
    assert report.power["excess_loss"] > 0.99
    constant = st.Quadratic(problem.hessian, problem.noise, minimum=problem.minimum, dataset_size=problem.dataset_size)
    assert not st.compare(st.stationary_law(constant, optimizer), run).passed
    early = st.simulate(problem, optimizer, 6, replicas, start=start, seed=4)
    report = st.compare(st.transient_law(problem, optimizer, start, 6), early)
    assert report.passed, report
    assert report.power["excess_loss"] > 0.99


def test_a_law_of_momentum_is_compared_with_a_run_that_has_settled_only():
    optimizer = st.SGD(0.03, 2, 0.8)
    run = st.simulate(DATA, optimizer, 20, 2000, start=DATA.minimum + 5, seed=1)
    with pytest.raises(st.SGDTheoryError, match="not stationary yet"):
        st.compare(st.stationary_law(DATA, optimizer), run)


@pytest.mark.parametrize("momentum", [pytest.param(0.0, marks=pytest.mark.slow), 0.6])
def test_shuffled_epochs(momentum):
    """At the phase of the last step; the law of fresh subsets is refuted by the same run."""
    slopes = np.random.default_rng(2).normal(size=(7, 2))
    problem = st.QuadraticSums([[1.0, 0.3], [0.3, 0.7]], slopes)
    optimizer = st.SGD(0.1, 2, momentum, sampling="reshuffle")
    law = st.stationary_law(problem, optimizer)
    assert law.exact
    for steps in (80, 82):  # four batches an epoch: its end, and its middle
        run = st.simulate(problem, optimizer, steps, 50_000, seed=5)
        report = st.compare(law, run)
        assert report.passed, report
        assert report.power["excess_loss"] > 0.99
    fresh = st.stationary_law(problem, st.SGD(0.1, 2, momentum, sampling="without_replacement"))
    assert not st.compare(fresh, run).passed
    assert law.at_phase(2).excess_loss > 1.2 * law.excess_loss
    assert law.excess_loss < law.averaged().excess_loss < law.at_phase(2).excess_loss
