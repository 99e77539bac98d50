"""Laws of SGD on samples with curvatures of their own, against every batch: no formula is shared."""

import numpy as np
import pytest
from every_batch import means, samples, stationary, torch_step, transient

import sgdtheory as st
from sgdtheory.errors import DomainError, NonFiniteError, StabilityError
from sgdtheory.numeric.moments import transient as transient_module
from sgdtheory.numeric.moments.of_problem import course_of
from sgdtheory.numeric.stability.mean_square import mean_square_limit
from sgdtheory.numeric.stability.problem_curvature import curvature_of

CURVATURES, GRADIENTS = samples()
MINIMUM = np.array([1.5, -0.75])
PROBLEM = st.QuadraticSums(CURVATURES, CURVATURES @ MINIMUM - GRADIENTS)
MOMENTA = [(0.0, False), (0.6, False), (0.6, True)]
OPTIMIZERS = [
    st.SGD(0.1, m, momentum, nesterov, sampling)
    for m in (1, 2, 3)
    for sampling in ("replacement", "without_replacement")
    for momentum, nesterov in MOMENTA
]


def steps_of(optimizer, curvatures=CURVATURES, gradients=GRADIENTS):
    return [torch_step(A, g, optimizer) for A, g in means(curvatures, gradients, optimizer)]


def close(found, wanted, tolerance=1e-12):
    np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance * np.abs(wanted).max())


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)
def test_stationary_law_is_that_of_every_batch(optimizer):
    steps = steps_of(optimizer)
    S, radius = stationary(steps)
    law = st.stationary_law(PROBLEM, optimizer)
    assert law.exact
    assert law.caveats == ()
    close(law.covariance, S[:2, :2])
    close(law.excess_loss, np.trace(PROBLEM.hessian @ S[:2, :2]) / 2)
    close(law.gradient_norm_squared, np.trace(PROBLEM.hessian @ S[:2, :2] @ PROBLEM.hessian))
    np.testing.assert_array_equal(law.mean, PROBLEM.minimum)
    mean = np.mean([M for M, _ in steps], axis=0)
    for lag in (0, 1, 4):
        close(law.autocovariance(lag), (np.linalg.matrix_power(mean, lag) @ S)[:2, :2])
    assert 1 - law.contraction_rate == pytest.approx(1 - radius, rel=1e-10)
    assert law.mixing_time == pytest.approx(-1 / np.log(radius), rel=1e-10)
    if optimizer.momentum:
        close(law.velocity_covariance, S[2:, 2:])


@pytest.mark.parametrize("way", ["written out", "walked", "projected"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS[::2], ids=str)
def test_transient_law_is_that_of_every_batch(optimizer, way, monkeypatch):
    """A far start, so that what gradient and curvature of a sample share weighs more than either."""
    monkeypatch.setattr(transient_module, "WRITTEN_OUT", 12 if way == "written out" else 0)
    monkeypatch.setattr(transient_module, "WALKED", 0 if way == "projected" else 1000)
    start = np.array([6.0, -4.0])
    begin = np.concatenate([start - MINIMUM, np.zeros(2)])
    for count in (1, 2, 9, 60):
        mean, covariance = transient(steps_of(optimizer), begin, count)
        law = st.transient_law(PROBLEM, optimizer, start, count)
        tolerance = 1e-10 if way == "projected" else 1e-12
        np.testing.assert_allclose(law.mean - MINIMUM, mean[:2], rtol=0, atol=tolerance * 10)
        close(law.covariance, covariance[:2, :2], tolerance)
        loss = (np.trace(PROBLEM.hessian @ covariance[:2, :2]) + mean[:2] @ PROBLEM.hessian @ mean[:2]) / 2
        assert law.excess_loss == pytest.approx(loss, rel=10 * tolerance)
        if optimizer.momentum:
            close(law.velocity_covariance, covariance[2:, 2:], tolerance)


def test_without_the_shared_part_the_transient_would_be_wrong():
    """What a lost cross term would change, so that the test above can fail: 10 % after one step, 30 % after nine."""
    optimizer, start = st.SGD(0.1, 1), np.array([6.0, -4.0])
    begin = np.concatenate([start - MINIMUM, np.zeros(2)])
    for count, least in ((1, 0.02), (9, 0.02)):
        whole = transient(steps_of(optimizer), begin, count)[1][:2, :2]
        turned = steps_of(optimizer, np.concatenate([CURVATURES] * 2), np.concatenate([GRADIENTS, -GRADIENTS]))
        apart = transient(turned, begin, count)[1][:2, :2]
        assert np.abs(whole - apart).max() > least * np.abs(whole).max()


def test_the_whole_data_set_is_gradient_descent():
    optimizer = st.SGD(0.1, 4, 0.6, sampling="without_replacement")
    law = st.stationary_law(PROBLEM, optimizer)
    np.testing.assert_array_equal(law.covariance, np.zeros((2, 2)))
    after = st.transient_law(PROBLEM, optimizer, [6.0, -4.0], 30)
    mean, _ = transient(steps_of(optimizer), np.array([4.5, -3.25, 0, 0]), 30)
    np.testing.assert_allclose(after.mean - MINIMUM, mean[:2], rtol=0, atol=1e-12)
    assert np.abs(after.covariance).max() < 1e-25


@pytest.mark.parametrize(("momentum", "nesterov"), MOMENTA)
@pytest.mark.parametrize("ridge", [0.0, 0.25])
def test_least_squares_is_a_sum_of_quadratics(ridge, momentum, nesterov):
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(9, 3)), rng.normal(size=9)
    data = st.LeastSquares(X, y, ridge)
    sums = st.QuadraticSums(X[:, :, None] * X[:, None] + ridge * np.eye(3), X * y[:, None])
    optimizer = st.SGD(0.05, 2, momentum, nesterov, "without_replacement")
    for laws in (
        [st.stationary_law(problem, optimizer) for problem in (data, sums)],
        [st.transient_law(problem, optimizer, [2.0, 1.0, -3.0], 25) for problem in (data, sums)],
    ):
        for name in ("mean", "covariance", "excess_loss", "gradient_norm_squared"):
            close(*(getattr(law, name) for law in laws), 1e-11)
    stated = st.from_loss(
        f"(a*x0 + b*x1 + c*x2 - t)**2/2 + {ridge}*(a**2 + b**2 + c**2)/2",
        parameters=["a", "b", "c"],
        data={("x0", "x1", "x2", "t"): np.column_stack([X, y])},
    )
    found, wanted = (st.stationary_law(problem, optimizer) for problem in (stated, data))
    close(found.covariance, wanted.covariance, 1e-10)


@pytest.mark.parametrize("many", [10**4, 10**9, 10**18])
@pytest.mark.parametrize("momentum", [0.0, 0.6])
def test_late_is_stationary(momentum, many):
    rng = np.random.default_rng(4)
    problem = st.LeastSquares(rng.normal(size=(40, 8)), rng.normal(size=40))  # too large to be written out
    optimizer = st.SGD(0.02, 2, momentum)
    late, settled = st.transient_law(problem, optimizer, np.ones(8), many), st.stationary_law(problem, optimizer)
    assert settled.contraction_rate**many < 1e-20
    for name in ("mean", "covariance", "excess_loss", "gradient_norm_squared"):
        close(getattr(late, name), getattr(settled, name), 1e-9)


def test_many_steps_at_once_are_those_one_by_one(monkeypatch):
    """The Krylov space against the walk, where neither the start nor the noise is negligible."""
    rng = np.random.default_rng(5)
    problem = st.LeastSquares(rng.normal(size=(60, 20)) * np.geomspace(1, 0.03, 20), rng.normal(size=60))
    for momentum, nesterov in MOMENTA:
        course = course_of(problem, st.SGD(0.05, 4, momentum, nesterov), np.ones(20))
        with monkeypatch.context() as patch:
            patch.setattr(transient_module, "WALKED", 10**6)
            wanted = course.after(1500)
        found = course.after(1500)
        close(found.mean, wanted.mean, 1e-8)
        close(found.covariance, wanted.covariance, 1e-8)
        curve = course.excess_losses(10**5)
        floor = course.after(10**9).expected_square(problem.hessian) / 2
        assert 0 < curve.error < 1e-6 * floor
        for steps in (1, 30, 1500):
            walked = course.after(steps).expected_square(problem.hessian) / 2
            assert abs(curve.after(steps) - walked) < 1e-6 * floor


def test_a_course_that_rounding_spoils_says_so():
    """Curvatures twelve decades apart, as of columns in raw units: the error that is stated holds where we can walk."""
    rng = np.random.default_rng(0)
    problem = st.LeastSquares(rng.lognormal(size=(300, 27)) * 10 ** rng.uniform(-6, 0, size=27), rng.normal(size=300))
    limit = st.stability_limit(problem, 8)
    law = st.stationary_law(problem, st.SGD(limit / 3, 8))
    course = course_of(problem, law.optimizer, 0 * problem.minimum)
    curve = course.excess_losses(10**12)
    assert curve.error > 1e-6 * law.excess_loss
    for steps in (1, 100, 900):
        walked = course.after(steps).expected_square(problem.hessian) / 2
        assert abs(curve.after(steps) - walked) <= max(curve.error, 1e-6 * law.excess_loss)


def test_where_nothing_moves_nothing_is_left():
    problem = st.LeastSquares(np.random.default_rng(6).normal(size=(60, 20)), np.zeros(60))
    law = st.transient_law(problem, st.SGD(0.02, 4), np.zeros(20), 5000)
    assert not law.mean.any()
    assert not law.covariance.any()


def test_momentum_on_one_curvature_is_the_catalogue():
    H, C = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[1.0, -0.4], [-0.4, 2.0]])
    problem = st.Quadratic(H, C, minimum=[1.0, 2.0])
    for nesterov in (False, True):
        law = st.stationary_law(problem, st.SGD(0.2, 3, 0.7, nesterov))
        assert all(name in st.results for name in law.results)
        words = {"hessian": H, "learning_rate": 0.2, "batch_size": 3, "momentum": 0.7, "noise": C}
        values = (law.covariance, law.excess_loss, law.gradient_norm_squared)
        for name, value in zip(law.results, values, strict=True):
            close(value, st.evaluate(st.results[name], **words), 1e-13)
    words.pop("noise")
    saddle = st.Quadratic(np.diag([1.0, -0.3]), C)
    law = st.transient_law(saddle, st.SGD(0.5, 1, 0.5), [1.0, 1.0], 20)
    step = torch_step(saddle.hessian, np.zeros(2), law.optimizer)[0]
    mean = np.linalg.matrix_power(step, 20) @ [1.0, 1.0, 0, 0]
    np.testing.assert_allclose(law.mean, mean[:2], rtol=1e-12)


def test_beyond_the_limit_in_mean_square_nothing_is_stationary():
    for momentum, nesterov in MOMENTA:
        limit = mean_square_limit(curvature_of(PROBLEM), 1.0, st.SGD(1, 1, momentum, nesterov))
        assert st.stationary_law(PROBLEM, st.SGD(0.999 * limit, 1, momentum, nesterov)).excess_loss > 0
        with pytest.raises(StabilityError, match=f"below {limit:.6g}, the limit in mean square"):
            st.stationary_law(PROBLEM, st.SGD(1.001 * limit, 1, momentum, nesterov))
        with pytest.raises(StabilityError, match="largest stable"):
            st.stationary_law(PROBLEM, st.SGD(50.0, 1, momentum, nesterov))


def test_the_diffusion_limit_leaves_the_curvatures_out_and_says_so():
    for momentum in (0.0, 0.6):
        limit = st.stationary_law(PROBLEM, st.SGD(0.1, 2, momentum), limit="diffusion")
        assert not limit.exact
        assert any("diffusion limit" in note for note in limit.caveats)
        assert any("own curvature" in note for note in limit.caveats)
        assert limit.excess_loss == pytest.approx(0.1 / (8 * (1 - momentum)) * np.trace(PROBLEM.noise), rel=1e-12)
        for rate in ("contraction_rate", "mixing_time", "settling_factor"):  # those of the update are others
            with pytest.raises(NotImplementedError, match="diffusion limit"):
                getattr(limit, rate)


@pytest.mark.parametrize("scale", [1e100, 1e-100])
@pytest.mark.parametrize("momentum", [0.0, 0.6])
def test_large_and_small_targets_scale_the_law(scale, momentum):
    X, y = np.arange(1.0, 7).reshape(3, 2) / 3, np.array([1.0, -1.0, 2.0])
    optimizer = st.SGD(0.1, 1, momentum)
    one, other = (st.stationary_law(st.LeastSquares(X, c * y), optimizer) for c in (1.0, scale))
    np.testing.assert_allclose(other.covariance, scale**2 * one.covariance, rtol=1e-10)
    tiny = st.stationary_law(st.Quadratic([[1.0]], [[1e-200]]), st.SGD(0.05, 1, 0.9))
    usual = st.stationary_law(st.Quadratic([[1.0]], [[1.0]]), st.SGD(0.05, 1, 0.9))
    assert tiny.excess_loss == pytest.approx(1e-200 * usual.excess_loss, rel=1e-12, abs=0)


@pytest.mark.parametrize("d", [1, 14])  # written out, and walked
@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_a_run_that_diverges_ends_in_infinity(d, momentum):
    rng = np.random.default_rng(0)
    problem = st.LeastSquares(rng.normal(size=(2 * d + 1, d)), rng.normal(size=2 * d + 1))
    law = st.transient_law(problem, st.SGD(10.0, 1, momentum), np.ones(d), 10**5)
    assert law.excess_loss == law.gradient_norm_squared == np.inf
    assert np.all(np.diag(law.covariance) == np.inf)
    early = st.transient_law(problem, st.SGD(10.0, 1, momentum), np.ones(d), 20)
    assert np.isfinite(early.excess_loss)


@pytest.mark.parametrize("far", [1e160, 1e200])
def test_a_start_whose_square_overflows_is_refused(far):
    for law in (st.transient_law, st.loss_curve):
        with pytest.raises(DomainError, match="square of the distance"):
            law(PROBLEM, st.SGD(0.01, 1), [far, 1.0], 10)
    assert st.transient_law(PROBLEM, st.SGD(0.01, 1), [1e100, 1.0], 10).excess_loss > 1e150
    assert st.loss_curve(PROBLEM, st.SGD(0.01, 1), [1e100, 1.0], 10).excess_loss[-1] > 1e150


@pytest.mark.parametrize(
    ("attempt", "error"),
    [
        (lambda: st.stationary_law(PROBLEM, st.SGD(0.1, 1)).velocity_covariance, DomainError),
        (lambda: st.stationary_law(PROBLEM, st.SGD(0.1, 1)).autocovariance(-1), DomainError),
        (lambda: st.stationary_law(PROBLEM, st.SGD(0.1, 1)).autocovariance(1.5), DomainError),
        (lambda: st.stationary_law(PROBLEM, st.SGD(0.1, 1)).autocovariance(True), DomainError),
        (lambda: st.transient_law(PROBLEM, st.SGD(0.1, 1, 0.5), [np.nan, 0], 3), NonFiniteError),
        (lambda: st.transient_law(PROBLEM, st.SGD(0.1, 1, 0.5), [0.0, 0], -3), DomainError),
        (lambda: st.transient_law(PROBLEM, st.SGD(0.1, 1, 0.5), [0.0, 0], 3, "diffusion"), NotImplementedError),
        (lambda: st.stationary_law(PROBLEM, st.SGD(0.1, 5, sampling="without_replacement")), DomainError),
    ],
)
def test_what_has_no_answer_is_refused(attempt, error):
    with pytest.raises(error):
        attempt()
