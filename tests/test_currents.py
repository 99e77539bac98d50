"""Stationary currents: exact references in fractions, the verb in any dimension, Example 19, noise of rank one."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

import sgdtheory as st
from sgdtheory.algebra.fokker_planck import residual
from sgdtheory.algebra.prescribed_current import drift_with_current
from sgdtheory.diffusion._current_points import CORRELATED
from sgdtheory.errors import DomainError, ShapeError, StabilityError
from sgdtheory.numeric import experiment, prescribed_current  # noqa: F401  (its simulation)
from sgdtheory.processes.prescribed_current import stirred_wells
from sgdtheory.processes.update import update

H = np.array([[2.0, 0.4, 0.1], [0.4, 1.0, -0.2], [0.1, -0.2, 0.5]])
C = np.array([[1.5, -0.6, 0.2], [-0.6, 2.0, 0.9], [0.2, 0.9, 1.1]])
EXACT_H, EXACT_C = sp.Matrix([[2, 1], [1, 3]]), sp.Matrix([[3, -1], [-1, 1]])
RATE, SIZE = 0.3, 4
SGD = st.SGD(RATE, SIZE)


def decay(hessian, rate):
    """Return the matrix of the update's mean step, column by column."""
    unit = np.eye(len(hessian))
    return update(unit, 0 * unit, hessian @ unit, learning_rate=rate)[0]


def stein(step, noise):
    """Return S = A S A' + W, solved as a linear system."""
    d = len(step)
    return np.linalg.solve(np.eye(d * d) - np.kron(step, step), noise.ravel()).reshape(d, d)


def looks(step, covariance, count):
    """Return the joint covariance of so many successive looks at a stationary chain."""
    powers = [np.linalg.matrix_power(step, lag) for lag in range(count)]
    blocks = [
        [powers[a - b] @ covariance if a >= b else covariance @ powers[b - a].T for b in range(count)]
        for a in range(count)
    ]
    return np.block(blocks)


def reversal_divergence(step, covariance, count):
    """Return the Kullback-Leibler divergence of so many looks from the same looks in the opposite order."""
    joint, d = looks(step, covariance, count), len(step)
    order = np.arange(count * d).reshape(count, d)[::-1].ravel()
    reverse = joint[np.ix_(order, order)]
    return (np.trace(np.linalg.solve(reverse, joint)) - count * d) / 2  # both have one determinant


# The catalogue's matrices, in exact numbers.


def test_the_circulation_is_the_commutator_of_the_stein_equations_solution_in_fractions():
    rate, size = sp.Rational(1, 5), 4
    S = st.solve_lyapunov(EXACT_H, rate / size * EXACT_C, learning_rate=rate)
    step = sp.eye(2) - rate * EXACT_H
    assert step * S * step + rate**2 / size * EXACT_C == sp.Matrix(S)
    words = {"hessian": EXACT_H, "noise": EXACT_C, "learning_rate": rate, "batch_size": size}
    Q = st.evaluate(st.results["diffusion.circulation"], **words)
    A = st.evaluate(st.results["diffusion.lag_one_antisymmetry"], **words)
    assert sp.Matrix(Q).applyfunc(sp.nsimplify) == size / rate * (EXACT_H * S - S * EXACT_H)
    assert sp.Matrix(A) == step * S - S * step
    assert Q[0, 1] != 0


def test_lemma_20_of_chaudhari_and_soatto_holds_in_the_limit():
    """F = (D + Q) U with symmetric U: the printed equation G F' = F G' with G = D + Q, in fractions."""
    Q = sp.Matrix(st.evaluate(st.results["diffusion.circulation_diffusion"], hessian=EXACT_H, noise=EXACT_C))
    G = EXACT_C + Q
    assert Q.T == -Q
    assert sp.zeros(2) == G * EXACT_H.T - EXACT_H * G.T
    U = G.inv() * EXACT_H
    assert U == U.T
    S = st.solve_lyapunov(EXACT_H, 2 * EXACT_C)  # beta = 1
    assert S.inv() == U


@pytest.mark.parametrize("noise", [EXACT_H, EXACT_H**2 + 5 * EXACT_H, 7 * sp.eye(2)])
def test_anisotropic_noise_that_commutes_with_the_hessian_drives_no_current(noise):
    """Chaudhari and Soatto write that eq. (8) shows j != 0 for D that is not isotropic; the first two are not."""
    words = {"hessian": EXACT_H, "noise": noise, "learning_rate": sp.Rational(1, 5), "batch_size": 4}
    for name in ("circulation", "lag_one_antisymmetry", "circulation_diffusion", "lag_one_antisymmetry_diffusion"):
        assert sp.Matrix(st.evaluate(st.results[f"diffusion.{name}"], **words)) == sp.zeros(2)
    numbers = [np.array(matrix.tolist(), dtype=float) for matrix in (EXACT_H, noise)]
    current = st.steady_state_current(st.Quadratic(*numbers), st.SGD(0.2, 4))
    assert np.max(np.abs(current.circulation)) < 1e-13
    assert current.entropy_production < 1e-26
    assert current.orbit_frequencies[0] < 1e-13


# The verb.


@pytest.mark.parametrize("dimension", [1, 2, 3, 5])
def test_the_verb_against_the_chain_itself(dimension):
    """Everything from A = 1 - eta H and W = (eta^2/m) C alone, for random matrices that do not commute."""
    rng = np.random.default_rng(dimension)
    roots = rng.normal(size=(2, dimension, dimension))
    hessian, noise = (root @ root.T / dimension + 0.1 * np.eye(dimension) for root in roots)
    rate = 1.3 / np.linalg.eigvalsh(hessian)[-1]
    current = st.steady_state_current(st.Quadratic(hessian, noise), st.SGD(rate, 3))
    step = decay(hessian, rate)
    S = stein(step, rate**2 / 3 * noise)
    K = step @ S - S @ step
    np.testing.assert_allclose(current.lag_one_antisymmetry, K, rtol=0, atol=1e-12 * np.max(S))
    np.testing.assert_allclose(current.circulation, -3 / rate**2 * K, rtol=0, atol=1e-11 * np.max(noise))
    np.testing.assert_allclose(current.potential, rate / 6 * np.linalg.inv(S), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(current.motion, K @ np.linalg.inv(S) / 2, rtol=0, atol=1e-9)
    np.testing.assert_allclose(current.motion, -rate * current.circulation @ current.potential, rtol=0, atol=1e-12)
    turns = np.sort(np.linalg.eigvals(current.motion).imag)[::-1][: dimension // 2]
    np.testing.assert_allclose(current.orbit_frequencies, turns, atol=1e-9)
    assert np.max(np.abs(np.linalg.eigvals(current.motion).real)) < 1e-9
    for count in (2, 3):  # one divergence for each step between looks
        found = reversal_divergence(step, S, count) / (count - 1)
        assert current.entropy_production == pytest.approx(found, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("point", CORRELATED)
@pytest.mark.parametrize("limit", [None, "diffusion"])
def test_the_verb_in_two_dimensions_is_the_catalogue(point, limit):
    numbers = {word: float(point[word]) for word in ("learning_rate", "first_curvature", "second_curvature")}
    numbers["squared_noise_correlation"] = float(point["squared_noise_correlation"])
    hessian, noise = np.diag([float(x) for x in point["curvature"]]), np.array(point["noise"], dtype=float)
    optimizer = st.SGD(numbers["learning_rate"], int(point["batch_size"]))
    current = st.steady_state_current(st.Quadratic(hessian, noise), optimizer, limit)
    ending = "_diffusion" if limit else ""
    entropy, frequency = (
        st.evaluate(st.results[f"diffusion.{name}{ending}"], **numbers)
        for name in ("entropy_production", "orbit_frequency")
    )
    assert current.entropy_production == pytest.approx(entropy, rel=1e-12)
    assert current.orbit_frequencies[0] == pytest.approx(frequency, rel=1e-12)


def test_the_limit_of_the_verb_in_three_dimensions():
    """-eta tr(C^-1 Q U Q), and what is left is of second order: it quarters where the rate halves."""
    gaps = []
    for rate in (1e-3, 5e-4):
        knobs = st.Quadratic(H, C), st.SGD(rate, 4)
        exact, limit = (st.steady_state_current(*knobs, kind) for kind in (None, "diffusion"))
        Q, U = limit.circulation, limit.potential
        assert limit.entropy_production == pytest.approx(-rate * np.trace(np.linalg.solve(C, Q @ U @ Q)), rel=1e-10)
        np.testing.assert_allclose((C + Q) @ U, H, atol=1e-10)
        gaps.append(exact.entropy_production - limit.entropy_production)
    assert gaps[0] / gaps[1] == pytest.approx(4, rel=2e-3)


def test_neither_batch_size_nor_scale_of_the_noise_enters_orbits_and_entropy():
    one, other = (st.steady_state_current(st.Quadratic(H, s * C), st.SGD(RATE, m)) for s, m in ((1, 4), (9, 31)))
    assert one.entropy_production == pytest.approx(other.entropy_production, rel=1e-12)
    np.testing.assert_allclose(one.orbit_frequencies, other.orbit_frequencies, rtol=1e-12)


@pytest.mark.parametrize("sampling", ["replacement", "without_replacement"])
def test_samples_with_curvatures_of_their_own(sampling):
    """The mean gradient is H theta whatever the noise: the antisymmetric part follows from the exact covariance."""
    rng = np.random.default_rng(7)
    problem = st.LeastSquares(rng.normal(size=(12, 3)) * [1, 2, 0.5], rng.normal(size=12))
    optimizer = st.SGD(0.05, 3, sampling=sampling)
    current = st.steady_state_current(problem, optimizer)
    S = st.stationary_law(problem, optimizer).covariance
    expected = -0.05 * (problem.hessian @ S - S @ problem.hessian)
    np.testing.assert_allclose(current.lag_one_antisymmetry, expected, rtol=0, atol=1e-12 * np.max(np.abs(expected)))
    assert np.max(np.abs(expected)) > 1e-6
    assert any("Gaussian" in caveat for caveat in current.caveats)


@pytest.mark.parametrize(
    ("noise", "expected"), [(np.diag([1.0, 1e-13]), 0.0), ([[1e7, 0.5], [0.5, 1e-7]], 0.2 * 0.25 / (0.75 * 2.6))]
)
def test_noise_of_very_unequal_sizes_is_not_taken_for_singular(noise, expected):
    """eta rho^2 (h1 - h2)^2/((1 - rho^2)(h1 + h2 - eta h1 h2)): only the correlation enters, of which 0 and 1/2."""
    current = st.steady_state_current(st.Quadratic(np.diag([2.0, 1.0]), noise), st.SGD(0.2, 1))
    assert current.entropy_production == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_units_of_the_parameters_do_not_enter_the_entropy():
    plain = st.steady_state_current(st.Quadratic(np.diag([2.0, 1.0, 0.5]), C), SGD).entropy_production
    units = np.array([1e-6, 1.0, 1e5])  # of the noise alone: a diagonal Hessian is in them already
    scaled = st.steady_state_current(st.Quadratic(np.diag([2.0, 1.0, 0.5]), C * np.outer(units, units)), SGD)
    assert scaled.entropy_production == pytest.approx(plain, rel=1e-9)


def test_noise_of_rank_one_is_told_from_its_reversal_at_once_and_injected_noise_hides_it():
    c = np.ones((2, 1))
    problem = st.Quadratic(np.diag([2.0, 0.5]), c @ c.T)
    assert st.steady_state_current(problem, SGD).entropy_production == math.inf
    cold, warm = (
        st.steady_state_current(problem, st.SGLD(RATE, SIZE, temperature=t)).entropy_production for t in (0.001, 0.1)
    )
    assert cold > 10 * warm > 0


def test_what_the_verb_refuses():
    problem = st.Quadratic(H, C)
    for optimizer in (st.SGD(0.1, 2, momentum=0.5), st.SGD(0.1, 2, delay=2)):
        with pytest.raises(NotImplementedError, match="momentum or delay"):
            st.steady_state_current(problem, optimizer)
    with pytest.raises(NotImplementedError, match="shuffled"):
        st.steady_state_current(st.LeastSquares(H, np.arange(3.0)), st.SGD(0.1, 1, sampling="reshuffle"))
    with pytest.raises(NotImplementedError, match="NumPy"):
        st.steady_state_current(st.Quadratic(EXACT_H, EXACT_C), st.SGD(sp.Rational(1, 9), 2))
    with pytest.raises(StabilityError):
        st.steady_state_current(problem, st.SGD(1.0, 2))
    for noise in (np.diag([1.0, 0.0, 1.0]), np.zeros((3, 3))):
        with pytest.raises(DomainError, match="singular"):
            st.steady_state_current(st.Quadratic(np.diag([1.0, 2.0, 3.0]), noise), SGD)


# Example 19: a current that leaves the density as it is, though its velocity has a divergence.

x, y = sp.symbols("x y", real=True)
strength = sp.Symbol("w", real=True)
POTENTIAL = (x**2 - 1) ** 2 / 4 + y**2 / 2
CURRENT = [part * strength * sp.exp(-((x**2 + y**2) ** 2) / 4) for part in (-y, x)]


def test_example_19_has_one_density_for_every_strength_of_its_current():
    density, spread = sp.exp(-POTENTIAL), 2 * sp.eye(2)
    drift = drift_with_current(density, CURRENT, spread, [x, y])
    assert residual(density, drift, spread, [x, y]) == 0
    # grad f vanishes elsewhere for another strength: at the minimum of the potential the drift is all current.
    at_minimum = drift.subs({x: 1, y: 0})
    assert at_minimum[0] == 0
    assert sp.diff(at_minimum[1], strength) == sp.exp(-sp.Rational(1, 4))
    other = drift.subs(strength, 2 * strength)
    assert residual(density, other, spread, [x, y]) == 0
    assert residual(sp.exp(-2 * POTENTIAL), drift, spread, [x, y]) != 0


def test_assumption_4_of_chaudhari_and_soatto_fails_in_their_example_19():
    """div j = -w x y (x^2 - 2) e^Phi e^(-|x|^4/4) and not zero; div (j p) is zero."""
    velocity = [part * sp.exp(POTENTIAL) for part in CURRENT]
    divergence = sum(sp.diff(part, v) for part, v in zip(velocity, (x, y), strict=True))
    factor = strength * sp.exp(POTENTIAL - (x**2 + y**2) ** 2 / 4)
    assert sp.simplify(divergence / factor + x * y * (x**2 - 2)) == 0
    assert float(divergence.subs({x: 1, y: 1, strength: 1})) == pytest.approx(math.exp(-0.5), rel=1e-12)
    assert sp.simplify(sum(sp.diff(part, v) for part, v in zip(CURRENT, (x, y), strict=True))) == 0


def circulation_rate(temperature=1.0):
    """Return E[x j_y - y j_x] for strength one: 2 pi n/Z, the angular integral being elementary."""
    z = np.linspace(-8, 8, 4001)
    wells = np.sum(np.exp(-((z**2 - 1) ** 2) / (4 * temperature))) * (z[1] - z[0])
    return 2 * math.pi * temperature / (math.sqrt(2 * math.pi * temperature) * wells)


@pytest.mark.parametrize("temperature", [0.01, 0.3, 1.0, 20.0])
def test_the_circulation_at_any_temperature(temperature):
    words = {"learning_rate": 0.1, "batch_size": 3, "isotropic_noise": 60 * temperature, "flow_strength": -1.5}
    found = st.evaluate(st.results["diffusion.prescribed_current_circulation"], **words)
    assert found == pytest.approx(-1.5 * circulation_rate(temperature), rel=1e-12)


def test_the_circulation_of_weak_noise():
    words = {"learning_rate": 0.1, "batch_size": 3, "flow_strength": 1.0}
    form = st.results["diffusion.prescribed_current_circulation"]
    gaps = [st.evaluate(form, isotropic_noise=60 * n, **words) - math.sqrt(0.5) for n in (0.001, 0.0005)]
    assert gaps[0] / gaps[1] == pytest.approx(2, rel=0.01)


@pytest.mark.parametrize("change", ["drift", "noise"])
def test_rung_three_finds_the_density_of_another_process(change):
    """The solved density is exp(-loss/n) for the process alone; for another it is not, and the mean moves with it."""
    form = st.results["diffusion.prescribed_current_circulation"]
    point = form.points[0]
    factors = {"drift": (1.5, 1), "noise": (1, 1.5)}[change]
    other = replace(
        stirred_wells, gradient=lambda _, n, slope, flow: factors[0] * slope - flow + sp.sqrt(factors[1]) * n
    )
    own, moved = (float(form.observable.value(process, point, None)[0]) for process in (stirred_wells, other))
    assert own == pytest.approx(1.5 * circulation_rate(0.8), rel=1e-12)
    assert abs(moved / own - 1) > 0.02


def test_rung_four_refutes_a_flow_that_is_weaker():
    """Statistics: fixed seed; the flow is 10 % weaker, twice what rung 4 misses once in a million times."""
    form = st.results["diffusion.prescribed_current_circulation"]
    truth = [1.5 * circulation_rate(0.8)]
    for strength, refuted in (("3/2", False), ("27/20", True)):
        place = {**form.points[0], "flow_strength": sp.Rational(strength)}
        trial = experiment.prepare(form.observable, form.process, place, claim=truth, truth=truth)
        assert experiment.judge(trial, label="stirred", seed=1).rejected is refuted


@pytest.mark.slow
def test_example_19_simulated():
    """E[y^2] = 1 and E[x dy - y dx]/dt = 2 pi w/Z at w = 0 and 1.5.

    Euler's scheme of step h is off by O(h), by about h/2 for E[y^2]; runs at h and h/2 on independent noise are
    extrapolated, which leaves O(h^2) < 0.002. Statistics: five standard errors of 40 independent groups, false alarms
    5e-5 in all four comparisons by Student's law; a circulation that is 20 % off is fifteen standard errors away.
    """
    density, spread = sp.exp(-POTENTIAL), 2 * sp.eye(2)
    b = sp.lambdify([x, y, strength], list(drift_with_current(density, CURRENT, spread, [x, y])), "numpy")
    for number, w in enumerate((0.0, 1.5)):
        found = []
        for halves, h in enumerate((0.02, 0.01)):
            rng = np.random.default_rng([19, number, halves])
            state = rng.normal(size=(2, 4000))
            squares, areas = np.zeros(40), np.zeros(40)
            settle, steps = int(10 / h), int(20 / h)
            for k in range(settle + steps):
                moved = state + h * np.array(b(*state, w)) + math.sqrt(2 * h) * rng.normal(size=state.shape)
                if k >= settle:
                    squares += (state[1] ** 2).reshape(40, -1).mean(axis=1) / steps
                    areas += (state[0] * moved[1] - state[1] * moved[0]).reshape(40, -1).mean(axis=1) / (h * steps)
                state = moved
            found.append((squares, areas))
        for value, coarse, fine in zip((1.0, w * circulation_rate()), *found, strict=True):
            best = 2 * fine - coarse
            error = math.sqrt((4 * fine.var(ddof=1) + coarse.var(ddof=1)) / 40)
            assert abs(best.mean() - value) < 5 * error + 0.002


def test_what_is_no_current_is_refused():
    gaussian = sp.exp(-(x**2 + y**2) / 2)
    with pytest.raises(DomainError, match="divergence"):
        drift_with_current(gaussian, [x * gaussian, 0], sp.eye(2), [x, y])
    with pytest.raises(ShapeError):
        drift_with_current(gaussian, [0], sp.eye(2), [x, y])


# Noise of rank one.


@pytest.mark.parametrize("curvatures", [(1, 3), (1, 2, 4), (1, 2, 3, 5)])
def test_the_cauchy_determinant_in_any_dimension_in_fractions(curvatures):
    """The stationary covariance is solved entry by entry from the step; one direction of noise fills the space."""
    rate, size = Fraction(1, 4), 3
    kicks = [Fraction(k + 2, 2 * k + 3) for k in range(len(curvatures))]
    a = [1 - rate * curvature for curvature in curvatures]
    d = len(a)

    def entry(i, j):
        return sp.Rational(*(rate**2 * kicks[i] * kicks[j] / size / (1 - a[i] * a[j])).as_integer_ratio())

    S, claimed = sp.Matrix(d, d, entry), Fraction(1)
    for i in range(d):
        claimed *= rate**2 / size * kicks[i] ** 2
        for j in range(d):
            claimed /= 1 - a[i] * a[j]
            claimed *= (a[i] - a[j]) ** 2 if i < j else 1
    assert S.det() == sp.Rational(*claimed.as_integer_ratio()) > 0
    if d == 2:
        words = {"first_curvature": curvatures[0], "second_curvature": curvatures[1], "batch_size": size}
        words |= {"first_noise": float(kicks[0] ** 2), "second_noise": float(kicks[1] ** 2), "learning_rate": 0.25}
        found = st.evaluate(st.results["diffusion.rank_one_determinant"], **words)
        assert found == pytest.approx(float(claimed), rel=1e-14)


def test_noise_along_an_eigenvector_leaves_the_other_direction_still():
    """The exception of the erratum: the range of C is invariant under H."""
    S = st.stationary_law(st.Quadratic(np.diag([1.0, 2.0]), np.diag([1.0, 0.0])), SGD).covariance
    assert S[1, 1] == 0


# Momentum.


def test_momentum_carries_the_current_on():
    """K = -(eta/(1 - mu)) (H S - S H) from the update alone, and from the exact law's own autocovariance."""
    rate, mu = 0.2, 0.7
    unit, zero = np.eye(6), np.zeros((3, 3))
    theta, velocity = unit[:3], unit[3:]
    moved = update(theta, velocity, H @ theta, learning_rate=rate, momentum=mu)
    kicked = update(zero, zero, np.eye(3), learning_rate=rate, momentum=mu)
    step, noise = np.vstack(moved), np.vstack(kicked)
    joint = stein(step, noise @ C @ noise.T / SIZE)
    later = (step @ joint)[:3, :3]
    words = {"hessian": H, "noise": C, "learning_rate": rate, "batch_size": SIZE, "momentum": mu}
    found = st.evaluate(st.results["diffusion.lag_one_antisymmetry_with_momentum"], **words)
    np.testing.assert_allclose(found, later - later.T, rtol=0, atol=1e-14)
    assert np.max(np.abs(found)) > 1e-3
    S = joint[:3, :3]
    np.testing.assert_allclose(found, -rate / (1 - mu) * (H @ S - S @ H), rtol=0, atol=1e-14)


# Displacements.


def test_displacement_is_twice_what_memory_has_lost():
    form = st.results["diffusion.mean_squared_displacement"]
    law = st.stationary_law(st.Quadratic(H, C), SGD)
    for lag in (0, 1, 7, 200):
        found = st.evaluate(form, hessian=H, noise=C, learning_rate=RATE, batch_size=SIZE, lag=lag)
        assert found == pytest.approx(2 * np.trace(law.covariance - law.autocovariance(lag)), rel=1e-12, abs=1e-15)


def test_a_power_law_of_curvatures_diffuses_anomalously():
    """Modes even in log lambda over twelve decades, with the noise lambda^(1-a): k^a, to what the ends leave over."""
    curvatures = np.logspace(-12, 0, 241)
    form = st.results["diffusion.mean_squared_displacement"]
    for a in (0.4, 0.5, 0.6):
        words = {"hessian": np.diag(curvatures), "noise": np.diag(curvatures ** (1 - a)), "batch_size": 1}
        early, late = (st.evaluate(form, learning_rate=0.1, lag=k, **words) for k in (10**7, 10**8))
        assert math.log10(late / early) == pytest.approx(a, abs=0.01)
