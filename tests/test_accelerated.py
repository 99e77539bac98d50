"""Accelerated SGD: the recursion with a momentum that grows, its block, its limits, and the functions they need."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy as sp
from scipy.special import eval_legendre, jv

from sgdtheory.algebra.hypergeometric import from_ratio
from sgdtheory.algebra.series import SeriesError, expansion
from sgdtheory.catalogue import results
from sgdtheory.closed_form import value_at
from sgdtheory.errors import DomainError
from sgdtheory.numeric import recursion
from sgdtheory.numeric.evaluate import evaluate
from sgdtheory.numeric.gegenbauer import gegenbauer
from sgdtheory.numeric.hypergeometric import hypergeometric
from sgdtheory.processes.accelerated import accelerated, accelerated_point
from sgdtheory.processes.accelerated_limits import variance_after
from sgdtheory.processes.forms import STATIONARY, coordinates
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.spread import mode_squares

POINT = accelerated_point(
    time_step=sp.Rational(1, 2), batch_size=2, curvature=(2,), noise=((3,),), displacement=(5,), steps=7
)
SHARE = results["diffusion.accelerated_trajectory"]
SETTLING = results["diffusion.accelerated_variance_settling"]


def means(steps, start=Fraction(5), pull=Fraction(1, 2)):
    """Return the means of eqs. (2.4) of Wang and Wu (2020), which keep two sequences x and y."""
    x, y, found = start, start, [start]
    for k in range(1, steps + 1):
        before, x = x, y - pull * y
        y = x + Fraction(k - 1, k + 2) * (x - before)
        found.append(x)
    return found


def variance(steps, pull, noise):
    """Return the variance: the squares of what each step's noise leaves behind, one after the other."""
    total = Fraction(0)
    for first in range(1, steps + 1):
        x, before = Fraction(1), Fraction(0)
        for k in range(first + 1, steps + 1):
            ahead = x + Fraction(k - 2, k + 1) * (x - before)
            before, x = x, (1 - pull) * ahead
        total += x**2
    return noise * total


@pytest.mark.parametrize("steps", [0, 1, 2, 7])
def test_the_recursion_is_that_of_nesterov(steps):
    """Here with one sequence and its last step; in print with two sequences."""
    arms = Moment("mean", lambda env: coordinates(env.basis, env.minimum), time="steps", displaced=True).arms(
        accelerated, {**POINT, "steps": steps}
    )
    (found,) = recursion.expectations(accelerated, arms)
    assert found == means(steps)[-1]


@pytest.mark.parametrize("steps", [1, 2, 3, 6])
def test_the_variance_is_what_each_noise_leaves_behind(steps):
    (env,) = accelerated.environments(POINT)
    wanted = variance(steps, Fraction(1, 2), Fraction(1, 16) * Fraction(3, 2))
    (arm,) = Moment("variance", mode_squares, time="steps").arms(accelerated, {**POINT, "steps": steps})
    assert recursion.expectations(accelerated, [arm]) == [wanted]
    assert variance_after(accelerated, env, POINT["learning_rate"], steps, 0) == pytest.approx(wanted, rel=1e-50)


def test_a_momentum_that_changes_has_no_stationary_law():
    arms = Moment("variance", mode_squares, time=STATIONARY).arms(accelerated, POINT)
    with pytest.raises(TypeError, match="never settles"):
        recursion.expectations(accelerated, arms)


@pytest.mark.parametrize("steps", [1, 4, 9, 60])
def test_the_mean_is_a_legendre_polynomial_in_disguise(steps):
    """P' = t (x P_t - P_(t-1))/(x^2 - 1)."""
    a = 1 - 0.25 * 0.7
    x = np.sqrt(a)
    slope = steps * (x * eval_legendre(steps, x) - eval_legendre(steps - 1, x)) / (x**2 - 1)
    (found,) = evaluate(SHARE, hessian=np.array([[0.7]]), time_step=0.5, steps=steps)
    assert found == pytest.approx(2 * a ** ((steps + 1) / 2) * slope / (steps * (steps + 1)), rel=1e-10, abs=1e-15)


def test_the_mean_where_its_factors_leave_floating_point():
    """0.51^3000 is no floating-point number, and a million terms are no series; the recursion itself in 200 bits."""
    found = evaluate(SHARE, hessian=np.diag([1.0, 0.1, 1e-4]), time_step=0.7, steps=3000)
    wanted = [share(sp.Rational(curvature) * sp.Rational(0.7) ** 2, 3000) for curvature in (1e-4, 0.1, 1.0)]
    np.testing.assert_allclose(found, wanted, rtol=1e-10)
    assert wanted[2] == 0 < abs(wanted[1])
    assert evaluate(SHARE, hessian=np.eye(1), time_step=0.1, steps=10**6)[0] == 0  # 1e-2187
    z = 2.0  # small curvatures: the differential equation's, up to a share 1/steps
    slow = evaluate(SHARE, hessian=np.diag([z**2 * 1e-10]), time_step=0.1, steps=10**6)
    assert slow[0] == pytest.approx(2 * jv(1, z) / z, rel=3e-6)
    with pytest.raises(DomainError, match="1000000 steps"):
        evaluate(SHARE, hessian=np.diag([1e-10]), time_step=0.1, steps=10**7)


def share(pull, steps):
    """Return the mean of the recursion over its start, in 200 bits."""
    with mpmath.workprec(200):
        x = y = mpmath.mpf(1)
        pull = mpmath.mpf(int(pull.p)) / int(pull.q)
        for k in range(1, steps + 1):
            before, x = x, (1 - pull) * y
            y = x + mpmath.mpf(k - 1) / (k + 2) * (x - before)
        return float(x)


@pytest.mark.parametrize("degree", [0, 1, 2, 7, 5000])
def test_gegenbauer_polynomials(degree):
    """By their recurrence in 200 bits; near one in all the digits of x."""
    x = np.array([0.0, 1e-13, 1e-9, 1e-5, 0.3, 0.99])
    with mpmath.workprec(200):
        wanted = []
        for number in map(mpmath.mpf, x.tolist()):
            root = mpmath.sqrt(1 - number)
            before, here = mpmath.mpf(1), root
            for k in range(1, degree):
                before, here = here, (2 * (k + 1.5) * root * here - k * before) / (k + 3)
            wanted.append(float(here if degree else before))
    np.testing.assert_allclose(gegenbauer(degree, 1.5, x), wanted, rtol=1e-12, atol=1e-15)
    assert np.isnan(gegenbauer(degree, 1.5, 1.5))


def test_a_series_that_converges_too_slowly_is_refused_by_name():
    with pytest.raises(DomainError, match="converges too slowly"):
        hypergeometric(2, -499999.5, -5e5, 2, -0.01)


def test_the_differential_equation_after_a_very_long_time():
    """Where a power series would have lost all its digits."""
    curvatures = np.array([0.3, 1.0, 40.0])
    form = results["diffusion.accelerated_trajectory_flow"]
    found = evaluate(form, hessian=np.diag(curvatures), time_step=0.1, steps=3000)
    z = 300 * np.sqrt(curvatures)
    np.testing.assert_allclose(found, 2 * jv(1, z) / z, rtol=1e-10, atol=1e-16)


@pytest.mark.parametrize("pull", [sp.Rational(1, 50), sp.Rational(1, 200)])
def test_where_long_runs_settle(pull):
    """The exact law misses its limit by a share of eta lambda; at last it is Nesterov's with the momentum one."""
    (env,) = accelerated.environments({**POINT, "curvature": (1,), "noise": ((1,),), "batch_size": sp.Integer(1)})
    for lifetimes in (sp.Rational(1, 2), 3, 20):
        steps = int(lifetimes / pull)
        exact = variance_after(accelerated, env, pull, steps, 0)
        found = evaluate(
            SETTLING, hessian=np.eye(1), noise=np.eye(1), time_step=float(pull) ** 0.5, batch_size=1, steps=steps
        )
        assert found[0] == pytest.approx(float(exact), rel=2 * float(pull))
        size = float(lifetimes)
        elementary = 1 - 3 / size + 6 / size**2 - 6 * (1 - np.exp(-size)) / size**3
        assert found[0] == pytest.approx(elementary / 2, rel=1e-10)
    last = results["momentum.nesterov_iterate_covariance"].value
    words = {"learning_rate": pull, "momentum": 1, "batch_size": 1, "curvature": (1,), "noise": ((1,),)}
    (end,) = value_at(results["momentum.nesterov_iterate_covariance"], words, last)
    assert end == (1 - pull / 2) / (2 * (1 - sp.Rational(3, 4) * pull))
    late = variance_after(accelerated, env, pull, int(100 / pull), 0)
    assert float(late) == pytest.approx(float(end) * (1 - 3 / 100), rel=2e-3)


def test_the_ratio_of_terms_makes_the_series():
    j, x = sp.Symbol("j"), sp.Symbol("x")
    assert from_ratio(3 * x / (2 * j + 4), j) == sp.hyper([1], [2], 3 * x / 2)
    assert from_ratio((j + 2) ** 2 * x / (j + 1), j) == sp.hyper([2, 2], [], x)


def test_a_sum_of_finitely_many_terms_becomes_a_power_series():
    """Its first two orders at a small step against the sum itself: what is left is of second order."""
    h, s = sp.symbols("h s", positive=True)
    node = sp.hyper([-s / h, 2], [sp.Rational(5, 2)], h / 3)
    series = expansion(node, h, 2)
    left = [sp.N((node - series.expression).subs({s: 2, h: sp.Rational(1, 2**k)}), 40) for k in (10, 11)]
    assert float(left[0] / left[1]) == pytest.approx(4, rel=0.01)


def test_far_out_as_many_terms_are_known_as_come_before_a_logarithm():
    h = sp.Symbol("h", positive=True)
    node = sp.hyper([1, 3], [2, 4, sp.Rational(11, 2)], -1 / h)
    series = expansion(node, h, 2)
    assert series.order == 1
    left = [sp.N((node - series.expression).subs(h, sp.Rational(1, 10**k)), 30) for k in (4, 6)]
    assert abs(left[1]) < abs(left[0]) / 10**5  # of order h^3, but for the logarithm
    with pytest.raises(SeriesError):
        expansion(node, h, 3)


def test_a_series_without_a_limit_is_refused():
    h = sp.Symbol("h", positive=True)
    with pytest.raises(SeriesError):
        expansion(sp.hyper([1 / h], [2], h**2 / (1 + h)) + sp.hyper([1], [h], h), h, 1)


def test_hypergeometric_functions_of_arrays():
    z = np.array([[-1e4, -3.0], [0.0, 0.5]])
    wanted = [[float(mpmath.hyp1f1(1, 5, number)) for number in row] for row in z]
    np.testing.assert_allclose(hypergeometric(1, 1, 5, z), wanted, rtol=1e-13)


def test_derivatives_in_jax():
    jax = pytest.importorskip("jax")
    from sgdtheory.numeric.jax_hypergeometric import gegenbauer as traced_polynomial
    from sgdtheory.numeric.jax_hypergeometric import hypergeometric as traced

    with jax.enable_x64(True):
        slope = jax.jit(jax.grad(jax.grad(lambda z: traced(0, 2.0, z))))(-1.5)
        assert float(slope) == pytest.approx(float(mpmath.hyp0f1(4, -1.5)) / 6, rel=1e-12)
        many = jax.vmap(lambda z: traced(1, 1.0, 5.0, z))(jax.numpy.array([-1.0, -2.0]))
        np.testing.assert_allclose(many, hypergeometric(1, 1, 5, np.array([-1.0, -2.0])), rtol=1e-14)
        mean = jax.jit(jax.value_and_grad(lambda pull: traced_polynomial(39, 1.5, pull)))
        value, slope = (float(found) * 0.91**20.5 for found in mean(0.09))
        assert value == pytest.approx(share(sp.Rational(0.09), 40), rel=1e-12)
        ends = [share(sp.Rational(0.09 + move), 40) for move in (-1e-6, 1e-6)]
        assert slope - 20.5 / 0.91 * value == pytest.approx((ends[1] - ends[0]) / 2e-6, rel=1e-6)
        with pytest.raises(TypeError, match="by its parameters"):
            jax.grad(lambda a: traced(1, a, 5.0, -1.0))(1.0)
