"""What runs where noise is injected into the steps: a model of sampled batches with normals of its own beside them."""

from __future__ import annotations

from typing import Any

import numpy as np

from sgdtheory.numeric.batch_noise import injected_variance
from sgdtheory.numeric.engine.model import GaussianModel, Model, SampledModel, dataset_size, model_of, step_normals
from sgdtheory.numeric.engine.numpy_block import batch_gradient
from sgdtheory.numeric.sampling import IndexSampler
from sgdtheory.optimizers import SGLD, Optimizer
from sgdtheory.problems import Problem


def run_model(problem: Problem, optimizer: Optimizer) -> Model:
    """Return what the backends run for a problem and an optimizer.

    Gaussian noise of a batch holds the injected noise already, in its covariance, and runs on every backend. Beside
    sampled batches normals are drawn, in NumPy.
    """
    model = model_of(problem, optimizer)
    if not isinstance(optimizer, SGLD) or isinstance(model, GaussianModel):
        return model
    return _beside_batches(model, optimizer, problem.minimum)


def _beside_batches(model: Model, optimizer: SGLD, minimum: np.ndarray) -> SampledModel:
    of_batch, deviation = batch_gradient(model, "float64"), float(injected_variance(optimizer)) ** 0.5
    centre = minimum[:, None]
    shape = step_normals(model, optimizer.batch_size)
    size = model.dataset_size if isinstance(model, SampledModel) else None if shape else dataset_size(model)

    def batch(rng: np.random.Generator, replicas: int) -> Any:
        if size is not None:
            return IndexSampler(rng, size, optimizer.batch_size, optimizer.sampling)(replicas)
        return model.draw(rng, replicas) if shape is None else rng.standard_normal((*shape, replicas))

    def draw(rng: np.random.Generator, replicas: int) -> tuple[Any, np.ndarray]:
        return batch(rng, replicas), rng.standard_normal((model.dimension, replicas))

    def gradient(parameters: np.ndarray, drawn: tuple[Any, np.ndarray]) -> np.ndarray:
        picked, normals = drawn
        return of_batch(parameters - centre, picked) + deviation * normals

    return SampledModel(model.hessian, minimum, gradient, draw=draw)
