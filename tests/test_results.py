"""The ladder for whatever the catalogue holds; nothing here names a result."""

import importlib
import inspect
import math
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from graphlib import TopologicalSorter

import numpy as np
import pytest
import sympy as sp
from scipy.stats import chi2

from sgdtheory import catalogue
from sgdtheory.algebra.batches import batch_mean_covariance
from sgdtheory.algebra.derivation import Derivation, Step, is_zero
from sgdtheory.catalogue import dependencies, derive, results
from sgdtheory.closed_form import Kind
from sgdtheory.derivations.quadratic._premises import pair_of_modes
from sgdtheory.numeric import experiment
from sgdtheory.numeric.claims import claim
from sgdtheory.numeric.engine import backends
from sgdtheory.numeric.ladder import NAMES, climb, simulate_claims
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.preconditioned import preconditioned
from sgdtheory.processes.process import d, v
from sgdtheory.processes.saddle import saddle
from sgdtheory.render.entry import entry
from sgdtheory.symbols import C_ij, eta, gamma_u, lambda_i, lambda_j, lambda_s, m, mu


def beside_its_limit(form):
    """Return a result as a parameter that one process checks together with its limits, which share its simulation."""
    exact = form.limit.exact if form.limit else form
    return pytest.param(form.name, id=form.name, marks=pytest.mark.xdist_group(exact.name))


EVERY = [beside_its_limit(form) for form in results.values()]
# One backend simulates here, the others among the slow tests: tests/engine holds all of them to exact paths.
SOON = "numba" if "numba" in backends.installed() else "numpy"
LATER = tuple(name for name in backends.installed() if name != SOON)


@pytest.mark.parametrize("rung", NAMES, ids=NAMES.get)
@pytest.mark.parametrize("name", EVERY)
def test_rung(name, rung):
    """Statistics: rung 4 of all raises a false alarm with probability 1e-6; a simulation misses 5 % with 1e-6."""
    (found,) = climb(results[name], rungs=(rung,), backends=(SOON,))
    assert found.passed, f"{name}, rung {rung} ({found.name}): {found.detail}"


@pytest.mark.slow
@pytest.mark.parametrize("name", EVERY)
def test_rung_four_elsewhere(name):
    """Statistics: as above."""
    (found,) = climb(results[name], rungs=(4,), backends=LATER)
    assert found.passed, f"{name}: {found.detail}"


def test_family_of_comparisons_is_counted():
    """The false-alarm rate is split over COMPARISONS; the catalogue must not outgrow it unnoticed."""
    components = sum(len(claim(form, point)) for form in results.values() for point in form.points)
    simulated = len(backends.NAMES) + 1  # rung 4 on every backend, and the rejections of rung 5
    assert simulated * components <= experiment.COMPARISONS


def test_tail_of_the_statistics_is_bounded():
    """A mean of R forms leaves the normal tail by the factor exp(skewness z^3 / 6 sqrt R).

    The square of a Gaussian has skewness 2.83. Of forms on Gaussian features up to 12 is seen (from 10^5 replicas of
    each), at 110,000 replicas, and up to 10 at the fewest.
    """
    for skewness, replicas in ((12, 110_000), (10, experiment.FEWEST)):
        assert math.exp(skewness * experiment.CRITICAL**3 / (6 * math.sqrt(replicas))) <= experiment.TAIL


def bounding(side, scale):
    """Return the stationary variance in one dimension, times a factor, as a bound."""
    form = results["quadratic_sums.stationary_variance"]
    return replace(form, kind=Kind.BOUND, bound=side, value=scale * form.value)


@pytest.mark.parametrize(
    ("side", "scale", "holds"),
    [
        *[(side, 1, True) for side in ("lower", "upper")],
        *[("lower", scale, bool(scale < 1)) for scale in (sp.Rational(9999, 10000), sp.Rational(10001, 10000))],
        *[("upper", scale, bool(scale > 1)) for scale in (sp.Rational(9999, 10000), sp.Rational(10001, 10000))],
        ("lower", sp.Rational(999, 1000), False),  # true, but nowhere near
        ("upper", sp.Rational(1001, 1000), False),
    ],
)
def test_a_bound_holds_everywhere_and_is_near_somewhere(side, scale, holds):
    (rung,) = climb(bounding(side, scale), rungs=(3,))
    assert rung.passed is holds


def test_a_bound_is_simulated_by_what_it_bounds_and_says_its_side():
    (rung,) = climb(bounding("lower", sp.Rational(1, 2)), rungs=(4,), backends=("numpy",))
    assert rung.passed
    assert rung.detail.startswith("of what is bounded")
    with pytest.raises(TypeError, match="on which side"):
        bounding(None, 1)
    with pytest.raises(TypeError, match="on which side"):
        replace(results["quadratic_sums.stationary_variance"], bound="lower")


def numbers_for(symbol, place, dimension=2):
    """Return exact numbers for a symbol of a notation, a vector or matrix of any dimension; for a tuple a tuple."""
    if isinstance(symbol, tuple):
        return tuple(numbers_for(part, place + number) for number, part in enumerate(symbol))
    if not hasattr(symbol, "shape"):
        return sp.Rational(2 * place + 1, place + 3)
    rows, columns = (dimension if str(size) == "d" else int(size) for size in symbol.shape)
    return sp.ImmutableMatrix(rows, columns, lambda i, j: sp.Rational(3 * i - 5 * j + 2, place + 3))


def flat(entry):
    return entry if isinstance(entry, tuple) else (entry,)


@pytest.mark.parametrize("name", results)
def test_every_result_has_a_derivation_whose_premise_is_its_process(name):
    """The premise is printed with symbols for vectors of any dimension: put numbers in, and it is the step itself."""
    process = results[name].process
    derivation = derive(name)
    assert derivation.process is process
    assert derivation.premise == process.premise
    symbols = [process.notation[argument] for argument in inspect.signature(process.gradient).parameters]
    numbers = [numbers_for(symbol, place) for place, symbol in enumerate(symbols)]
    before, rate, persistence = numbers_for(v, 7), sp.Rational(2, 7), sp.Rational(3, 5)
    parameters, noise, *model = numbers
    words = dict(zip(list(inspect.signature(process.gradient).parameters)[2:], model, strict=True))
    knobs = {"learning_rate": rate, "momentum": persistence * int(process.momentum)}
    moved = process.move(parameters, before, noise, **knobs, **words)
    found = process.premise
    assert len(found) == 1 + process.momentum
    given = zip([v, *symbols], [before, *numbers], strict=True)
    explicit = {s.subs(d, 2): n for pair in given for s, n in zip(*map(flat, pair), strict=True)}
    for (left, right), after in zip(reversed(found), moved, strict=False):
        assert left.shape == right.shape == (d, 1)
        assert right.subs({d: 2, eta: rate, mu: persistence}).xreplace(explicit).doit() == after
    assert moved[0] != parameters
    assert not process.momentum or moved[1] != before


# Values for symbols: no formula of the catalogue is 0/0 there.
PRIMES = (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53)


def doubled(noise):
    """Return twice the noise; of a batch's curvature and gradient at the minimum only the gradient is noise."""
    return (*noise[:-1], 2 * noise[-1]) if isinstance(noise, tuple) else 2 * noise


# What a derivation starts from, changed in two ways; each result must notice the change that bears on it.
CHANGES = {
    "nothing": lambda own: own,
    "gradient doubled": lambda own: lambda parameters, noise, **model: 2 * own(parameters, noise, **model),
    "noise doubled": lambda own: lambda parameters, noise, **model: own(parameters, doubled(noise), **model),
}
MEAN = "the mean does not feel the noise"
CURVATURE = "only the curvature of a batch bears on it, not its gradient at the minimum"
AVERAGE = "curvature and noise double, and the average stays H^-1 g from the minimum"
SCALE = "the noise's scale sets the size of orbits, not the time that they take"
FREE = "it holds for every preconditioner, which makes up for any scale"
UNMOVED = {
    "gradient doubled": {
        "diffusion.escape_time_ratio_small_rate": "a ratio of two rates",
        "averaging.exponential_average_covariance_limit": AVERAGE,
        "averaging.greedy_second_moment": "the best learning rate halves",
        "averaging.long_average_covariance": AVERAGE,
        "averaging.long_run_covariance": AVERAGE,
        "averaging.long_run_covariance_with_momentum": AVERAGE,
        "posterior.diagonal_preconditioner_bound": FREE,
        "quadratic.batch_gradient_covariance": "given in terms of C, which quadruples as well",
        "quadratic.expected_decrease": "the best learning rate halves",
        "quadratic.optimal_batch_size": "stands on the decrease at the best learning rate",
        "quadratic.scalar_generalization_gap": "the run settles at the mean of the data all the same",
        "quadratic.sgd_test_penalty_limit": "zero whatever the scale",
    },
    "noise doubled": {
        "diffusion.escape_time_ratio": MEAN,
        "diffusion.escape_time_ratio_small_rate": MEAN,
        "diffusion.stay_probability_bound": MEAN,
        "asynchrony.delayed_stability_limit": MEAN,
        "asynchrony.mean_learning_rate": MEAN,
        "asynchrony.mean_square_stability_limit": "which worker comes next bears on it, not the noise at the minimum",
        "averaging.autocorrelation_time": "a ratio of two covariances",
        "averaging.autocorrelation_time_with_momentum": "a ratio of two covariances",
        "diffusion.exit_time_deviation_weak_noise": "weak noise sets when a run leaves, not by how much that varies",
        "diffusion.entropy_production": SCALE,
        "diffusion.entropy_production_diffusion": SCALE,
        "diffusion.modified_equation_mean": MEAN,
        "diffusion.orbit_frequency": SCALE,
        "diffusion.orbit_frequency_diffusion": SCALE,
        "diffusion.accelerated_trajectory": MEAN,
        "diffusion.accelerated_trajectory_flow": MEAN,
        "diffusion.curved_flow": MEAN,
        "diffusion.curved_flow_flat": MEAN,
        "diffusion.dataset_covariance": "given in terms of C, which quadruples as well",
        "diffusion.dataset_covariance_flow": "given in terms of C, which quadruples as well",
        "diffusion.estimator_covariance": "given in terms of C, which quadruples as well",
        "fluctuation_dissipation.first_relation": "it holds whatever the noise",
        "fluctuation_dissipation.first_relation_random_curvature": "it holds whatever the noise",
        "fluctuation_dissipation.first_relation_random_curvature_with_momentum": "it holds whatever the noise",
        "fluctuation_dissipation.first_relation_with_momentum": "it holds whatever the noise",
        "fluctuation_dissipation.gradient_noise_interaction_random_curvature": "a ratio of moments of one dimension",
        "fluctuation_dissipation.gradient_noise_interaction_with_momentum": "a ratio of two moments of one dimension",
        "fluctuation_dissipation.second_relation": "it holds whatever the noise",
        "fluctuation_dissipation.second_relation_random_curvature": "it holds whatever the noise",
        "fluctuation_dissipation.second_relation_random_curvature_with_momentum": "it holds whatever the noise",
        "fluctuation_dissipation.second_relation_with_momentum": "it holds whatever the noise",
        "gaussian_features.isotropic_loop_gain": CURVATURE,
        "gaussian_features.mean_trajectory": MEAN,
        "momentum.mean_stability_limit": MEAN,
        "momentum.nesterov_stability_limit": MEAN,
        "posterior.diagonal_preconditioner_bound": FREE,
        "quadratic.batch_excess_test_loss": "given in terms of C, which quadruples as the squared error does",
        "quadratic.batch_gradient_covariance": "given in terms of C, which quadruples as well",
        "quadratic.mean_stability_limit": MEAN,
        "quadratic.mean_trajectory": MEAN,
        "quadratic.mean_trajectory_diffusion": MEAN,
        "quadratic.relaxation_time": MEAN,
        "quadratic_sums.divergent_rate_large_batches": CURVATURE,
        "quadratic_sums.divergent_rate_small_batches": CURVATURE,
        "quadratic_sums.growth_factor": CURVATURE,
        "quadratic_sums.largest_curvature_spread": CURVATURE,
        "quadratic_sums.largest_curvature_spread_momentum": CURVATURE,
        "quadratic_sums.largest_curvature_spread_nesterov": CURVATURE,
        "quadratic_sums.mean_square_stability_limit": CURVATURE,
        "quadratic_sums.mean_square_stability_limit_momentum": CURVATURE,
        "quadratic_sums.mean_square_stability_limit_nesterov": CURVATURE,
        "quadratic_sums.stable_rate_large_batches": CURVATURE,
        "quadratic_sums.stable_rate_small_batches": CURVATURE,
        "quadratic_sums.mean_trajectory": MEAN,
    },
}


@contextmanager
def typed_sides_ignored(change):
    """Let steps hand on what was computed, never what was written beside it, and change every process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "derived", cache(catalogue.derived.__wrapped__))  # the true ones are kept for others

        def add(derivation, reason, shown, left, right=None, *, numerically=False):
            left = sp.sympify(left)
            derivation.steps.append(Step(reason, shown, left, left))
            return left

        patch.setattr(Derivation, "add", add)
        for process in {id(form.process): form.process for form in results.values()}.values():
            patch.setitem(process.__dict__, "gradient", CHANGES[change](process.gradient))
        yield patch


@pytest.fixture(scope="module")
def rederived(request):
    """Return a change, and the value of every result that follows from it; each takes the others' values from here."""
    found = {}
    order = TopologicalSorter({name: known.values for name, known in dependencies().items()}).static_order()
    with typed_sides_ignored(request.param) as patch:
        for name in order:
            try:
                found[name] = derive(name).value
            except Exception as error:  # of this result alone: it fails its own test, and the others go on
                found[name] = error
            else:
                patch.setitem(results[name].__dict__, "value", found[name])
    return request.param, found


def differ(found, wanted):
    """Return whether two expressions differ at a point: not only in their looks, which no proof may have matched."""
    symbols = sorted(found.free_symbols | wanted.free_symbols, key=str)
    place = dict(zip(symbols, map(sp.Integer, PRIMES[: len(symbols)]), strict=True))
    one, other = (sp.N(value.subs(place), 50) for value in (found, wanted))
    return bool(abs(one - other) > 1e-30 * (abs(one) + abs(other)))


# That nothing changes is known from rung 1, too.
AT_LENGTH = [
    pytest.param(change, marks=[pytest.mark.xdist_group(change), *[pytest.mark.slow] * (change == "nothing")])
    for change in CHANGES
]


@pytest.mark.parametrize("rederived", AT_LENGTH, indirect=True)
@pytest.mark.parametrize("name", results)
def test_derivation_stands_on_its_process(name, rederived):
    """What is computed leads from the process to the value, and another process leads to another value."""
    change, found = rederived
    if isinstance(found[name], Exception):
        raise found[name]
    assert differ(found[name], results[name].value) is (change != "nothing" and name not in UNMOVED[change])


def test_only_three_results_are_moved_by_neither_change():
    unmoved = set.intersection(*map(set, UNMOVED.values()))
    assert unmoved == {
        "quadratic.batch_gradient_covariance",
        "posterior.diagonal_preconditioner_bound",
        "diffusion.escape_time_ratio_small_rate",
    }


def test_the_covariance_of_a_batch_gradient_stands_on_how_batches_are_drawn(monkeypatch):
    """No scale moves it: with replacement it is C/m."""
    module = importlib.import_module("sgdtheory.derivations.quadratic.batch_gradient_covariance")
    monkeypatch.setattr(
        module, "batch_mean_covariance", lambda *a, replacement: batch_mean_covariance(*a, replacement=not replacement)
    )
    with typed_sides_ignored("nothing"):
        assert is_zero(derive("quadratic.batch_gradient_covariance").value - C_ij / m)


def test_the_bound_on_diagonal_preconditioners_stands_on_how_noise_is_correlated():
    """No scale moves it: where both modes feel one noise R_12 is one."""
    name = "posterior.diagonal_preconditioner_bound"
    with typed_sides_ignored("nothing") as patch:
        own = preconditioned.gradient
        shared = sp.Matrix([[1, 0], [sp.sqrt(lambda_j / lambda_i), 0]])
        patch.setitem(preconditioned.__dict__, "gradient", lambda x, n, **model: own(x, shared * n, **model))
        assert is_zero(sp.expand_log(derive(name).value) - sp.log(2))


def test_the_time_at_the_next_saddle_point_stands_on_the_curvatures():
    """No scale moves it: where they are squared, the stable one stays and the unstable one turns."""
    name = "diffusion.escape_time_ratio_small_rate"
    with typed_sides_ignored("nothing") as patch:
        own = saddle.gradient
        patch.setitem(
            saddle.__dict__,
            "gradient",
            lambda x, n, *, curvature, minimum: own(x, n, curvature=curvature @ curvature, minimum=minimum),
        )
        assert is_zero(derive(name).value - (1 - lambda_s**2 / gamma_u**2))


@pytest.mark.parametrize("change", CHANGES)
def test_a_derivation_that_types_its_claim_would_be_caught(change):
    """It states the premise and writes the claim below it; every step of it is valid."""
    claimed = results["quadratic.stationary_covariance"].value

    def typed():
        derivation = Derivation(additive_noise)
        pair_of_modes(derivation)
        derivation.add("Hence", "Sigma_ij", claimed)
        return derivation

    assert is_zero(typed().verify().value - claimed)
    with typed_sides_ignored(change):
        assert not differ(typed().value, claimed)


@pytest.mark.parametrize("name", results)
def test_the_domain_leaves_out_where_the_value_is_no_number(name):
    """Solve each factor of the denominator for each symbol: a root that the symbols allow lies outside the domain."""
    form = results[name]
    denominator = sp.denom(sp.together(form.value))
    fixed = dict(zip(sorted(denominator.free_symbols, key=str), map(sp.Integer, PRIMES), strict=False))
    for factor in sp.Mul.make_args(sp.factor(denominator)):
        for symbol in factor.free_symbols if factor.is_polynomial() else ():
            others = {s: value for s, value in fixed.items() if s != symbol}
            for root in sp.solve(factor.subs(others), symbol):  # none where it contradicts what the symbol assumes
                value = root if root.is_real else sp.N(root, 40, chop=True)  # a cubic's real roots look complex
                if not value.is_real:
                    continue
                place = {**others, symbol: value}
                for_all_modes = [r.subs(turn) for r in form.domain for turn in ({}, {lambda_i: lambda_j})]
                excluded = any(r.subs(place) == sp.false for r in for_all_modes)
                assert excluded, f"{factor} vanishes at {place}"


def test_that_domain_of_pairs_of_modes():
    """Here two different modes meet 0/0 although neither has eta lambda = 2."""
    (relation,) = results["quadratic.transient_covariance"].domain
    assert relation.subs({eta: 1, lambda_i: 3, lambda_j: sp.Rational(3, 2)}) == sp.false
    assert relation.subs({eta: 1, lambda_i: 2, lambda_j: 2}) == sp.false
    assert relation.subs({eta: 1, lambda_i: 3, lambda_j: 3}) == sp.true


def test_every_page_says_where_its_result_fails():
    silent = [
        name
        for name, form in results.items()
        if not any(section.title == "Where it fails" for section in entry(form).sections)
    ]
    assert not silent


@pytest.mark.slow
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
