"""Models of the engine read off the theory's processes: one step of a block is the process's own step."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pytest
import sympy as sp

from sgdtheory.catalogue import results
from sgdtheory.closed_form import Kind
from sgdtheory.numeric.engine.accelerated_block import AcceleratedBlock
from sgdtheory.numeric.engine.numpy_block import NumpyBlock
from sgdtheory.numeric.engine.process_model import affine_gradient, process_model
from sgdtheory.numeric.rational import fractions
from sgdtheory.numeric.sampling import square_root
from sgdtheory.optimizers import SGD
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.processes.noise import (
    BatchCurvature,
    BatchMean,
    DrawnWorker,
    FeatureNoise,
    GaussianNoise,
    SeveralBatches,
)
from sgdtheory.processes.process import point
from sgdtheory.processes.sampled_curvature import point_with_samples, sampled_curvature
from sgdtheory.processes.sampled_quadratics import sampled_quadratics

REPLICAS, RATE = 7, 0.3
SETTINGS = {
    f"{name}-{number}": (form.process, form.process.environments(values)[-1])
    for name, form in results.items()
    if form.kind is Kind.EXACT and form.process.environments(form.points[0])
    for number, values in enumerate(form.points)
}
(GAUSSIAN,) = additive_noise.environments(point(curvature=(2, 1), noise=((4, 1), (1, 2))))


def drawn_and_its_noise(model, noise, rng):
    """Return draws for one step of a block, and for each replica the noise argument that they stand for."""
    if isinstance(noise, GaussianNoise):
        normals = rng.standard_normal((model.root.shape[1], REPLICAS))
        drawn = square_root(np.array(noise.covariance, dtype=float)) @ normals
        return normals, [drawn[:, [r]] for r in range(REPLICAS)]
    if isinstance(noise, SeveralBatches):
        d = noise.covariance.rows
        normals = rng.standard_normal((noise.count * d, REPLICAS))
        root = square_root(np.array(noise.covariance, dtype=float))
        parts = [root @ normals[d * k : d * (k + 1)] for k in range(noise.count)]
        return normals, [tuple(part[:, [r]] for part in parts) for r in range(REPLICAS)]
    if isinstance(noise, FeatureNoise):
        normals = rng.standard_normal((noise.batch_size, model.root.shape[1] + 1, REPLICAS))
        root = square_root(np.array(noise.covariance, dtype=float))
        errors = float(noise.noise_variance) ** 0.5 * normals[:, -1]
        x = [root @ normals[:, :-1, r].T for r in range(REPLICAS)]  # (d, batch)
        return normals, [
            (x[r] @ x[r].T / noise.batch_size, -(x[r] @ errors[:, [r]]) / noise.batch_size) for r in range(REPLICAS)
        ]
    if isinstance(noise, DrawnWorker):
        return drawn_and_its_noise(model, noise.noise, rng)
    indices = rng.integers(0, len(noise.samples), (noise.batch_size, REPLICAS))
    if isinstance(noise, BatchCurvature):
        parts = [np.array([np.array(s[part], dtype=float) for s in noise.samples]) for part in (0, 1)]
        return indices, [tuple(part[indices[:, r]].mean(axis=0) for part in parts) for r in range(REPLICAS)]
    samples = np.array([np.array(sample, dtype=float) for sample in noise.samples])
    return indices, [samples[indices[:, r]].mean(axis=0) for r in range(REPLICAS)]


@pytest.mark.parametrize("setting", SETTINGS)
def test_two_steps_of_a_block_are_those_of_the_process(setting):
    """To rounding, from states that are nowhere special; the second finds a velocity."""
    process, environment = SETTINGS[setting]
    rng = np.random.default_rng(1)
    model, noise = process_model(process, environment), environment.noise
    minimum = np.array(environment.minimum, dtype=float)
    offsets = rng.standard_normal((len(minimum), REPLICAS))
    momentum = 0.75 * process.momentum
    schedule = process.schedule or (lambda step: momentum)
    optimizer = SGD(RATE, getattr(noise, "batch_size", 1), momentum, process.nesterov)
    if process.memory:  # the first two steps of a delay take both gradients at the start
        optimizer = replace(optimizer, delay=2)
    maker = partial(AcceleratedBlock, maker=NumpyBlock, schedule=schedule) if process.schedule else NumpyBlock
    block = maker(model, optimizer, offsets, REPLICAS, np.random.SeedSequence(0))
    numbers = {word: np.array(value, dtype=float) for word, value in environment.model.items()}
    after = [(minimum + offsets[:, [r]], 0 * minimum) for r in range(REPLICAS)]
    at_start = [{"old": minimum + offsets[:, [r]]} if process.memory else {} for r in range(REPLICAS)]
    for step in range(2):
        drawn, noises = drawn_and_its_noise(model, noise, rng)
        block.follow(drawn[None])
        after = [
            process.move(*before, drawn, learning_rate=RATE, momentum=float(schedule(step)), **numbers, **at_start[r])
            for r, (before, drawn) in enumerate(zip(after, noises, strict=True))
        ]
    parameters, velocity = (np.hstack(columns) for columns in zip(*after, strict=True))
    np.testing.assert_allclose(block.state() + minimum, parameters, rtol=1e-12, atol=1e-12)
    if process.momentum:
        np.testing.assert_allclose(block.velocity(), velocity, rtol=1e-12, atol=1e-12)


def test_a_scale_multiplies_the_noise():
    plain, scaled = (process_model(additive_noise, GAUSSIAN, scale) for scale in (1, sp.Rational(1, 4)))
    assert np.array_equal(scaled.root, plain.root / 4)
    assert np.array_equal(scaled.hessian, plain.hessian)


def test_the_gradient_is_read_off_in_exact_fractions():
    gradient = affine_gradient(additive_noise, GAUSSIAN)
    assert np.array_equal(gradient.curvature, fractions(GAUSSIAN.hessian))
    assert np.array_equal(gradient.spread, fractions(sp.eye(2)))
    assert np.array_equal(gradient.constant, fractions(sp.zeros(2, 1))[:, 0])


@dataclass(frozen=True)
class OtherNoise:
    """A law of noise that has no model."""


BENT = {
    "curved": lambda theta, noise, *, curvature, minimum: (theta - minimum) ** 2 + noise,
    "curvature drawn with the noise": lambda theta, noise, *, curvature, minimum: noise * (theta - minimum) + noise,
    "no symmetric curvature": lambda theta, noise, *, curvature, minimum: (
        (theta - minimum)[::-1] * np.array([[1], [2]]) + noise
    ),
    "mean away from the minimum": lambda theta, noise, *, curvature, minimum: curvature @ theta + noise,
    "noise of mean one": lambda theta, noise, *, curvature, minimum: curvature @ (theta - minimum) + noise + 1,
}


@pytest.mark.parametrize("bend", BENT)
def test_other_gradients_are_refused(bend):
    process = replace(additive_noise, name="bent", gradient=BENT[bend])
    with pytest.raises(TypeError, match="bent"):
        process_model(process, GAUSSIAN)


def test_samples_whose_mean_is_not_the_minimum_are_refused():
    values = point(curvature=(2, 1), data=((1, 0), (0, 1), (3, 1)), sampling="replacement", batch_size=2)
    (environment,) = sampled_quadratics.environments(values)
    process_model(sampled_quadratics, environment)
    moved = replace(environment, minimum=environment.minimum + sp.Matrix([sp.Rational(1, 10**12), 0]))
    with pytest.raises(TypeError, match="does not vanish"):
        process_model(sampled_quadratics, moved)


def test_other_laws_of_noise_are_refused():
    with pytest.raises(TypeError, match=r"no model of .* under OtherNoise"):
        process_model(additive_noise, replace(GAUSSIAN, noise=OtherNoise()))


OTHERS = {
    "mean gradient away from zero": lambda theta, batch, *, minimum: batch[0] @ (theta - minimum) + batch[1] + 1,
    "curvature squared": lambda theta, batch, *, minimum: batch[0] @ batch[0] @ (theta - minimum) + batch[1],
}


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("process", [sampled_curvature, gaussian_features])
def test_gradients_that_are_not_those_of_their_batch_are_refused(process, other):
    values = {"curvatures": (1, 2), "gradients": (1, -1), "sampling": "replacement", "batch_size": 1}
    values = point_with_samples(noise_variance=1, **values)
    (environment,) = process.environments(values)
    process_model(process, environment)
    with pytest.raises(TypeError, match="gradient of"):
        process_model(replace(process, gradient=OTHERS[other]), environment)


@pytest.mark.parametrize("process", [sampled_curvature, gaussian_features])
def test_random_curvature_has_no_noise_to_scale(process):
    values = {"curvatures": (1, 2), "gradients": (1, -1), "sampling": "replacement", "batch_size": 1}
    (environment,) = process.environments(point_with_samples(noise_variance=1, **values))
    with pytest.raises(TypeError, match="scaled"):
        process_model(process, environment, sp.Rational(1, 2))


def test_every_law_of_noise_occurs_in_the_catalogue():
    found = {type(environment.noise) for _, environment in SETTINGS.values()}
    assert found == {GaussianNoise, BatchMean, BatchCurvature, FeatureNoise, DrawnWorker, SeveralBatches}
