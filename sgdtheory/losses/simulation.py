"""Simulation of a stated loss: gradients of samples that are really drawn."""

from __future__ import annotations

from typing import Any

from sgdtheory.losses.problem import SampledLoss
from sgdtheory.numeric.compiled import compiled
from sgdtheory.numeric.data_sampling import batches
from sgdtheory.numeric.simulate import BatchGradient, gradient_sampler
from sgdtheory.optimizers import SGD
from sgdtheory.processes import sampled_loss


@gradient_sampler.register
def _(problem: SampledLoss, optimizer: SGD, rng: Any, replicas: int) -> BatchGradient:
    statement = problem.statement
    law = statement.law
    draw = batches(law.blocks, rng, optimizer)
    function = compiled(list(statement.gradient), (*statement.parameters, *law.symbols))

    def of_sample(state: Any, sample: Any) -> Any:
        return function(*state, *sample).T

    def of_batch(state: Any) -> Any:
        batch = draw(replicas)

        def average(of: Any) -> Any:
            return sum(of(sample) for sample in batch) / len(batch)

        return sampled_loss.gradient(state, average, sample_gradient=of_sample)

    return of_batch
