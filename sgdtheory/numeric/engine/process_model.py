"""From a process of the theory to a model of the engine, read off the process's own gradient.

``gradient(theta, noise) = G theta + F noise + c`` is applied to basis vectors of exact rationals, as the moment
recursion does with the step: no engine has a formula of its own. A law of noise under which the gradient is not of
this form, such as curvature that is drawn with the sample, registers a model of its own with ``noise_model``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial, singledispatch
from typing import Any

import numpy as np
import sympy as sp

from sgdtheory.numeric.engine.model import (
    GaussianFeaturesModel,
    GaussianModel,
    MatrixModel,
    Model,
    SharedCurvatureModel,
)
from sgdtheory.numeric.rational import exact, fraction, fractions, identity, zeros
from sgdtheory.numeric.sampling import square_root
from sgdtheory.processes.noise import (
    BatchCurvature,
    BatchMean,
    DrawnWorker,
    FeatureNoise,
    GaussianNoise,
    SeveralBatches,
)
from sgdtheory.processes.process import Environment, Process


@dataclass(frozen=True)
class AffineGradient:
    """The gradient ``curvature @ e + spread @ noise + constant`` at theta = minimum + e, in exact fractions.

    Attributes
    ----------
    curvature, spread, constant
        (d, d), (d, d) and (d,).
    """

    curvature: np.ndarray
    spread: np.ndarray
    constant: np.ndarray


def process_model(process: Process, environment: Environment, noise_scale: sp.Expr | int = 1) -> Model:
    """Return what the backends run for a process in a setting, about the minimum; the noise may be scaled.

    Raises
    ------
    TypeError
        If the gradient is not affine with one curvature, or its mean does not vanish at the minimum.

    Examples
    --------
    >>> from sgdtheory.processes.additive_noise import additive_noise
    >>> from sgdtheory.processes.process import point
    >>> (environment,) = additive_noise.environments(point(curvature=(2,), noise=((4,),)))
    >>> process_model(additive_noise, environment)
    GaussianModel(hessian=array([[2.]]), root=array([[2.]]))
    """
    return noise_model(environment.noise, process, environment, fraction(noise_scale))


@singledispatch
def noise_model(noise: Any, process: Process, environment: Environment, scale: Fraction) -> Model:
    """Return the model of a process under a law of noise; each law registers its own."""
    raise TypeError(f"no model of {process.name!r} under {type(noise).__name__}; register one with noise_model")


@noise_model.register
def _(noise: GaussianNoise, process: Process, environment: Environment, scale: Fraction) -> Model:
    gradient = affine_gradient(process, environment)
    _check_mean(process, gradient.constant)
    root = (scale * gradient.spread).astype(float) @ square_root(np.array(noise.covariance, dtype=float))
    return GaussianModel(gradient.curvature.astype(float), root)


@noise_model.register
def _(noise: BatchMean, process: Process, environment: Environment, scale: Fraction) -> Model:
    gradient = affine_gradient(process, environment)
    samples = np.array([fractions(sample)[:, 0] for sample in noise.samples])
    gradients = samples @ (scale * gradient.spread).T + gradient.constant
    _check_mean(process, gradients.sum(axis=0))
    return SharedCurvatureModel(gradient.curvature.astype(float), gradients.astype(float))


@noise_model.register
def _(noise: BatchCurvature, process: Process, environment: Environment, scale: Fraction) -> Model:
    _refuse_scale(process, scale)
    samples = [tuple(map(fractions, sample)) for sample in noise.samples]
    curvatures, gradients = zip(*(_of_sample(process, environment, sample) for sample in samples), strict=True)
    pair = tuple((one + other) / 2 for one, other in zip(samples[0], samples[-1], strict=True))
    means = _of_sample(process, environment, pair)
    halves = ((curvatures[0] + curvatures[-1]) / 2, (gradients[0] + gradients[-1]) / 2)
    if any(np.any(mean != half) for mean, half in zip(means, halves, strict=True)):
        raise TypeError(f"the gradient of {process.name!r} is not the mean of its samples' gradients")
    _check_mean(process, np.sum(gradients, axis=0))
    return MatrixModel(np.array(curvatures, dtype=float), np.array(gradients, dtype=float)[:, :, 0])


@noise_model.register
def _(noise: FeatureNoise, process: Process, environment: Environment, scale: Fraction) -> Model:
    _refuse_scale(process, scale)
    x = fractions(sp.Matrix([sp.Rational(i + 3, 2 * i + 1) for i in range(noise.covariance.rows)]))
    sample = (x @ x.T, -5 * x)  # features nowhere special, a target that is off by five
    if any(np.any(f != part) for f, part in zip(_of_sample(process, environment, sample), sample, strict=True)):
        raise TypeError(f"the gradient of {process.name!r} is not that of a squared error")
    covariance = np.array(noise.covariance, dtype=float)
    return GaussianFeaturesModel(square_root(covariance), float(noise.noise_variance) ** 0.5)


@noise_model.register
def _(noise: DrawnWorker, process: Process, environment: Environment, scale: Fraction) -> Model:
    return noise_model(noise.noise, process, environment, scale)


@noise_model.register
def _(noise: SeveralBatches, process: Process, environment: Environment, scale: Fraction) -> Model:
    parts = [
        affine_gradient(replace(process, gradient=partial(_with_one_batch, process.gradient, picked)), environment)
        for picked in np.eye(noise.count, dtype=int).tolist()
    ]
    if any(np.any(part.curvature != parts[0].curvature) for part in parts):
        raise TypeError(f"the curvature of {process.name!r} depends on the batch")
    _check_mean(process, parts[0].constant)
    root = square_root(np.array(noise.covariance, dtype=float))
    roots = [(scale * part.spread).astype(float) @ root for part in parts]
    return GaussianModel(parts[0].curvature.astype(float), np.hstack(roots))


def _with_one_batch(gradient: Any, picked: list[int], parameters: Any, noise: Any, **words: Any) -> Any:
    """Return the gradient where one of several batches alone has noise."""
    return gradient(parameters, tuple(share * noise for share in picked), **words)


def _of_sample(process: Process, environment: Environment, sample: tuple) -> tuple[np.ndarray, np.ndarray]:
    """Return the symmetric curvature and the gradient at the minimum of one sample, as columns."""
    words, minimum, unit = _exact(environment)
    at_minimum = process.gradient_at(minimum, sample, **words)
    curvature = process.gradient_at(minimum + unit, sample, **words) - at_minimum
    if np.any(curvature != curvature.T):
        raise TypeError(f"the gradient of {process.name!r} has no symmetric curvature")
    return curvature, at_minimum


def _exact(environment: Environment) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Return the gradient's keywords, the minimum and the unit vectors, in fractions."""
    words = {word: exact(value) for word, value in environment.model.items()}
    minimum = fractions(environment.minimum)
    return words, minimum, identity(len(minimum))


def affine_gradient(process: Process, environment: Environment) -> AffineGradient:
    """Return the process's gradient about the minimum, read off basis vectors."""
    words, minimum, unit = _exact(environment)
    d = len(minimum)
    zero = zeros(d, 1)

    def gradient(offset: np.ndarray, noise: np.ndarray) -> np.ndarray:
        return process.gradient_at(minimum + offset, noise, **words)

    c = gradient(zero, zero)
    G = np.hstack([gradient(unit[:, [i]], zero) - c for i in range(d)])
    F = np.hstack([gradient(zero, unit[:, [i]]) - c for i in range(d)])
    # At a point without zeros every other form would show.
    offset, noise = (fractions(sp.Matrix([sp.Rational(i + k, 2 * k - 1) for i in range(d)])) for k in (2, 5))
    if np.any(gradient(offset, noise) != G @ offset + F @ noise + c) or np.any(G != G.T):
        raise TypeError(
            f"the gradient of {process.name!r} is not affine in parameters and noise with one symmetric curvature;"
            " register a model for its law of noise with noise_model"
        )
    return AffineGradient(G, F, c[:, 0])


def _refuse_scale(process: Process, scale: Fraction) -> None:
    if scale != 1:
        raise TypeError(f"{process.name!r} has no additive noise that could be scaled")


def _check_mean(process: Process, mean: np.ndarray) -> None:
    if np.any(mean != 0):
        raise TypeError(f"the mean gradient of {process.name!r} does not vanish at the minimum of its setting")
