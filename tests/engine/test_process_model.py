"""Models of the engine read off the theory's processes: one step of a block is the process's own step."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import sympy as sp

from sgdtheory.catalogue import results
from sgdtheory.closed_form import Kind
from sgdtheory.numeric.engine.model import GaussianModel
from sgdtheory.numeric.engine.numpy_block import NumpyBlock
from sgdtheory.numeric.engine.process_model import affine_gradient, process_model
from sgdtheory.numeric.recursion import fractions
from sgdtheory.numeric.sampling import square_root
from sgdtheory.optimizers import SGD
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.noise import BatchMean, GaussianNoise
from sgdtheory.processes.process import point
from sgdtheory.processes.sampled_quadratics import sampled_quadratics

REPLICAS, RATE = 7, 0.3
SETTINGS = {
    f"{name}-{number}": (form.process, form.process.environments(values)[-1])
    for name, form in results.items()
    if form.kind is Kind.EXACT
    for number, values in enumerate(form.points)
}
(GAUSSIAN,) = additive_noise.environments(point(curvature=(2, 1), noise=((4, 1), (1, 2))))


def drawn_and_its_noise(model, noise, rng):
    """Return draws for one step of a block, and the noise argument (d, replicas) that they stand for."""
    if isinstance(model, GaussianModel):
        normals = rng.standard_normal((model.root.shape[1], REPLICAS))
        return normals, square_root(np.array(noise.covariance, dtype=float)) @ normals
    indices = rng.integers(0, len(noise.samples), (noise.batch_size, REPLICAS))
    samples = np.array([list(sample) for sample in noise.samples], dtype=float)
    return indices, samples[indices].mean(axis=0).T


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_step_of_a_block_is_the_step_of_the_process(setting):
    """To rounding, from states that are nowhere special."""
    process, environment = SETTINGS[setting]
    rng = np.random.default_rng(1)
    model = process_model(process, environment)
    drawn, noise = drawn_and_its_noise(model, environment.noise, rng)
    minimum = np.array(environment.minimum, dtype=float)
    offsets = rng.standard_normal((len(minimum), REPLICAS))
    block = NumpyBlock(model, SGD(RATE, len(drawn)), offsets, REPLICAS, np.random.SeedSequence(0))
    block.follow(drawn[None])
    numbers = {word: np.array(value, dtype=float) for word, value in environment.model.items()}
    after = process.step(minimum + offsets, noise, learning_rate=RATE, **numbers)
    np.testing.assert_allclose(block.state() + minimum, after, rtol=1e-13, atol=1e-13)


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


def test_both_laws_of_noise_occur_in_the_catalogue():
    assert {type(environment.noise) for _, environment in SETTINGS.values()} == {GaussianNoise, BatchMean}
