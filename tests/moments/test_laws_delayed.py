"""Laws of SGD with delayed gradients, against every batch; where a delay has no law it is refused, never left out."""

import numpy as np
import pytest
import sympy as sp
from every_batch import means, samples, stationary, transient

import sgdtheory as st
from sgdtheory.errors import DomainError, StabilityError
from sgdtheory.numeric.moments import transient as transient_module
from sgdtheory.numeric.moments.linear_optimizer import of
from sgdtheory.numeric.moments.noise_loop import NoiseLoop
from sgdtheory.numeric.stability.crossing import mean_limit
from sgdtheory.numeric.stability.mean_square import mean_square_limit
from sgdtheory.numeric.stability.problem_curvature import curvature_of

CURVATURES, GRADIENTS = samples()
MINIMUM = np.array([1.5, -0.75])
PROBLEM = st.QuadraticSums(CURVATURES, CURVATURES @ MINIMUM - GRADIENTS)
MOMENTA = [(0.0, False), (0.6, False), (0.6, True)]
OPTIMIZERS = [
    st.SGD(0.04, m, momentum, nesterov, sampling, delay)
    for m in (1, 2)
    for delay in (1, 3)
    for sampling in ("replacement", "without_replacement")
    for momentum, nesterov in MOMENTA
]


def delayed_step(A, g, optimizer):
    """Return M and q of z <- M z + q for one batch; z holds theta, velocity, theta one step ago, two steps ago, ..."""
    d, tau, eta, mu = len(g), optimizer.delay, optimizer.learning_rate, optimizer.momentum
    rows = np.eye((2 + tau) * d)
    gradient = np.zeros((d, len(rows)))
    gradient[:, -d:] = A
    velocity = mu * rows[d : 2 * d] + gradient
    direction, pushed = (gradient + mu * velocity, g + mu * g) if optimizer.nesterov else (velocity, g)
    M = np.vstack([rows[:d] - eta * direction, velocity, rows[:d], rows[2 * d : (1 + tau) * d]])
    return M, np.concatenate([-eta * pushed, g, np.zeros(tau * d)])


def steps_of(optimizer):
    return [delayed_step(A, g, optimizer) for A, g in means(CURVATURES, GRADIENTS, optimizer)]


def close(found, wanted, tolerance=1e-12):
    np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance * np.abs(wanted).max())


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)
def test_stationary_law_is_that_of_every_batch(optimizer):
    steps = steps_of(optimizer)
    S, radius = stationary(steps)
    law = st.stationary_law(PROBLEM, optimizer)
    assert law.exact
    close(law.covariance, S[:2, :2])
    close(law.excess_loss, np.trace(PROBLEM.hessian @ S[:2, :2]) / 2)
    close(law.gradient_norm_squared, np.trace(PROBLEM.hessian @ S[:2, :2] @ PROBLEM.hessian))
    mean = np.mean([M for M, _ in steps], axis=0)
    for lag in (1, 4):
        close(law.autocovariance(lag), (np.linalg.matrix_power(mean, lag) @ S)[:2, :2])
    assert 1 - law.contraction_rate == pytest.approx(1 - radius, rel=1e-9)
    if optimizer.momentum:
        close(law.velocity_covariance, S[2:4, 2:4])


@pytest.mark.parametrize("way", ["written out", "walked", "projected"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS[::5], ids=str)
def test_transient_law_and_loss_curve_are_those_of_every_batch(optimizer, way, monkeypatch):
    monkeypatch.setattr(transient_module, "WRITTEN_OUT", 12 if way == "written out" else 0)
    monkeypatch.setattr(transient_module, "WALKED", 0 if way == "projected" else 1000)
    start, counts, tolerance = np.array([6.0, -4.0]), [0, 1, 9, 60], 1e-9 if way == "projected" else 1e-12
    begin = np.concatenate([start - MINIMUM, np.zeros(2), np.tile(start - MINIMUM, optimizer.delay)])
    losses = []
    for count in counts:
        mean, covariance = transient(steps_of(optimizer), begin, count)
        losses.append((np.trace(PROBLEM.hessian @ covariance[:2, :2]) + mean[:2] @ PROBLEM.hessian @ mean[:2]) / 2)
        if count:
            law = st.transient_law(PROBLEM, optimizer, start, count)
            np.testing.assert_allclose(law.mean - MINIMUM, mean[:2], rtol=0, atol=10 * tolerance)
            close(law.covariance, covariance[:2, :2], tolerance)
    np.testing.assert_allclose(st.loss_curve(PROBLEM, optimizer, start, counts).excess_loss, losses, rtol=1e-9)


@pytest.mark.parametrize(("momentum", "nesterov"), MOMENTA)
def test_delays_of_one_curvature(momentum, nesterov):
    """Gaussian noise: here the law is that of the stacked state, which a Lyapunov equation gives."""
    H, C, eta = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[1.0, -0.4], [-0.4, 2.0]]), 0.05
    optimizer = st.SGD(eta, 3, momentum, nesterov, delay=2)
    noises = np.linalg.cholesky(C / 3).T
    S, _ = stationary([delayed_step(H, np.sqrt(2) * noise, optimizer) for noise in (*noises, *-noises)])
    law = st.stationary_law(st.Quadratic(H, C), optimizer)
    close(law.covariance, S[:2, :2])
    assert not any(name in st.results for name in law.results)  # the closed forms know no delay
    curve = st.loss_curve(st.Quadratic(H, C), optimizer, [0.0, 0.0], 400, averaging_decay=0.9)
    assert curve.excess_loss[-1] == pytest.approx(law.excess_loss, rel=1e-6)
    assert curve.averaged.excess_loss[-1] < law.excess_loss


def test_limits_of_the_mean():
    """At the limit an eigenvalue of the stacked step has left the unit circle, and just below none has."""
    h, one = sp.Symbol("h", positive=True), sp.Matrix([[1]])
    assert st.stability_limit(st.Quadratic(h * one, one), 1, delay=1) == 1 / h
    for delay in (1, 2, 7, 40):
        assert st.stability_limit(st.Quadratic([[2.0]], [[1.0]]), 1, delay=delay) == pytest.approx(
            mean_limit(2.0, delay=delay), rel=1e-12
        )
        assert mean_limit(2.0, delay=delay) == pytest.approx(np.sin(np.pi / (4 * delay + 2)), rel=1e-12)
    for momentum, nesterov in MOMENTA[1:]:
        for delay in (1, 4):
            limit = mean_limit(0.5, momentum, nesterov, delay)
            for share, stable in ((1e-6, True), (0.3, True), (0.999999, True), (1.000001, False), (1.5, False)):
                M = delayed_step(
                    np.array([[0.5]]), np.zeros(1), st.SGD(share * limit, 1, momentum, nesterov, delay=delay)
                )[0]
                assert bool(np.abs(np.linalg.eigvals(M)).max() < 1) is stable


@pytest.mark.parametrize(("momentum", "nesterov"), MOMENTA)
def test_limits_of_the_mean_square(momentum, nesterov):
    """At the limit the map of second moments over every batch has the radius one, and the law says so."""
    knobs = {"momentum": momentum, "nesterov": nesterov, "delay": 2}
    limit = mean_square_limit(curvature_of(PROBLEM), 1.0, st.SGD(1, 1, **knobs))
    assert st.stability_limit(PROBLEM, 1, **knobs) == limit
    largest = np.linalg.eigvalsh(PROBLEM.hessian)[-1]
    mean = st.stability_limit(PROBLEM, 1, **knobs, kind="mean")
    assert mean == pytest.approx(mean_limit(largest, momentum, nesterov, 2), rel=1e-12)
    assert mean > limit
    for share in (1 - 1e-6, 1 + 1e-6):
        radius = stationary(steps_of(st.SGD(share * limit, 1, **knobs)))[1]
        assert bool(radius < 1) is (share < 1)
    assert st.stationary_law(PROBLEM, st.SGD(0.999 * limit, 1, **knobs)).excess_loss > 0
    with pytest.raises(StabilityError, match=f"below {limit:.6g}, the limit in mean square"):
        st.stationary_law(PROBLEM, st.SGD(1.001 * limit, 1, **knobs))
    with pytest.raises(StabilityError, match="largest stable"):
        st.stationary_law(PROBLEM, st.SGD(5.0, 1, **knobs))
    loop = NoiseLoop(of(st.SGD(limit, 1, **knobs)), curvature_of(PROBLEM), 1.0)
    assert loop.radius == pytest.approx(1, abs=1e-6)


def test_delays_that_take_too_much_room_are_refused_and_run_all_the_same():
    long = st.SGD(1e-4, 1, delay=500)
    for attempt in (
        lambda: st.stationary_law(PROBLEM, long),
        lambda: st.transient_law(PROBLEM, long, [0.0, 0.0], 3),
        lambda: st.simulate(PROBLEM, long, 10, 40, time_average=True, backend="numpy"),
        lambda: st.simulate(PROBLEM, long, 10, 40, control_variate=True, backend="numpy"),
    ):
        with pytest.raises(DomainError, match="delay is too long"):
            attempt()
    assert st.simulate(PROBLEM, long, 10, 40, backend="numpy").steps == 10
    assert st.stationary_law(PROBLEM, st.SGD(1e-3, 1, delay=40)).excess_loss > 0


ONE = st.Quadratic([[2.0]], [[1.0]])
FEATURES = st.GaussianFeatures([[1.0]], 0.0)
WIDE = st.LeastSquares(np.eye(2, 400) * [[1.0], [2.0]], [0.0, 0.0])  # two directions move


@pytest.mark.parametrize(
    ("ask", "fine", "least"),
    [
        (lambda delay: st.loss_curve(ONE, st.SGD(1e-4, 1, delay=delay), [1.0], 5), 10, 40),
        (lambda delay: st.loss_curve(FEATURES, st.SGD(1e-4, 1, delay=delay), [1.0], 5), 5, 40),
        (lambda delay: st.loss_curve(PROBLEM, st.SGD(1e-4, 1, delay=delay), [1.0, 1.0], 5), 40, 200),
        (lambda delay: st.stability_limit(PROBLEM, 1, delay=delay), 4, 20),
        (lambda delay: st.stability_limit(FEATURES, 1, delay=delay), 4, 20),
        (lambda delay: st.stability_limit(WIDE, 1, delay=delay), 4, 20),
        (lambda delay: st.stability_limit(ONE, 1, momentum=0.5, delay=delay), 30, 100),
    ],
)
def test_delays_that_take_too_long_are_refused_before_any_work(ask, fine, least):
    """The longest that is allowed is stated, and the next one is too long; a shorter one works."""
    for delay in (10**5000, 10**30, 10**5):
        with pytest.raises(DomainError, match="delay is too long") as refused:
            ask(delay)
    most = int(str(refused.value.allowed).split()[3])
    assert least <= most < 2000
    with pytest.raises(DomainError, match=f"up to {most} here"):
        ask(most + 1)
    ask(fine)
    assert st.stability_limit(ONE, 1, delay=10**5) == pytest.approx(np.pi / 4e5, rel=1e-4)  # a formula takes any


DELAYED, SHUFFLED = st.SGD(0.04, 1, delay=2), st.SGD(0.04, 2, sampling="reshuffle", delay=2)
DATA = st.LeastSquares([[1.0], [2.0]], [0.0, 1.0])
STATED = st.from_loss("log(1 + exp(a*x)) + a**2/2", parameters=["a"], data={"x": [1.0, -2.0]})


@pytest.mark.parametrize(
    ("attempt", "error"),
    [
        (lambda: st.stationary_law(PROBLEM, SHUFFLED), NotImplementedError),
        (lambda: st.transient_law(PROBLEM, SHUFFLED, [0.0, 0.0], 4), NotImplementedError),
        (lambda: st.stationary_law(PROBLEM, DELAYED, limit="diffusion"), NotImplementedError),
        (lambda: st.stationary_law(STATED, DELAYED), NotImplementedError),
        (lambda: st.stationary_law(st.Quadratic(sp.eye(1), sp.eye(1)), DELAYED), NotImplementedError),
        (lambda: st.stationary_law(PROBLEM, st.SGD(sp.Symbol("eta"), 1, delay=1)), NotImplementedError),
        (lambda: st.tail_index(PROBLEM, DELAYED), NotImplementedError),
        (lambda: st.stability_limit(PROBLEM, 1, kind="almost_sure", delay=1), NotImplementedError),
        (lambda: st.stability_limit(PROBLEM, 1, kind="batch_sharpness", delay=1), NotImplementedError),
        (lambda: st.stability_limit(ONE, 1, kind="batch_sharpness", delay=2), NotImplementedError),
        (lambda: st.stability_limit(PROBLEM, 2, sampling="reshuffle", delay=1), NotImplementedError),
        (lambda: st.stability_limit(PROBLEM, 1, delay=-1), DomainError),
        (lambda: st.sample_paths(st.Quadratic([[1.0]], [[1.0]]), DELAYED, [0.0], 5, 3), NotImplementedError),
        (lambda: st.loss_curve(DATA, DELAYED, [0.0], 4, limit="high_dimensional"), DomainError),
    ],
)
def test_what_knows_no_delay_refuses_it(attempt, error):
    with pytest.raises(error, match="delay"):
        attempt()


def test_who_is_refused_is_not_sent_where_he_is_refused_too():
    """simulate() takes no symbols, so it is named for numbers only."""
    symbols = st.Quadratic(sp.eye(1), sp.eye(1))
    with pytest.raises(NotImplementedError, match=r"for problems in NumPy numbers simulate\(\) runs"):
        st.stationary_law(symbols, DELAYED)
    with pytest.raises(DomainError, match="only problems made of NumPy numbers"):
        st.simulate(symbols, DELAYED, 2, 2)
