"""Simulation of a stated loss: gradients of samples that are really drawn."""

from __future__ import annotations

from typing import Any

from sgdtheory.losses.problem import SampledLoss
from sgdtheory.numeric.compiled import compiled
from sgdtheory.numeric.data_sampling import array_of, batches
from sgdtheory.numeric.engine.model import SampledModel, model_of
from sgdtheory.optimizers import SGD
from sgdtheory.processes import sampled_loss


@model_of.register
def _(problem: SampledLoss, optimizer: SGD) -> SampledModel:
    statement = problem.statement
    law = statement.law
    function = compiled(list(statement.gradient), (*statement.parameters, *law.symbols))
    columns = array_of(law.blocks)

    def of_sample(state: Any, sample: Any) -> Any:
        return function(*state, *sample).T

    def of_batch(state: Any, batch: Any) -> Any:
        samples = batch if columns is None else [columns[:, picked] for picked in batch]

        def average(of: Any) -> Any:
            return sum(of(sample) for sample in samples) / len(samples)

        return sampled_loss.gradient(state, average, sample_gradient=of_sample)

    if columns is None:
        draw = batches(law.blocks, optimizer.batch_size)
        return SampledModel(problem.hessian, problem.minimum, of_batch, draw=draw)
    return SampledModel(problem.hessian, problem.minimum, of_batch, dataset_size=columns.shape[1])
