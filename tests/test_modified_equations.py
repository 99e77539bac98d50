"""What lies between SGD and its differential equations: SVAG, and the modified equation of second order."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

import sgdtheory as st
from sgdtheory.algebra.lyapunov import solve_lyapunov
from sgdtheory.algebra.series import leading_error, leading_term
from sgdtheory.closed_form import Limit
from sgdtheory.processes.modified_equation import modified_equation, over_a_time
from sgdtheory.processes.variance_amplified import variance_amplified
from sgdtheory.symbols import C_ii, C_ij, delta_i, ell, eta, lambda_i, lambda_j, m, t

H = np.array([[2.0, 0.4], [0.4, 0.5]])
C = np.array([[1.5, -0.6], [-0.6, 2.0]])
FULL = {"hessian": H, "noise": C, "learning_rate": 0.3, "batch_size": 4}


# SVAG.


@pytest.mark.parametrize(
    ("amplified", "plain"),
    [
        ("amplified_covariance", "stationary_covariance"),
        ("amplified_excess_loss", "stationary_excess_loss"),
        ("amplified_transient_covariance", "transient_covariance"),
    ],
)
def test_at_level_one_it_is_sgd(amplified, plain):
    found = st.results[f"diffusion.{amplified}"].value.subs(ell, 1)
    assert sp.simplify(found - st.results[f"quadratic.{plain}"].value) == 0


@pytest.mark.parametrize("quantity", ["covariance", "excess_loss"])
def test_at_a_high_level_it_is_the_differential_equation(quantity):
    """The distance falls like 1/l."""
    form = st.results[f"diffusion.amplified_{quantity}"]
    limit = st.results[f"quadratic.stationary_{quantity}_diffusion"].value
    x = sp.Symbol("x", positive=True)
    assert leading_term((form.value - limit).subs(ell, 1 / x), x)[0] == 1


def test_at_a_fixed_time_it_becomes_the_transient_law_of_the_equation():
    wanted = st.evaluate(st.results["quadratic.transient_covariance_diffusion"], **FULL, steps=7)
    found = [
        st.evaluate(
            st.results["diffusion.amplified_transient_covariance"], **FULL, amplification=level, steps=7 * level
        )
        for level in (1, 1000, 2000)
    ]
    early, late = (np.abs(covariance - wanted).max() for covariance in found[1:])
    assert early / late == pytest.approx(2, rel=0.01)
    assert np.abs(found[0] - wanted).max() > 100 * early


def test_it_converges_where_sgd_does_not():
    point = st.results["diffusion.amplified_covariance"].points[1]
    assert max(point["curvature"]) * point["learning_rate"] > 2


def test_its_gradient_has_the_mean_of_a_batch_and_l_times_the_variance():
    """Of steps of eta/l: the weights of the two batches add up to one and their squares to l."""
    root, first, second, zero = sp.sqrt(2 * ell - 1), *sp.symbols("n_1 n_2"), sp.zeros(1, 1)
    words = {"curvature": sp.Matrix([[0]]), "minimum": zero, "amplification": ell, "root": root}
    noise = (sp.Matrix([first]), sp.Matrix([second]))
    combined = ell * variance_amplified.gradient(zero, noise, **words)[0]
    weights = [sp.diff(combined, n) for n in (first, second)]
    assert sp.expand(sum(weights)) == 1
    assert sp.simplify(sum(weight**2 for weight in weights) - ell) == 0


# Weak orders.


def order(form, *, scaling, value=None):
    """Return the order of a limit's error under a scaling."""
    limit = Limit(exact=form.limit.exact, small=eta, scaling=scaling)
    return leading_error(replace(form, value=form.value if value is None else value, limit=limit)).order


TIME = {"steps": -1}  # a fixed time eta t and batch size: what weak orders are about
NOISE = {"steps": -1, "batch_size": 1}  # a fixed noise level as well
RATE = lambda_i * (1 + eta * lambda_i / 2)
WHOLE = (
    lambda_i
    / 2
    * (sp.exp(-2 * eta * t * RATE) * delta_i**2 + eta * C_ii * (1 - sp.exp(-2 * eta * t * RATE)) / (2 * m * RATE))
)  # the second moment of the second-order equation, nothing dropped


def test_the_mean_is_of_first_order_in_gradient_flow_and_of_second_in_the_modified_one():
    assert order(st.results["quadratic.mean_trajectory_diffusion"], scaling=TIME) == 1
    assert order(st.results["diffusion.modified_equation_mean"], scaling=TIME) == 2


def test_the_expected_loss_has_weak_order_one_and_two():
    first = st.results["quadratic.transient_excess_loss_diffusion"]
    second = st.results["diffusion.modified_equation_excess_loss"]
    assert order(first, scaling=TIME) == 1
    assert order(second, scaling=TIME) == 2
    assert order(second, scaling=TIME, value=WHOLE) == 2


def test_at_a_fixed_noise_level_the_second_order_equation_is_of_first_order():
    second = st.results["diffusion.modified_equation_excess_loss"]
    assert order(second, scaling=NOISE, value=WHOLE) == 1
    assert order(st.results["quadratic.transient_excess_loss_diffusion"], scaling=NOISE) == 1


# The stationary law moves the wrong way.


def variances():
    """Return the stationary variance of a mode: of SGD, and of the equations of order one and two."""
    names = (
        "quadratic.stationary_covariance",
        "quadratic.stationary_covariance_diffusion",
        "diffusion.modified_equation_covariance",
    )
    return [st.results[name].value.subs({lambda_j: lambda_i, C_ij: C_ii}) for name in names]


def test_the_second_order_equation_is_wrong_by_twice_as_much_as_the_first():
    exact, first, second = variances()
    (one, low), (two, lower) = (leading_term(exact - value, eta) for value in (first, second))
    assert one == two == 2
    assert sp.simplify(lower / low) == 2


def test_a_third_a_quarter_a_fifth():
    place = {eta: sp.Rational(1, 2), lambda_i: 1, C_ii: 1, m: 1}
    assert [value.subs(place) for value in variances()] == [sp.Rational(1, n) for n in (3, 4, 5)]


def test_its_covariance_solves_the_lyapunov_equation_of_its_drift():
    curvature, noise = sp.Matrix([[2, 1], [1, 3]]), sp.Matrix([[5, 1], [1, 2]])
    rate, batch = sp.Rational(3, 10), 4
    form = st.results["diffusion.modified_equation_covariance"]
    found = st.evaluate(form, hessian=curvature, noise=noise, learning_rate=rate, batch_size=batch)
    drift = curvature + rate / 2 * curvature**2
    assert (found - solve_lyapunov(drift, rate / batch * noise)).applyfunc(sp.simplify) == sp.zeros(2, 2)


# The looks that the checks take at it.


def test_two_short_times_are_one_long_time():
    drift, diffusion = sp.Matrix([[2, 1], [1, 3]]), sp.Matrix([[5, 1], [1, 2]])
    kept, gained = over_a_time(drift, diffusion, sp.Rational(1, 3))
    twice, more = over_a_time(drift, diffusion, sp.Rational(2, 3))
    for gap in (kept**2 - twice, kept * gained * kept.T + gained - more):
        assert max(abs(entry) for entry in gap) < sp.Float("1e-55")


def test_in_one_dimension_it_is_known():
    kept, gained = over_a_time(sp.Matrix([[2]]), sp.Matrix([[5]]), sp.Rational(1, 3))
    assert abs(kept[0] - sp.exp(-sp.Rational(2, 3)).evalf(60)) < sp.Float("1e-55")
    assert abs(gained[0] - (5 * (1 - sp.exp(-sp.Rational(4, 3))) / 4).evalf(60)) < sp.Float("1e-55")


def test_its_drift_is_down_the_gradient_of_the_modified_loss():
    """Read off the setting: at small rates (1 - exp(-eta K))/eta is K, which is H + (eta/2) H^2 to the next order."""
    point = {**st.results["diffusion.modified_equation_covariance"].points[0], "learning_rate": sp.Rational(1, 10**6)}
    (env,) = modified_equation.environments(point)
    gap = env.model["decay"] - env.hessian  # the modified drift adds (eta/2) H^2, the exponential takes it away
    assert max(abs(entry) for entry in gap) < 2e-12
