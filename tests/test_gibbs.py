"""Special noise: equal to the Hessian, isotropic, and different in two wells; the simulation that tells wells apart."""

import math
from dataclasses import replace

import mpmath
import numpy as np
import pytest
import sympy as sp

import sgdtheory as st
from sgdtheory.algebra.fokker_planck import residual
from sgdtheory.algebra.series import leading_error
from sgdtheory.closed_form import value_at
from sgdtheory.diffusion._basin_points import WIDE_AND_SHALLOW
from sgdtheory.diffusion._gibbs_points import ACROSS as ACROSS_POINTS
from sgdtheory.diffusion._gibbs_points import EQUAL_WELLS, TWO_WELLS
from sgdtheory.numeric import experiment, two_wells
from sgdtheory.numeric.ladder import simulate_claims
from sgdtheory.processes.two_wells import ACROSS, Well, even_rate, wells
from sgdtheory.symbols import B_A, B_B, L_A, C_ii, c_iso, eta, h_A, h_B, kappa_A, kappa_B, lambda_i, m, s_A, s_B
from sgdtheory.symbols.continuous import B_A2, B_B2, h_A2, h_B2, kappa_A2, kappa_B2, s_g

EXACT, LOW_NOISE = (st.results[f"diffusion.{name}"] for name in ("basin_log_odds", "basin_log_odds_low_noise"))
BOTH = st.results["diffusion.basin_log_odds_two_parameters"]
THRESHOLD = st.results["diffusion.basin_noise_threshold"]
BOTH_LOW = st.results["diffusion.basin_log_odds_two_parameters_low_noise"]


def number(form, point, value=None):
    return float(sp.N(value_at(form, point, value)[0]))


# Noise equal to the Hessian.


def test_three_factors_are_four_with_the_hessian_for_the_noise():
    four = st.results["quadratic.stationary_excess_loss_diffusion"]
    three = st.results["diffusion.hessian_noise_excess_loss_diffusion"]
    assert three.value == eta * lambda_i / (4 * m)
    assert four.value.subs(C_ii, lambda_i) == three.value


def test_where_the_noise_is_not_the_hessian_three_factors_are_wrong_by_the_ratio_of_traces():
    """However small the rate: the exact loss, worked out at 1e-9."""
    hessian, noise = np.array([[2.0, 0.4], [0.4, 0.5]]), np.array([[1.5, -0.6], [-0.6, 6.0]])
    knobs = {"hessian": hessian, "learning_rate": 1e-9, "batch_size": 4}
    exact = st.evaluate(st.results["quadratic.stationary_excess_loss"], noise=noise, **knobs)
    claimed = st.evaluate(st.results["diffusion.hessian_noise_excess_loss_diffusion"], **knobs)
    assert exact / claimed == pytest.approx(np.trace(noise) / np.trace(hessian), rel=1e-8)
    assert exact / claimed == pytest.approx(3, rel=1e-8)


def test_where_it_is_every_direction_spreads_alike():
    knobs = {"hessian": np.array([[2.0, 0.4], [0.4, 0.5]]), "learning_rate": 0.2, "batch_size": 4}
    found = st.evaluate(st.results["diffusion.hessian_noise_variance_diffusion"], **knobs)
    np.testing.assert_allclose(found, 0.2 / 8, rtol=1e-14)


# Isotropic noise.


def test_the_gibbs_density_has_no_current_for_any_loss_but_at_one_temperature_only():
    x, y = sp.symbols("x y", real=True)
    loss = x**4 - x**2 * y + sp.exp(x * y) + 3 * y**2
    drift, noise = [-sp.diff(loss, x), -sp.diff(loss, y)], eta * c_iso / m
    n = st.results["diffusion.gibbs_temperature"].value
    assert residual(sp.exp(-loss / n), drift, sp.diag(noise, noise), [x, y]) == 0
    assert residual(sp.exp(-loss / (2 * n)), drift, sp.diag(noise, noise), [x, y]) != 0  # as in Theorem 2


def test_sharp_modes_are_hotter_at_a_finite_rate():
    form = st.results["diffusion.mode_temperature"]
    knobs = {"hessian": np.diag([0.1, 5.0]), "learning_rate": 0.3, "batch_size": 2, "isotropic_noise": 1.5}
    mild, sharp = st.evaluate(form, **knobs)
    limit = st.evaluate(st.results["diffusion.gibbs_temperature"], **knobs)[0]
    assert (mild / limit, sharp / limit) == (pytest.approx(1 / 0.985), pytest.approx(4))


# The wells.

WELL = Well(sp.Rational(9, 4), sp.Rational(9, 8), sp.Rational(1, 3), sp.Rational(3, 4))


def test_a_well_has_its_curvature_and_its_barrier_and_its_slope_is_that_of_its_height():
    end = mpmath.mp.mpf(11) / 8
    assert WELL.half_width == sp.Rational(11, 8)
    assert WELL.height(end, mpmath.mp) == pytest.approx(9 / 8, rel=1e-14)
    assert mpmath.diff(lambda x: WELL.height(x, mpmath.mp), 0, 2) == pytest.approx(9 / 4, rel=1e-8)
    for x in (0.1, 0.7, 1.3):
        assert mpmath.diff(lambda x: WELL.height(x, mpmath.mp), x) == pytest.approx(WELL.slope(x, mpmath.mp), rel=1e-10)
        assert WELL.slope(np.float64(x), np) == pytest.approx(float(WELL.slope(mpmath.mp.mpf(x), mpmath.mp)), rel=1e-14)


def test_equal_noise_makes_the_barrier_drop_out_and_gives_the_threshold():
    """Eqs. (3) and (4) with the temperature of Theorem 1: the wide well wins above (L_A - L_B)/log sqrt(h_B/h_A)."""
    value = LOW_NOISE.value.subs(s_B, s_A)
    n = eta * s_A**2 / (2 * m)
    assert sp.simplify(value.subs({B_A: B_A + 1, B_B: B_B + 1}) - value) == 0
    place = {h_A: 1, h_B: 4, B_A: 1, B_B: sp.Rational(3, 2), eta: 1, m: 1}  # A is wide and higher by 1/2
    threshold = sp.Rational(1, 2) / sp.log(2)
    assert sp.simplify(value.subs(place).subs(s_A, sp.sqrt(2 * threshold))) == 0
    assert value.subs(place).subs(s_A, sp.sqrt(sp.Rational(101, 100) * 2 * threshold)) > 0
    assert sp.simplify(sp.diff(value, s_A) - sp.diff((B_A - B_B) / n, s_A)) == 0


def test_a_constant_added_to_the_loss_moves_the_printed_odds_and_nothing_else():
    (erratum,) = LOW_NOISE.errata
    assert L_A not in LOW_NOISE.value.free_symbols
    assert sp.diff(erratum.printed, L_A) != 0
    assert sp.diff(erratum.printed.subs(s_B, s_A), L_A) == 0  # with equal noise it is right
    assert sp.simplify(erratum.printed.subs(s_B, s_A) - LOW_NOISE.value.subs(s_B, s_A)) == 0


def test_the_printed_odds_prefer_the_wrong_well():
    (point,) = EQUAL_WELLS
    assert number(LOW_NOISE, point, LOW_NOISE.errata[0].printed) < -0.28
    assert number(EXACT, point) > 1.4
    assert number(LOW_NOISE, point) == pytest.approx(number(EXACT, point), rel=0.003)


def test_the_error_at_low_noise_is_of_first_order_in_the_temperatures():
    """Both rims are forgotten beyond all powers: what is left is how the wells flare."""
    error = leading_error(LOW_NOISE)
    temperatures = [eta * s**2 / (2 * m) for s in (s_A, s_B)]
    flares = sum(sign * kappa * n for sign, kappa, n in zip((1, -1), (kappa_A, kappa_B), temperatures, strict=True))
    assert error.order == 2  # in the standard deviation of the noise
    assert sp.simplify(error.term - sp.Rational(3, 2) * flares) == 0


# Wells along two parameters.


def test_one_parameter_with_equal_wells_leaves_the_odds_of_the_other():
    """The second parameter, its wells alike, adds nothing; the sum is that of two results of one parameter."""
    alike = {h_A2: h_B2, B_A2: B_B2, kappa_A2: kappa_B2}
    one = EXACT.value.subs({s_A: s_g, s_B: s_g})
    gap = BOTH.value.subs(alike) - one
    place = dict(
        zip(sorted(gap.free_symbols, key=str), map(sp.Rational, (3, 5, 7, 11, 13, 17, 19, 2, 4, 6, 8, 9)), strict=False)
    )
    assert abs(gap.subs(place).evalf(30)) < 1e-25


def test_determinants_and_the_threshold_of_noise_decide_between_basins():
    """Eqs. (3) and (4): the odds against a two-dimensional integral, then the threshold, at one per cent of it."""
    n, hessians = sp.Rational(1, 20), ((1, 2), (4, 5))
    place = {h_A: 1, h_A2: 2, h_B: 4, h_B2: 5, B_A: 1, B_A2: 2, B_B: 2, B_B2: sp.Rational(5, 4), eta: 1, m: 1}
    depth = [
        mpmath.exp(height / float(n)) * mpmath.quad(lambda x, h=h: mpmath.exp(-h * x**2 / (2 * n)), [-5, 0, 5])
        * mpmath.quad(lambda y, k=k: mpmath.exp(-k * y**2 / (2 * n)), [-5, 0, 5])
        for (h, k), height in zip(hessians, (3, 3.25), strict=True)
    ]  # fmt: skip
    found = BOTH_LOW.value.subs(place).subs(s_g, sp.sqrt(2 * n))
    assert float(found) == pytest.approx(float(mpmath.log(depth[0] / depth[1])), rel=1e-12)
    threshold = sp.Rational(1, 4) / sp.log(sp.sqrt(sp.Rational(4 * 5, 1 * 2)))
    signs = [
        BOTH_LOW.value.subs(place).subs(s_g, sp.sqrt(2 * threshold * share)).evalf(30)
        for share in (sp.Rational(99, 100), 1, sp.Rational(101, 100))
    ]
    assert signs[0] < -1e-3
    assert abs(signs[1]) < 1e-25
    assert signs[2] > 1e-3


def test_two_parameters_are_simulated_each_with_its_own_wells():
    """Statistics: a right value is rejected with probability 4e-11; the second parameter's wells swapped are seen."""
    point = ACROSS_POINTS[0]
    claim = value_at(BOTH, point)
    trial = experiment.prepare(BOTH.observable, BOTH.process, point, claim=claim, truth=claim)
    assert not experiment.judge(trial, label="across", seed=1).rejected
    swapped = replace(trial, pairs={**trial.pairs, ACROSS: trial.pairs[ACROSS][::-1]})
    assert experiment.judge(swapped, label="across", seed=1).rejected
    assert experiment.judge(replace(trial, pairs={"": trial.pairs[""]}), label="across", seed=1).rejected


# The chain that is simulated.


@pytest.mark.parametrize("point", [*TWO_WELLS, *EQUAL_WELLS])
def test_its_own_law_tends_to_that_of_the_equation_with_the_square_of_the_spacing(point):
    """No simulation: the chain's stationary law is exact. This holds the closed form to another route."""
    exact = number(EXACT, point)
    errors = [two_wells.lattice(wells(point), sites).log_odds() - exact for sites in (64, 128, 256)]
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.01)
    assert errors[1] / errors[2] == pytest.approx(4, rel=0.01)
    assert abs(errors[1] - 4 * errors[2]) < 1e-6


def test_its_batch_gradient_has_the_slope_for_its_mean_and_the_noise_for_its_variance():
    """Per unit of the time that a step takes, at each site within."""
    pair = wells(TWO_WELLS[0])
    chain = two_wells.lattice(pair, 8)
    spacing = float(pair[0].half_width) / chain.first
    time = two_wells.MOVE * spacing**2 / (2 * float(max(well.temperature for well in pair)))
    sites = np.arange(1, len(chain.up) - 1)
    first = sites < chain.first
    distances = spacing * (np.where(first, sites, len(chain.up) - 1 - sites) + 0.5)
    slopes = np.where(first, pair[0].slope(distances, np), -pair[1].slope(distances, np))
    temperatures = np.where(first, *(float(well.temperature) for well in pair))
    np.testing.assert_allclose((chain.down - chain.up)[sites] * spacing / time, slopes, rtol=1e-12)
    square = (chain.down + chain.up)[sites] * spacing**2
    np.testing.assert_allclose((square - (slopes * time) ** 2) / time, 2 * temperatures, rtol=1e-12)
    assert (chain.up > 0)[:-1].all()
    assert (chain.down > 0)[1:].all()
    assert (chain.up + chain.down < 1).all()


def test_half_of_the_circle_has_the_law_of_the_whole():
    """Walked around: the whole circle as a matrix, its stationary law by linear algebra."""
    pair = wells(TWO_WELLS[0])
    chain = two_wells.lattice(pair, 8)
    half, up, down = len(chain.up), chain.up.copy(), chain.down.copy()
    # A run that would leave the half at a bottom stays in it; on the circle it moves to the mirror image of its site,
    # by any chance, which must be the same both ways.
    down[0], up[-1] = 0.1, 0.2
    up, down = np.concatenate([up, down[::-1]]), np.concatenate([down, up[::-1]])
    step = np.diag(1 - up - down)
    for site in range(2 * half):
        step[(site + 1) % (2 * half), site] += up[site]
        step[(site - 1) % (2 * half), site] += down[site]
    system = np.vstack([step - np.eye(2 * half), np.ones(2 * half)])
    law = np.linalg.lstsq(system, np.eye(2 * half + 1)[-1], rcond=None)[0]
    np.testing.assert_allclose(law[:half], law[half:][::-1], rtol=1e-9)
    np.testing.assert_allclose(2 * law[:half], chain.stationary(), rtol=1e-9)


def test_the_simulation_refutes_another_temperature_and_the_printed_odds():
    """Statistics: a right value is rejected with probability 4e-11; each wrong well moves z by more than 20."""
    point = TWO_WELLS[1]
    claim = value_at(EXACT, point)
    trial = experiment.prepare(EXACT.observable, EXACT.process, point, claim=claim, truth=claim)
    assert not experiment.judge(trial, label="wells", seed=1).rejected
    first, second = trial.pairs[""]
    hotter = replace(trial, pairs={"": (replace(first, temperature=first.temperature * sp.Rational(11, 10)), second)})
    assert experiment.judge(hotter, label="wells", seed=1).rejected
    flatter = replace(trial, pairs={"": (replace(first, curvature=first.curvature * sp.Rational(64, 81)), second)})
    assert experiment.judge(flatter, label="wells", seed=1).rejected


def test_its_seed_decides_and_its_lattice_is_fine_enough():
    point = TWO_WELLS[1]
    claim = value_at(EXACT, point)
    trial = experiment.prepare(EXACT.observable, EXACT.process, point, claim=claim, truth=claim)
    one, again, other = (two_wells.estimate(trial, label="wells", seed=seed) for seed in (1, 1, 2))
    assert one == again != other
    error = one[1]
    chosen = two_wells.fine_enough(trial.pairs[""], two_wells.BIAS * error)
    assert abs(chosen.log_odds() - float(sp.N(claim[0]))) < 4 / 3 * two_wells.BIAS * error


def test_widths_without_a_common_measure_are_refused():
    pair = (WELL, replace(WELL, curvature=sp.Integer(2)))
    with pytest.raises(ValueError, match="no whole numbers"):
        two_wells.lattice(pair, 8)


def test_so_few_sites_that_the_slope_outdoes_the_noise_are_refused():
    cold = tuple(replace(well, temperature=well.temperature / 100) for well in wells(TWO_WELLS[0]))
    with pytest.raises(ValueError, match="8 sites are too few"):
        two_wells.lattice(cold, 8)


def test_many_steps_at_once_are_so_many_steps_and_forget_the_start():
    """In exact chances, without a draw: step after step, then from either bottom to the stationary law."""
    chain = two_wells.lattice(wells(TWO_WELLS[1]), 8)
    steps = 2 ** math.ceil(math.log2(chain.burn_in() / two_wells.JUMPS))
    law = np.eye(len(chain.up))[0]
    for _ in range(steps):
        moved = law * (1 - chain.up - chain.down)
        moved[1:] += (law * chain.up)[:-1]
        moved[:-1] += (law * chain.down)[1:]
        law = moved
    np.testing.assert_allclose(chain.jump()[0], law, rtol=1e-10)
    late = np.linalg.matrix_power(chain.jump(), two_wells.JUMPS)[[0, -1]]
    np.testing.assert_allclose(late, [chain.stationary()] * 2, rtol=10 * two_wells.LEFT)


# From which noise on the wide well wins.


def shallow_and_wide(rng, *, flares_less):
    """Return wells as the threshold has them; or with the wide one as wide at the rim as its curvature promises."""
    first, second = np.sort(rng.uniform(0.5, 2, 2))
    flares, curvatures = np.sort(rng.uniform(0.01, 1.5, 2)), np.sort(rng.uniform(0.2, 5, 2))
    if not flares_less:
        rims = np.sqrt(2 * np.array([first, second]))
        wide = rims[1] + flares[0] * rims[1] ** 3 / 2
        flares = (2 * rng.uniform(1, 1.5) * wide - 2 * rims[0]) / rims[0] ** 3, flares[0]
    words = zip(("barrier", "flare", "well_curvature"), ((first, second), flares, curvatures), strict=True)
    return {f"{which}_{word}": float(pair[i]) for word, pair in words for i, which in enumerate(("first", "second"))}


def odds_at(shape, rate):
    """Return the log-odds at a rate of batches of two with a deviation of 3, by the exact result."""
    deviations = {"first_noise_deviation": 3.0, "second_noise_deviation": 3.0}
    return st.evaluate(EXACT, **shape, **deviations, learning_rate=float(rate), batch_size=2)


@pytest.mark.parametrize("flares_less", [True, False])
def test_no_less_noise_makes_the_wide_well_win_and_no_more_is_needed_if_it_is_as_wide_at_the_rim(flares_less):
    rng = np.random.default_rng(5)
    for _ in range(60):
        shape = shallow_and_wide(rng, flares_less=flares_less)
        bound = st.evaluate(THRESHOLD, **shape, noise_deviation=3.0, batch_size=2, check_domain=flares_less)
        shares = rng.uniform(0.1, 1, 4) if flares_less else rng.uniform(1, 20, 4)
        signs = [np.sign(odds_at(shape, bound * share)) for share in (*shares, 1)]
        assert signs == [-1 if flares_less else 1] * 5


def test_where_the_wide_well_flares_more_it_may_win_sooner_so_that_this_is_refused():
    shape = shallow_and_wide(np.random.default_rng(5), flares_less=False)
    with pytest.raises(st.SGDTheoryError, match="first_flare <= second_flare"):
        st.evaluate(THRESHOLD, **shape, noise_deviation=3.0, batch_size=2)
    assert shape["first_flare"] > shape["second_flare"]


@pytest.mark.parametrize("point", WIDE_AND_SHALLOW)
def test_the_noise_at_which_the_odds_are_even_is_the_root_of_the_exact_result(point):
    """Of the closed form, to many digits; what is tested is a root of integrals."""
    (found,) = THRESHOLD.observable.value(THRESHOLD.process, point, None)
    place = {**point, **{f"{which}_noise_deviation": point["noise_deviation"] for which in ("first", "second")}}
    odds = value_at(EXACT, {**place, "learning_rate": eta})[0]
    assert abs(odds.subs(eta, found).evalf(30)) < 1e-17
    bound = value_at(THRESHOLD, point)[0].evalf()
    assert bound < found
    assert odds.subs(eta, bound).evalf(20) < 0 < odds.subs(eta, sp.Float(found) * 1.01).evalf(20)


def test_a_shallow_well_that_is_narrower_at_the_rim_never_wins():
    point = {**WIDE_AND_SHALLOW[0], "second_flare": sp.Integer(2)}
    with pytest.raises(ValueError, match="nowhere equally likely"):
        even_rate(tuple(point.items()))


@pytest.mark.parametrize("point", WIDE_AND_SHALLOW)
def test_the_simulation_tells_the_threshold_from_five_per_cent_more(point):
    """Statistics: the right rate is rejected with probability 4e-11, one that is 5 % off kept with 1e-6."""
    truth = THRESHOLD.observable.value(THRESHOLD.process, point, None)
    knobs = {"label": "threshold", "seed": 3}
    for share, rejected in ((1, False), (1.05, True), (0.95, True)):
        claim = [truth[0] * sp.Float(share)]
        trial = experiment.prepare(THRESHOLD.observable, THRESHOLD.process, point, claim=claim, truth=truth)
        assert trial.power >= 1 - 1.01 * experiment.MISS
        assert experiment.judge(trial, **knobs).rejected is rejected


@pytest.mark.slow
def test_log_odds_by_simulation_at_the_second_point_with_other_seeds():
    """Statistics: z of 20 seeds; the sum of their squares leaves (2.55, 65.4) with probability 1e-6 on either side."""
    z = [float(simulate_claims(EXACT, seed, points=TWO_WELLS[1:])[0].z[0]) for seed in range(20)]
    assert 2.55 < np.sum(np.square(z)) < 65.4
