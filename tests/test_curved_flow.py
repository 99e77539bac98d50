"""Gradient flow of losses that are not quadratic, and SGD about it: equations (4.21) to (4.25) of Wang & Wu (2020)."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad, solve_ivp

from sgdtheory.catalogue import results
from sgdtheory.closed_form import value_at
from sgdtheory.errors import DomainError
from sgdtheory.numeric import experiment
from sgdtheory.numeric.claims import claim
from sgdtheory.numeric.curved_flow import states
from sgdtheory.numeric.evaluate import evaluate
from sgdtheory.processes.curved_flow import DRAWN, MODEL, NOISE, POSITION, course, curved_bowl, step, x, y
from sgdtheory.processes.update import update
from sgdtheory.symbols import lambda_

FORMS = [form for name, form in results.items() if name.startswith("diffusion.curved_flow")]
BOWL = [form for form in FORMS if not form.name.endswith("_flat")]
PLACES = [pytest.param(form, place, id=f"{form.name}:{k}") for form in FORMS for k, place in enumerate(form.points)]

# A loss whose Hessian turns along the flow: it commutes with itself at no two times.
LOSS = x**2 / 2 + sp.Rational(3, 2) * y**2 + x**2 * y**2 / 2 + x * y / 3 + x**4 / 10
START, C, TIME = np.array([1.5, -1.0]), np.array([[1.0, 0.4], [0.4, 0.7]]), 1.0
eta = sp.Symbol("eta", positive=True)


@cache
def descent():
    """Return a step of gradient descent and its Jacobian, functions of x, y and the learning rate."""
    place = sp.Matrix([x, y])
    after, _ = update(place, 0 * place, sp.Matrix([LOSS]).jacobian(place).T, learning_rate=eta)
    return tuple(sp.lambdify([x, y, eta], part, "numpy") for part in (after, after.jacobian(place)))


def linearised(rate):
    """Return m/eta times the covariance of SGD at the end, exact for large batches."""
    after, factor = descent()
    place, covariance = START, np.zeros((2, 2))
    for _ in range(round(TIME / rate)):
        turn = factor(*place, rate)
        place, covariance = after(*place, rate)[:, 0], turn @ covariance @ turn.T + rate * C
    return covariance


def flowing(hessian_of=None):
    """Return where gradient flow ends, and the solution of S' = -H S - S H + C along it."""
    slope = sp.Matrix([LOSS]).jacobian([x, y])
    gradient = sp.lambdify([x, y], slope, "numpy")
    hessian = hessian_of or sp.lambdify([x, y], slope.jacobian([x, y]), "numpy")

    def rates(_, state):
        h, covariance = hessian(*state[:2]), state[2:].reshape(2, 2)
        return np.concatenate([-gradient(*state[:2])[0], (C - h @ covariance - covariance @ h).ravel()])

    found = solve_ivp(rates, (0, TIME), [*START, 0, 0, 0, 0], method="DOP853", rtol=1e-11, atol=1e-13).y[:, -1]
    return found[:2], found[2:].reshape(2, 2)


def errors(wanted, rates=(1 / 64, 1 / 128, 1 / 256)):
    return [np.max(np.abs(linearised(rate) - wanted)) for rate in rates]


def test_the_covariance_equation_is_right_to_the_first_order_in_the_learning_rate():
    """Any loss: the covariance of SGD for large batches misses equation (4.24) by a multiple of the learning rate."""
    _, wanted = flowing()
    first, second, third = errors(wanted)
    assert first < 0.1 * np.max(wanted)
    assert first / second == pytest.approx(2, abs=0.1)
    assert second / third == pytest.approx(2, abs=0.05)


def test_that_the_hessian_along_the_flow_matters():
    """With the Hessian of the start, or of the minimum, the error does not vanish with the learning rate."""
    hessian = sp.lambdify([x, y], sp.hessian(LOSS, [x, y]), "numpy")
    for place in (START, np.zeros(2)):
        _, wrong = flowing(lambda *_, place=place: hessian(*place))
        found = errors(wrong)
        assert found[-1] > 0.9 * found[0] > 0.02 * np.max(wrong)


def numbers(place):
    return {word: float(number) for word, number in place.items()}


def own_course(place, time):
    """Return position and variances over eta/m after a time, by integrating the equations; typed here once more."""
    p = numbers(place)
    curvature, quartic, c, v = (
        p[w] for w in ("curvature", "quartic_coefficient", "isotropic_noise", "curvature_spread")
    )

    def rates(_, state):
        X, along, across = state
        pull = quartic * X**2
        return [
            -(curvature + pull) * X,
            -2 * (curvature + 3 * pull) * along + c + v * X**2,
            -2 * (curvature + pull) * across + c,
        ]

    return solve_ivp(rates, (0, time), [p["displacement"], 0, 0], method="DOP853", rtol=1e-11, atol=1e-13).y[:, -1]


@pytest.mark.parametrize("steps", [1, 10, 150])
@pytest.mark.parametrize(("form", "place"), PLACES)
def test_the_closed_forms_solve_the_equations(form, place, steps):
    p = numbers(place)
    wanted = own_course(place, steps * p["learning_rate"])[form.observable.part]
    words = {word: p[word] for word in form.parameters} | {"steps": steps}
    assert evaluate(form, **words) == pytest.approx(wanted * float(form.observable.unit(place)), rel=1e-8)


@pytest.mark.parametrize("form", BOWL, ids=lambda form: form.name)
def test_a_flat_minimum_is_where_the_curvature_vanishes(form):
    """The difference is of the first order in the curvature."""
    (flat,) = (other for other in FORMS if other.name == f"{form.name}_flat")
    (limit,) = value_at(flat, form.points[0], digits=50)
    gaps = [
        value_at(form, {**form.points[0], "curvature": curvature}, digits=60)[0] / limit - 1
        for curvature in (sp.Rational(1, 10**6), sp.Rational(1, 2 * 10**6))
    ]
    assert abs(gaps[0]) < 1e-5
    assert float(gaps[0] / gaps[1]) == pytest.approx(2, abs=1e-4)
    assert lambda_ not in flat.value.free_symbols


def places(reached, count):
    """Return random places where eta lambda t is so much or up to a millionth more."""
    rng = np.random.default_rng(5)

    def size(most):
        return float(10 ** rng.uniform(-most, most))

    for _ in range(count):
        rate, steps, displacement, c = size(3), int(size(2)) + 1, size(2), size(3)
        curvature = reached * (1 + 1e-6 * rng.random()) / (rate * steps)
        drawn = dict(
            learning_rate=rate,
            batch_size=8,
            curvature=curvature,
            quartic_coefficient=size(7) * curvature / displacement**2,
            isotropic_noise=c,
            curvature_spread=rng.choice([0.0, size(3)]) * c / displacement**2,
            displacement=displacement,
            steps=steps,
        )
        yield {word: sp.Rational(float(number)) for word, number in drawn.items()}


def computed(form, place, **more):
    words = {word: number for word, number in numbers(place).items() if word in form.parameters}
    return evaluate(form, **words | {"steps": int(place["steps"])}, **more)


LIMITS = [(form, float(sp.Rational(least))) for form, least in zip(BOWL[1:], ("1/25", "1/100000"), strict=True)]
LIMITED = pytest.mark.parametrize(("form", "least"), LIMITS, ids=[form.name for form, _ in LIMITS])


@LIMITED
def test_digits_that_floating_point_loses_at_small_curvature(form, least):
    """Ten are left at the end of the domain, as the page says, and fewer beyond it."""

    def worst(reached, **more):
        return max(
            abs(computed(form, place, **more) / float(value_at(form, place, digits=60)[0]) - 1)
            for place in places(reached, 80)
        )

    assert worst(least * (1 + 1e-9)) < 1e-10
    assert worst(least / 100, check_domain=False) > 2e-10


@LIMITED
def test_what_would_lose_more_is_refused(form, least):
    for reached in (0.999 * least, 0.01 * least, 1e-9 * least):
        for place in places(reached, 3):
            with pytest.raises(DomainError, match=r"Allowed: curvature\*learning_rate\*steps >= 1/"):
                computed(form, place)


@LIMITED
@pytest.mark.parametrize("share", [1, 0.01])
def test_how_far_off_the_flat_minimum_is_below(form, least, share):
    """By a share of at most 2.1 eta lambda t along the flow, eta lambda t across it; by half of that somewhere."""
    flat, most = results[f"{form.name}_flat"], 1.01 if "across" in form.name else 2.1
    gaps = [
        abs(computed(flat, place) / float(value_at(form, place, digits=60)[0]) - 1) / (share * least)
        for place in places(share * least, 100)
    ]
    assert most / 2.2 < max(gaps) < most


@pytest.mark.parametrize("form", BOWL[1:], ids=lambda form: form.name)
def test_numbers_of_sympy_lose_nothing(form):
    for place in places(1e-8, 5):
        words = {word: number for word, number in place.items() if word in form.parameters}
        words |= {"learning_rate": float(place["learning_rate"])}
        found = evaluate(form, **words, check_domain=False)
        assert float(found) == pytest.approx(float(value_at(form, place, digits=60)[0]), rel=1e-14)


@pytest.mark.parametrize("reached", [50, 177, 500, 5000])
@pytest.mark.parametrize("form", BOWL[1:], ids=lambda form: form.name)
def test_late_times(form, reached):
    """What falls as exp(-2 eta lambda t) is not written as one over what grows and overflows."""
    for place in places(reached, 5):
        assert computed(form, place) == pytest.approx(float(value_at(form, place, digits=60)[0]), rel=1e-12)


@pytest.mark.parametrize("displacement", [1, 0])
@pytest.mark.parametrize("quartic", ["1e-15", "1e-17", "0"])
@pytest.mark.parametrize("name", ["variance", "variance_across"])
def test_a_random_walk_where_there_is_hardly_a_loss(name, quartic, displacement):
    form = results[f"diffusion.curved_flow_{name}_flat"]
    more = {"quartic_coefficient": sp.Rational(quartic), "displacement": displacement, "curvature_spread": 0}
    place = form.points[0] | {word: sp.sympify(number) for word, number in more.items()}
    wanted = place["isotropic_noise"] * place["learning_rate"] ** 2 * place["steps"] / place["batch_size"]
    assert computed(form, place) == pytest.approx(float(wanted), rel=1e-14)


@pytest.mark.parametrize("place", results["diffusion.curved_flow_variance"].points)
def test_in_one_dimension_it_is_an_integral_over_places(place):
    """V = (eta/m) g(X)^2 times the integral of noise/g^3 from X to the start."""
    p = numbers(place)

    def slope(at):
        return p["curvature"] * at + p["quartic_coefficient"] * at**3

    end = float(claim(results["diffusion.curved_flow"], place)[0])
    total, _ = quad(
        lambda at: (p["isotropic_noise"] + p["curvature_spread"] * at**2) / slope(at) ** 3, end, p["displacement"]
    )
    wanted = p["learning_rate"] / p["batch_size"] * slope(end) ** 2 * total
    assert float(claim(results["diffusion.curved_flow_variance"], place)[0]) == pytest.approx(wanted, rel=1e-8)


def beyond_the_first_order(form, place):
    """Return by how many standard errors what noise does beyond the first order moves the estimate of rung 4.

    The same draws with batches 10^8 times as large move a run as the linear theory has it.
    """
    truth = claim(form, place)
    trial = experiment.prepare(form.observable, form.process, place, claim=truth, truth=truth)
    larger = tuple(sorted({**place, "batch_size": place["batch_size"] * 10**8}.items()))
    fewer = replace(trial, replicas=min(trial.replicas, 20_000))
    found, linear = states(fewer, "draws", 1), states(replace(fewer, place=larger), "draws", 1)
    centre = np.array([[float(course(form.process, place)[POSITION])], [0.0]])
    linear = centre + 1e4 * (linear - centre)
    row = 1 if "across" in form.name else 0
    means = trial.part == POSITION
    found, linear = (part[row].mean() if means else part[row].var(ddof=1) for part in (found, linear))
    return abs(trial.factor) * abs(found - linear) / trial.deviation * np.sqrt(trial.replicas)


@pytest.mark.parametrize(("form", "place"), PLACES)
def test_batches_of_the_points_are_large_enough(form, place):
    """What a simulation is not corrected for is far below its standard error."""
    assert beyond_the_first_order(form, place) < 0.1


def test_smaller_batches_would_be_seen():
    form = results["diffusion.curved_flow_variance"]
    assert beyond_the_first_order(form, {**form.points[1], "batch_size": sp.Integer(4)}) > 1


def test_noise_along_the_flow_or_at_the_run():
    """Theorem 5: runs of (4.21) and (4.22) on the same draws differ by O(eta/m); from the flow both by its root."""
    place = results["diffusion.curved_flow_variance"].points[0]
    model, rate = {word: place[word] for word in MODEL}, place["learning_rate"]
    own = step(curved_bowl, rate, model)
    X = sp.Symbol("X", real=True)
    bend, tilt, _ = DRAWN
    on_the_flow = own.subs({bend: 0, tilt: tilt + bend * X}, simultaneous=True)
    own, on_the_flow = (sp.lambdify([x, y, *DRAWN, X], list(after), "numpy") for after in (own, on_the_flow))
    gaps = []
    for batch in (10**6, 4 * 10**6):
        rng = np.random.default_rng(3)
        deviations = np.sqrt([[float(place[word]) / batch] for word in NOISE])
        at_the_run = taken_along = np.array([[2.0], [0.0]]) * np.ones((1, 2000))
        flow = np.array([2.0, 0.0])
        for _ in range(int(place["steps"])):
            draws = deviations * rng.standard_normal((3, 2000))
            at_the_run = np.array(own(*at_the_run, *draws, flow[0]))
            taken_along = np.array(on_the_flow(*taken_along, *draws, flow[0]))
            flow = np.array(own(*flow, 0.0, 0.0, 0.0, flow[0]))
        pair = (at_the_run - taken_along, at_the_run - flow[:, None])
        gaps.append([np.sqrt(np.mean(part**2)) for part in pair])
    (between, away), (between_4, away_4) = gaps
    assert between / between_4 == pytest.approx(4, rel=0.01)
    assert away / away_4 == pytest.approx(2, rel=0.01)
