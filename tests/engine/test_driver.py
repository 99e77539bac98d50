"""The driver: threads and calls change no digit, memory stays put, progress, lags, and which backend runs."""

import importlib.util
import threading
import tracemalloc
from unittest import mock

import numpy as np
import pytest

import sgdtheory as st
from sgdtheory.errors import DomainError, PrecisionError, SGDTheoryError
from sgdtheory.numeric.engine import choice, plan, progress
from sgdtheory.numeric.engine.block import knobs
from sgdtheory.numeric.engine.model import GaussianFeaturesModel, model_of
from sgdtheory.numeric.engine.pool import in_order

H, C = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[2.0, 0.75], [0.75, 1.0]])
PROBLEM = st.Quadratic(H, C, minimum=[1.0, -2.0])
RNG = np.random.default_rng(6)
DATA = st.LeastSquares(RNG.normal(size=(30, 2)), RNG.normal(size=30), ridge=0.1)
SUMS = st.QuadraticSums([[[1.0]], [[3.0]]], [[1.0], [1.0]])
PAIRS = np.array([[1.0, 2.0], [2.0, 1.0], [0.5, 1.0]])
STATED = st.from_loss("(a*x - y)**2/2", "a", {("x", "y"): PAIRS})
COMPILED = [name for name in ("numba", "jax") if importlib.util.find_spec(name)]
NUMBERS = ("mean", "covariance", "excess_loss", "gradient_norm_squared", "lagged_covariance", "curve_loss")


def precision_of(backend):
    return "float32" if backend == "jax" else "float64"


def same(first, second):
    for name in NUMBERS:
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name), err_msg=name)
        error = "curve_standard_error" if name == "curve_loss" else f"{name}_standard_error"
        np.testing.assert_array_equal(getattr(first, error), getattr(second, error), err_msg=error)


MODES = [
    {},
    {"lags": (1, 4)},
    {"time_average": True, "lags": (2,)},
    {"control_variate": True},
    {"time_average": True, "control_variate": True},
]


@pytest.mark.parametrize("mode", MODES, ids=str)
@pytest.mark.parametrize("backend", ["numpy", *(name for name in COMPILED if name == "numba")])
def test_threads_change_no_bit(backend, mode):
    steps = 100 if "time_average" in mode else 20
    runs = [
        st.simulate(DATA, st.SGD(0.1, 2), steps, 9000, seed=3, backend=backend, threads=threads, **mode)
        for threads in (1, 3)
    ]
    assert runs[0].backend == backend
    same(*runs)
    if runs[0].witness:
        same(runs[0].witness, runs[1].witness)


@pytest.mark.parametrize("backend", COMPILED)
@pytest.mark.parametrize("mode", [MODES[1], {"time_average": True, "control_variate": True}], ids=str)
def test_backends_agree_with_numpy(backend, mode):
    """Other random numbers, the same law: within six standard errors (at most 19 comparisons, false alarm 1e-7)."""
    optimizer, replicas = st.SGD(0.1, 2, momentum=0.5), 600
    run = st.simulate(
        DATA, optimizer, 300, replicas, seed=5, backend=backend, precision=precision_of(backend), progress=False, **mode
    )
    assert (run.backend, run.precision) == (backend, precision_of(backend))
    other = st.simulate(DATA, optimizer, 300, 2 * replicas, seed=6, backend="numpy", **mode)
    for name in NUMBERS[:-1]:
        errors = (np.asarray(getattr(each, f"{name}_standard_error")) for each in (run, other))
        difference = np.abs(np.asarray(getattr(run, name)) - getattr(other, name))
        assert np.max(difference / np.sqrt(sum(e**2 for e in errors)), initial=0) < 6, name
    assert ("float32" in repr(run)) is (backend == "jax")
    assert any("float32" in note for note in run.notes) is (backend == "jax")


def test_lagged_covariances_are_the_exact_ones():
    """Cov[theta_T, theta_{T-k}] = (1 - eta H)^k S: eight entries, Isserlis' errors; false alarm 1e-6 / 8 each.

    A transposed matrix or a lag that is off by one differs by more than 8.6 errors, as asserted, and so is caught with
    probability above 0.999. The run's own errors have a relative error of 0.6 % at most (a fourth moment of 15): one
    that is 5 % wrong is caught with probability 0.99, a right one rejected with probability below 1e-7.
    """
    optimizer, lags, R = st.SGD(0.3, 4), (1, 3), 100_000
    run = st.simulate(PROBLEM, optimizer, 100, R, lags=lags, seed=8, backend="numpy")
    S = st.stationary_law(PROBLEM, optimizer).covariance
    for place, lag in enumerate(lags):
        exact = np.linalg.matrix_power(np.eye(2) - 0.3 * H, lag) @ S
        error = np.sqrt((np.outer(np.diagonal(S), np.diagonal(S)) + exact**2) / R)
        assert np.abs((run.lagged_covariance[place] - exact) / error).max() < 5.5
        np.testing.assert_allclose(run.lagged_covariance_standard_error[place], error, rtol=0.035)
        off_by_one = np.linalg.matrix_power(np.eye(2) - 0.3 * H, lag + 1) @ S
        assert np.abs((exact - off_by_one) / error).max() > 5.5 + 3.1
    assert np.abs((exact - exact.T) / error).max() > 5.5 + 3.1
    assert run.lagged_covariance.shape == (2, 2, 2)
    assert st.simulate(PROBLEM, optimizer, 5, 10).lagged_covariance.shape == (0, 2, 2)


def test_memory_does_not_grow_with_replicas():
    peaks = []
    for replicas in (20_000, 200_000):
        tracemalloc.start()
        st.simulate(PROBLEM, st.SGD(0.3, 4), 5, replicas, backend="numpy", threads=1)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


@pytest.mark.parametrize("replicas", [1, 2, 63, 64, 65, 4096, 4097, 10_000, 123_457])
@pytest.mark.parametrize("backend", list(plan.BLOCKS))
def test_blocks_hold_all_replicas(backend, replicas):
    for d, products in ((1, 0), (10, 2), (300, 1)):
        sizes = plan.block_sizes(replicas, backend, d, products)
        assert sum(sizes) == replicas
        assert min(sizes) >= 1
        assert max(sizes) <= plan.BLOCKS[backend][0] + plan.BLOCKS[backend][2]


@pytest.mark.parametrize(("backend", "bytes_each"), [("numpy", 4), ("numba", 4), ("jax", 4)])
def test_orders_of_large_data_sets_are_bounded(backend, bytes_each):
    optimizer = st.SGD(0.1, 1, sampling="reshuffle")
    for size in (100, 10_000, 200_000):
        problem = st.QuadraticSums([[1.0]], np.zeros((size, 1)))
        kept = plan.samples_ordered(model_of(problem, optimizer), optimizer, backend)
        assert kept == size
        sizes = plan.block_sizes(50_000, backend, 1, 0, kept)
        assert sum(sizes) == 50_000
        assert (max(sizes) - plan.BLOCKS[backend][2]) * size * bytes_each <= 1 << 27
    subsets = st.SGD(0.1, 1, sampling="without_replacement")
    assert plan.samples_ordered(model_of(problem, subsets), subsets, backend) == (size if backend == "numpy" else 0)
    features, batch = GaussianFeaturesModel(np.eye(3), 1.0), st.SGD(0.1, 1000)
    assert plan.samples_ordered(features, batch, backend) == (0 if backend == "numba" else 4000)
    for each in (PROBLEM, problem):
        assert plan.samples_ordered(model_of(each, st.SGD(0.1, 1)), st.SGD(0.1, 1), backend) == 0


@pytest.mark.parametrize("mode", [{}, {"time_average": True, "burn_in": 20}, {"control_variate": True}], ids=str)
def test_lags_keep_the_order_in_which_they_were_asked_for(mode):
    one = st.simulate(DATA, st.SGD(0.1, 2), 200, 64, lags=(1, 9, 4), backend="numpy", **mode)
    other = st.simulate(DATA, st.SGD(0.1, 2), 200, 64, lags=[9, 4, 1], backend="numpy", **mode)
    assert one.lags == (1, 9, 4)
    assert other.lags == (9, 4, 1)
    for name in ("lagged_covariance", "lagged_covariance_standard_error"):
        np.testing.assert_array_equal(getattr(one, name)[[1, 2, 0]], getattr(other, name))
    assert one.lagged_covariance[0, 0, 0] > one.lagged_covariance[2, 0, 0] > one.lagged_covariance[1, 0, 0]


def test_results_come_in_order_and_errors_end_the_work():
    started = []

    def work(number):
        started.append(number)
        if number == 3:
            raise KeyError("three")
        return number

    assert list(in_order(lambda number: number * number, 40, 4)) == [n * n for n in range(40)]
    with pytest.raises(KeyError):
        list(in_order(work, 1000, 2))
    assert len(started) < 20


def test_an_interrupt_ends_the_run_at_the_next_look():
    """A progress function that raises, as an interrupt does, must not wait for blocks to run to their end."""
    calls = []

    def report(done, total):
        calls.append(done / total)
        if len(calls) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        st.simulate(PROBLEM, st.SGD(0.3, 4), 20_000, 4 * 4096, progress=report, threads=2, backend="numpy")
    assert calls[-1] < 0.01


# Progress.


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("mode", [{}, {"time_average": True}, {"control_variate": True}], ids=str)
def test_progress_grows_to_the_whole_by_one_thread_at_a_time(threads, mode):
    calls, inside = [], threading.Semaphore(1)

    def report(done, total):
        assert inside.acquire(blocking=False)
        calls.append((done, total))
        inside.release()

    st.simulate(DATA, st.SGD(0.1, 2), 300, 5000, progress=report, threads=threads, backend="numpy", **mode)
    done = [now for now, _ in calls]
    assert done == sorted(done)
    assert len({total for _, total in calls}) == 1
    assert done[-1] == calls[-1][1] == 300 * (5000 + (625 if "control_variate" in mode else 0))


def test_a_bar_is_shown_to_a_person_who_waits():
    class Screen:
        def isatty(self):
            return True

    bars = mock.Mock()
    with mock.patch.object(progress.sys, "stderr", Screen()), mock.patch("rich.progress.Progress", bars):
        with progress.reporter(None) as report:
            report(1, 2)
            assert not bars.called  # not yet
            with mock.patch.object(progress, "PATIENCE", 0.0):
                report(2, 2)
        bars.return_value.start.assert_called_once_with()
        bars.return_value.stop.assert_called_once_with()
        with progress.reporter(False) as report:
            assert report is None
    with progress.reporter(None) as report:
        assert report is None  # standard error is no terminal here


def test_a_bar_that_is_asked_for_is_shown_at_once():
    bars = mock.Mock()
    with mock.patch("rich.progress.Progress", bars):
        st.simulate(PROBLEM, st.SGD(0.1, 2), 5, 10, progress=True)
    bars.return_value.start.assert_called_once_with()
    bars.return_value.stop.assert_called_once_with()


# Which backend.


def test_auto_is_decided_by_the_arguments_and_what_is_installed():
    optimizer = st.SGD(0.1, 2)
    model = model_of(DATA, optimizer)

    def chosen(installed, work=10**9, precision="float64", gpu=False, float64=False, of=model):
        with (
            mock.patch.object(choice, "installed", return_value=installed),
            mock.patch.object(choice, "_jax_has_a_gpu", return_value=gpu),
            mock.patch.object(choice, "_jax_has_float64", return_value=float64),
        ):
            return choice.choose("auto", of, optimizer, work, precision)

    everything = ("numpy", "numba", "jax")
    assert chosen(("numpy",)) == "numpy"
    assert chosen(everything) == "numba"
    assert chosen(everything, work=1000) == "numpy"
    assert chosen(("numpy", "jax")) == "numpy"  # JAX on processors is no faster
    assert chosen(everything, gpu=True, float64=True) == "jax"
    assert chosen(everything, gpu=True) == "numba"  # never a silent float32
    assert chosen(everything, gpu=True, precision="float32") == "jax"
    assert chosen(everything, of=model_of(STATED, optimizer)) == "numpy"
    for backend in ("numba", "jax"):
        with pytest.raises(DomainError, match="does not run stated losses"):
            st.simulate(STATED, optimizer, 1, 2, backend=backend)


@pytest.mark.parametrize(("backend", "extra"), [("numba", "fast"), ("jax", "jax")])
def test_a_backend_that_is_not_installed_says_how_to_get_it(backend, extra):
    from sgdtheory.numeric.engine import backends

    with mock.patch.object(backends, "installed", return_value=("numpy",)), pytest.raises(DomainError) as error:
        st.simulate(PROBLEM, st.SGD(0.1, 1), 1, 2, backend=backend)
    assert f"sgdtheory[{extra}]" in error.value.mend


@pytest.mark.skipif("jax" not in COMPILED, reason="needs JAX")
def test_jax_never_computes_in_single_precision_silently():
    with pytest.raises(PrecisionError, match="float32") as error:
        st.simulate(PROBLEM, st.SGD(0.1, 1), 1, 2, backend="jax")
    assert "jax_enable_x64" in error.value.mend


@pytest.mark.skipif("jax" not in COMPILED, reason="needs JAX")
def test_jax_in_double_precision(x64):
    run = st.simulate(PROBLEM, st.SGD(0.1, 1), 3, 100, backend="jax", start=[0.0, 0.0])
    assert (run.backend, run.precision) == ("jax", "float64")
    exact = PROBLEM.minimum - np.linalg.matrix_power(np.eye(2) - 0.1 * H, 3) @ PROBLEM.minimum
    assert np.abs((run.mean - exact) / run.mean_standard_error).max() < 6


# Shuffled epochs.


def test_a_whole_epoch_of_one_batch_is_gradient_descent():
    optimizer = st.SGD(0.1, 30, sampling="reshuffle")
    run = st.simulate(DATA, optimizer, 4, 5, start=[1.0, 1.0])
    theta = np.array([1.0, 1.0])
    for _ in range(4):
        theta = theta - 0.1 * DATA.gradient(theta)
    np.testing.assert_allclose(run.mean, theta, rtol=1e-13)
    assert run.excess_loss_standard_error < 1e-14


def test_an_epoch_on_one_curvature_has_the_exact_mean():
    """One epoch of batches of one on shared curvature: E theta is the full gradient's path (z, false alarm 1e-6)."""
    slopes = np.arange(5.0)[:, None]
    problem, optimizer = st.QuadraticSums([[2.0]], slopes), st.SGD(0.2, 1, sampling="reshuffle")
    run = st.simulate(problem, optimizer, 5, 20_000, start=[4.0], backend="numpy")
    expected = 1.0 + 0.6**5 * 3.0
    assert abs(run.mean[0] - expected) < 5 * run.mean_standard_error[0]
    # The variance: step k multiplies what came before by 0.6, and the slopes are drawn without putting back.
    weights = 0.2 * 0.6 ** np.arange(4, -1, -1)
    share = np.var(slopes) * (5 / 4) * (np.eye(5) - np.full((5, 5), 0.2))
    exact = weights @ share @ weights
    assert abs(run.covariance[0, 0] - exact) < 5 * run.covariance_standard_error[0, 0]
    independent = np.var(slopes) * (weights @ weights)
    assert abs(independent - exact) > 20 * run.covariance_standard_error[0, 0]


@pytest.mark.parametrize(
    ("problem", "backend"), [(SUMS, "numpy"), (STATED, "numpy"), *((DATA, backend) for backend in COMPILED)]
)
def test_every_backend_shuffles(problem, backend):
    """Epochs of one batch are gradient descent."""
    optimizer, precision = st.SGD(0.1, problem.dataset_size, sampling="reshuffle"), precision_of(backend)
    run = st.simulate(problem, optimizer, 3, 8, start=problem.minimum + 1, backend=backend, precision=precision)
    theta = problem.minimum + 1
    for _ in range(3):
        theta = theta - 0.1 * problem.gradient(theta)
    np.testing.assert_allclose(run.mean, theta, rtol=1e-12 if precision == "float64" else 1e-5)


# Refusals.

REFUSED = {
    "shuffled quadratic": ({"optimizer": st.SGD(0.1, 2, sampling="reshuffle")}, "shuffled"),
    "precision": ({"precision": "float16"}, "precision"),
    "precision as a type": ({"precision": np.float32}, "precision"),
    "divergence": ({"divergence": "ignore"}, "divergence"),
    "time_average": ({"time_average": 1.5}, "time_average"),
    "time_average as a number": ({"time_average": np.True_}, "time_average"),
    "control_variate": ({"control_variate": "yes"}, "control_variate"),
    "progress": ({"progress": "bar"}, "progress"),
    "threads": ({"threads": 0}, "threads"),
    "threads as a bool": ({"threads": True}, "threads"),
    "burn-in alone": ({"burn_in": 3}, "burn-in"),
    "negative burn-in": ({"burn_in": -1, "time_average": True}, "burn_in"),
    "burn-in as a float": ({"burn_in": 3.0, "time_average": True}, "burn_in"),
    "burn-in beyond the end": ({"burn_in": 10, "time_average": True}, "too few steps"),
    "lag zero": ({"lags": (0,)}, "lag"),
    "lag twice": ({"lags": (2, 2)}, "twice"),
    "lag before the start": ({"lags": (11,)}, "before the start"),
    "one lag": ({"lags": 3}, r"lags=\(3,\)"),
    "lag as a bool": ({"lags": (True,)}, "lag"),
    "lag as a float": ({"lags": (1.0,)}, "lag"),
    "no number as lag": ({"lags": "1"}, "lags"),
    "NaN as lag": ({"lags": (float("nan"),)}, "lag"),
}


@pytest.mark.parametrize("case", list(REFUSED))
def test_refusals(case):
    keywords, match = REFUSED[case]
    finite = st.Quadratic(H, C, dataset_size=10)
    keywords = {"optimizer": st.SGD(0.1, 2), **keywords}
    no_work = mock.patch("sgdtheory.numeric.simulate.execute", side_effect=AssertionError("work was done"))
    with no_work, pytest.raises(SGDTheoryError, match=match):
        st.simulate(finite, steps=10, replicas=5, **keywords)


def test_positional_surprises_are_type_errors():
    with pytest.raises(TypeError):
        st.simulate(PROBLEM, st.SGD(0.1, 2), 5, 10, None, 0, "numpy", None, "float32")
    assert set(knobs(st.SGD(0.1, 2))) == {"learning_rate", "momentum", "nesterov"}
