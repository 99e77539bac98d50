"""The exact recursion against plain enumeration of every path of batches, and of Gaussian draws by quadrature.

The enumeration shares nothing with the recursion but the samples: it runs every sequence of batches step by step.
"""

import itertools
from dataclasses import dataclass, replace

import numpy as np
import pytest
import sympy as sp

from sgdtheory.errors import DomainError
from sgdtheory.numeric.recursion import contraction, expectations, leading_form, moments, variances
from sgdtheory.processes.additive_noise import additive_noise, additive_noise_with_momentum
from sgdtheory.processes.forms import STATIONARY, Arm, Branch, Form, coordinates, loss, products
from sgdtheory.processes.gaussian_features import gaussian_features, gaussian_features_with_momentum
from sgdtheory.processes.process import point, with_momentum
from sgdtheory.processes.sampled_curvature import (
    point_with_samples,
    sampled_curvature,
    sampled_curvature_with_momentum,
    sampled_curvature_with_nesterov,
)
from sgdtheory.processes.sampled_quadratics import point_with_data, sampled_quadratics

DATA = ((1, 0), (2, 1), (-1, 3), (4, "-1/2"))
SAMPLINGS = ("replacement", "without_replacement", "reshuffle")
RATE = sp.Rational(2, 5)
# Three samples that share no eigenvectors; their mean curvature is diagonal and their gradients add up to zero.
CURVATURES = (((1, "1/2"), ("1/2", 2)), (("1/2", "-3/4"), ("-3/4", 1)), ((0, "1/4"), ("1/4", "3/2")))
GRADIENTS = ((1, -2), ("1/2", 1), ("-3/2", 1))
KNOBS = {
    "plain": (sampled_curvature, 0.0, False),
    "heavy": (sampled_curvature_with_momentum, 0.75, False),
    "nesterov": (sampled_curvature_with_nesterov, 0.75, True),
}


def batches_of(size, batch_size, sampling, steps):
    """Yield every sequence of batches of so many steps, all equally likely, the first epoch beginning with them."""
    indices = range(size)
    if sampling == "reshuffle":
        per_epoch = -(-size // batch_size)
        epochs = itertools.product(itertools.permutations(indices), repeat=-(-steps // per_epoch))
        for orders in epochs:
            cut = [order[first : first + batch_size] for order in orders for first in range(0, size, batch_size)]
            yield cut[:steps]
    else:
        choices = itertools.permutations if sampling == "without_replacement" else itertools.product
        again = {} if sampling == "without_replacement" else {"repeat": batch_size}
        one = list(choices(indices, batch_size) if not again else choices(indices, **again))
        yield from itertools.product(one, repeat=steps)


@dataclass
class Knobs:
    """An optimizer, written out here once more."""

    rate: float
    momentum: float = 0.0
    nesterov: bool = False

    def __call__(self, theta, velocity, gradient):
        velocity = self.momentum * velocity + gradient
        return theta - self.rate * (gradient + self.momentum * velocity if self.nesterov else velocity), velocity


def looks_of(gradient, sequence, start, knobs, times, *, decay=None, with_velocity=False):
    """Return the stacked states of one sequence of batches at the given times."""
    theta, velocity, average = start, 0 * start, start
    seen = []
    for time in range(max(times) + 1):
        if time in times:
            seen.append(theta)
            seen += [velocity] * with_velocity + [average] * (decay is not None)
        if time < max(times):
            theta, velocity = knobs(theta, velocity, gradient(theta, list(sequence[time])))
            average = None if decay is None else decay * average + (1 - decay) * theta
    return np.concatenate(seen)


def random_forms(size, count=3):
    rng = np.random.default_rng(3)
    return tuple(
        Form(
            sp.Matrix(size, size, lambda i, j: 0) + (lambda Q: Q + Q.T)(sp.Matrix(rng.integers(-3, 4, (size, size)))),
            sp.Matrix(rng.integers(-3, 4, (size, 1))),
            sp.Integer(int(rng.integers(-3, 4))),
        )
        for _ in range(count)
    )


def compare(process, arm, stacked):
    """Hold the recursion's expectations and variances of the arm's forms to those of all stacked states."""
    values = np.array(
        [
            np.einsum("ni,ij,nj->n", stacked, np.array(form.quadratic, dtype=float), stacked)
            + stacked @ np.array(form.linear, dtype=float)[:, 0]
            + float(form.constant)
            for form in arm.forms
        ]
    )
    found = [float(x) for x in expectations(process, [arm])]
    np.testing.assert_allclose(found, values.mean(axis=1), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(variances(process, [arm]), values.var(axis=1), rtol=1e-10)


@pytest.mark.parametrize("steps", [1, 2, 3])
@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_means_and_variances_of_forms(sampling, steps):
    """Third and fourth moments of the batch noise enter the variance of a quadratic form; the data are skewed."""
    values = point_with_data(learning_rate=RATE, batch_size=2, curvature=("1/2", 2), data=DATA[:3], sampling=sampling)
    (env,) = sampled_quadratics.environments(values)
    start = env.minimum + sp.Matrix([1, "1/3"])
    forms = (*products(env), *loss(env), *coordinates(sp.eye(2), env.minimum), *random_forms(2))
    H = np.array(env.hessian, dtype=float)
    samples = np.array([list(sample) for sample in env.noise.samples], dtype=float)

    def gradient(theta, batch):
        return H @ (theta - samples[batch].mean(axis=0))

    begin, knobs = np.array(start, dtype=float)[:, 0], Knobs(0.4)
    stacked = [looks_of(gradient, s, begin, knobs, (steps,)) for s in batches_of(3, 2, sampling, steps)]
    compare(sampled_quadratics, Arm(env, (Branch(RATE, start),), steps, forms), np.array(stacked))


@pytest.mark.parametrize("decay", [None, "1/3"])
@pytest.mark.parametrize("optimizer", KNOBS)
@pytest.mark.parametrize(("sampling", "batch_size", "times"), [("replacement", 1, (2, 3)), ("reshuffle", 2, (1, 2, 3))])
def test_random_curvature_with_all_that_can_be_seen(sampling, batch_size, times, optimizer, decay):
    """Several looks, the velocity, a moving average, momentum: every sequence of batches, one by one."""
    process, momentum, nesterov = KNOBS[optimizer]
    values = point_with_samples(
        curvatures=CURVATURES, gradients=GRADIENTS, sampling=sampling, batch_size=batch_size, learning_rate=RATE
    )
    (env,) = process.environments(values)
    start = env.minimum + sp.Matrix([1, "1/3"])
    A, g = (np.array([np.array(s[part], dtype=float) for s in env.noise.samples]) for part in (0, 1))
    minimum = np.array(env.minimum, dtype=float)[:, 0]

    def gradient(theta, batch):
        return A[batch].mean(axis=0) @ (theta - minimum) + g[batch].mean(axis=0)[:, 0]

    knobs, begin = Knobs(0.4, momentum, nesterov), np.array(start, dtype=float)[:, 0]
    seen = {"decay": None if decay is None else 1 / 3, "with_velocity": process.momentum}
    sequences = batches_of(3, batch_size, sampling, max(times))
    stacked = np.array([looks_of(gradient, s, begin, knobs, times, **seen) for s in sequences])
    branch = Branch(RATE, start, momentum=sp.Rational(momentum), averaging=decay and sp.Rational(decay))
    lags = tuple(time - times[0] for time in times[1:])
    arm = Arm(env, (branch,), times[0], random_forms(stacked.shape[1]), lags, velocity=process.momentum)
    compare(process, arm, stacked)


def test_branches_share_their_batches():
    values = point_with_samples(
        curvatures=(2, 1, "1/2"), gradients=(1, -3, 2), sampling="without_replacement", batch_size=2, learning_rate=RATE
    )
    (env,) = sampled_curvature.environments(values)
    branches = tuple(Branch(sp.Rational(rate), env.minimum + sp.Matrix([1])) for rate in ("2/5", "3/5"))
    A, g = (np.array([float(s[part][0]) for s in env.noise.samples]) for part in (0, 1))

    def gradient(theta, batch):
        return A[batch].mean() * (theta - 0.5) + g[batch].mean()

    begin = np.array([1.5])
    both = [
        np.concatenate([looks_of(gradient, s, begin, Knobs(rate), (2,)) for rate in (0.4, 0.6)])
        for s in batches_of(3, 2, "without_replacement", 2)
    ]
    compare(sampled_curvature, Arm(env, branches, 2, random_forms(2)), np.array(both))


@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize("process", [sampled_curvature, sampled_curvature_with_momentum])
def test_stationary_moments_are_the_limit_of_long_runs(process, sampling):
    """At the end of an epoch of two batches, and one batch later."""
    values = point_with_samples(
        curvatures=("1/2", 2, 1), gradients=(1, -3, 2), sampling=sampling, batch_size=2, learning_rate=RATE
    )
    (env,) = process.environments(values)
    forms = random_forms(2)
    branch = (Branch(RATE, env.minimum, momentum=sp.Rational(int(process.momentum), 2)),)
    for phase in (0, 1):
        late, settled = (Arm(env, branch, time, forms, (1,)) for time in (60 + phase, STATIONARY))
        settled = replace(settled, phase=phase)
        for of in (expectations, variances):
            found = [np.array([float(x) for x in of(process, [arm])]) for arm in (late, settled)]
            np.testing.assert_allclose(*found, rtol=1e-7)


def test_shuffled_epochs_move_the_mean_and_fresh_batches_do_not():
    found = {}
    for sampling in SAMPLINGS:
        values = point_with_samples(
            curvatures=("1/2", 2, 1), gradients=(1, -3, 2), sampling=sampling, batch_size=1, learning_rate=RATE
        )
        (env,) = sampled_curvature.environments(values)
        arm = Arm(env, (Branch(RATE, env.minimum),), STATIONARY, coordinates(sp.eye(1), env.minimum))
        (found[sampling],) = expectations(sampled_curvature, [arm])
    assert found["replacement"] == found["without_replacement"] == 0
    assert abs(found["reshuffle"]) > 0.1


@pytest.mark.parametrize("batch_size", [1, 2])
def test_gaussian_features_by_quadrature(batch_size):
    """Two steps in one dimension; the quadrature is exact for the polynomials of degree 16 that occur."""
    values = point(curvature=("3/2",), noise_variance="1/2", batch_size=batch_size)
    (env,) = gaussian_features.environments(values)
    nodes, weights = np.polynomial.hermite_e.hermegauss(9 if batch_size == 1 else 5)
    weights = weights / weights.sum()
    if batch_size == 2:  # fewer nodes, so one step only
        few = [np.array(x) for x in (nodes, weights)]
        grid = np.array(list(itertools.product(range(5), repeat=4)))
        x, e, w = np.sqrt(1.5) * few[0][grid[:, :2]], np.sqrt(0.5) * few[0][grid[:, 2:]], few[1][grid].prod(axis=1)
    else:
        grid = np.array(list(itertools.product(range(9), repeat=2)))
        x, e, w = np.sqrt(1.5) * nodes[grid[:, :1]], np.sqrt(0.5) * nodes[grid[:, 1:]], weights[grid].prod(axis=1)
    states, chances = np.array([1.25]), np.array([1.0])
    for _ in range(3 - batch_size):
        gradient = (x * (x * (states[:, None, None] - 0.5) - e)).mean(axis=2)
        states = (states[:, None] - 0.2 * gradient).ravel()
        chances = np.outer(chances, w).ravel()
    forms = random_forms(1)
    arm = Arm(env, (Branch(sp.Rational(1, 5), sp.Matrix(["5/4"])),), 3 - batch_size, forms)
    seen = np.array(
        [float(f.quadratic[0]) * states**2 + float(f.linear[0]) * states + float(f.constant) for f in forms]
    )
    mean = seen @ chances
    np.testing.assert_allclose([float(v) for v in expectations(gaussian_features, [arm])], mean, rtol=1e-12)
    spread = np.square(seen - mean[:, None]) @ chances
    np.testing.assert_allclose(variances(gaussian_features, [arm]), spread, rtol=1e-10)


def test_gaussian_features_by_the_theorem_of_isserlis():
    """E[x x' S x x'] = 2 H S H + tr(HS) H, for a batch of three, exactly."""
    values = point(curvature=("3/2", "1/2"), noise_variance="2/3", batch_size=3)
    (env,) = gaussian_features_with_momentum.environments(values)
    offset, rate = sp.Matrix([1, "-1/2"]), sp.Rational(1, 5)
    H, S = env.hessian, offset * offset.T
    square = ((2 * H * S * H + (H * S).trace() * H) + sp.Rational(2, 3) * H) / 3 + sp.Rational(2, 3) * H * S * H
    wanted = S - rate * (H * S + S * H) + rate**2 * square
    arm = Arm(env, (Branch(rate, env.minimum + offset, momentum=sp.Rational(1, 2)),), 1, products(env))
    found = expectations(gaussian_features_with_momentum, [arm])
    assert [sp.Rational(x.numerator, x.denominator) for x in found] == list(wanted)


def test_additive_noise_is_gaussian_to_fourth_order():
    """A linear form of Gaussian variables has the variance of its square, 2 v^2 + 4 v mean^2."""
    (env,) = additive_noise.environments(point(curvature=(1, 2), noise=((2, 1), (1, 3)), batch_size=1))
    arm = Arm(env, (Branch(RATE, env.minimum + sp.Matrix([1, 2])),), 3, loss(env))
    second = moments(additive_noise, arm, 2).astype(float)
    mean = second[0, 1:] - np.array(env.minimum, dtype=float)[:, 0]
    S, H = second[1:, 1:] - np.outer(second[0, 1:], second[0, 1:]), np.array(env.hessian, dtype=float)
    wanted = np.trace(H @ S @ H @ S) / 2 + mean @ H @ S @ H @ mean
    np.testing.assert_allclose(variances(additive_noise, [arm]), [wanted], rtol=1e-12)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("process", [sampled_curvature, with_momentum(gaussian_features), additive_noise_with_momentum])
def test_a_leading_form_is_multiplied_by_its_factor_at_each_step(process, order):
    values = {"curvature": ("3/2", "1/2"), "batch_size": 2, "noise_variance": 1, "noise": ((1, 0), (0, 2))}
    if process is sampled_curvature:
        words = {"curvatures": CURVATURES, "gradients": GRADIENTS, "batch_size": 2, "sampling": "replacement"}
        values = point_with_samples(**words)
    (env,) = process.environments(point(**values) if process is not sampled_curvature else values)
    start = env.minimum + sp.Matrix([1, "1/3"])
    branch = Branch(sp.Rational(1, 4), start, momentum=sp.Rational(int(process.momentum), 10))
    arm = Arm(env, (branch,), 0, (), velocity=process.momentum)
    factor, form = leading_form(process, arm, order)
    seen = [float(expectations(process, [replace(arm, time=time, forms=(form,))])[0]) for time in range(4)]
    np.testing.assert_allclose(seen, seen[0] * factor ** np.arange(4), rtol=1e-10, atol=1e-12)
    assert abs(seen[0]) > 1e-3


def test_what_does_not_exist_is_refused():
    values = point_with_samples(curvatures=(4, 1), gradients=(1, -1), sampling="replacement", batch_size=1)
    (env,) = sampled_curvature.environments(values)
    arm = Arm(env, (Branch(sp.Rational(11, 20), env.minimum),), STATIONARY, products(env))
    assert expectations(sampled_curvature, [arm])[0] > 0
    with pytest.raises(DomainError, match="order 4"):
        variances(sampled_curvature, [arm])
    with pytest.raises(TypeError, match="no velocity"):
        expectations(sampled_curvature, [replace(arm, velocity=True)])
    turning = Branch(sp.Rational(1, 2), env.minimum, momentum=sp.Rational(9, 10))
    with pytest.raises(DomainError, match="turns"):
        leading_form(sampled_curvature_with_momentum, Arm(env, (turning,), 0, (), velocity=True), 1)


def test_what_is_left_of_a_start():
    """Per step for fresh batches, per epoch for shuffled ones, whose mean has to settle as well."""
    found = {}
    for sampling in SAMPLINGS:
        values = point_with_samples(curvatures=("1/2", 2, 1), gradients=(1, -3, 2), sampling=sampling, batch_size=2)
        (env,) = sampled_curvature.environments(values)
        found[sampling] = contraction(sampled_curvature, Arm(env, (Branch(RATE, env.minimum),), STATIONARY, ()))
    means = np.array([1.25, 0.75, 1.5])
    np.testing.assert_allclose(found["without_replacement"][0], np.mean((1 - 0.4 * means) ** 2), rtol=1e-12)
    last = np.array([1, 2, 0.5])
    np.testing.assert_allclose(found["reshuffle"][0], np.mean((1 - 0.4 * means) * (1 - 0.4 * last)), rtol=1e-12)
    assert [period for _, period in found.values()] == [1, 1, 2]
