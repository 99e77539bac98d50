"""The curvatures of a stated loss: what its samples bend like, for the limits of stability."""

from __future__ import annotations

from typing import Any

import sympy as sp

from sgdtheory.losses.problem import SampledLoss
from sgdtheory.numeric.arrays import SYMPY, is_concrete
from sgdtheory.numeric.batch_noise import batch_share
from sgdtheory.numeric.compiled import compiled
from sgdtheory.numeric.data_sampling import array_of, batches
from sgdtheory.numeric.scalars import known
from sgdtheory.numeric.second_moments import exact_matrix, mean_square_limit, numbers
from sgdtheory.numeric.solvers.sampled_curvature import MatrixCurvature, SampledCurvature, TensorCurvature
from sgdtheory.numeric.stability.of_problem import mean_square_stability_in_numbers
from sgdtheory.numeric.stability.problem_curvature import DrawnCurvature, Samples, moments_of, samples_of
from sgdtheory.optimizers import SGD, refuse_delay
from sgdtheory.verbs.stability import mean_square_stability


@moments_of.register
def _(problem: SampledLoss) -> SampledCurvature:
    _check_quadratic(problem)
    return TensorCurvature(problem.hessian, problem.gradient_noise.spread)


@samples_of.register
def _(problem: SampledLoss) -> Samples:
    statement = problem.statement
    law, bent = statement.law, sp.Matrix(statement.gradient.jacobian(statement.parameters))
    function = compiled(bent.tolist(), law.symbols)
    columns = array_of(law.blocks)
    if columns is not None:
        return MatrixCurvature(function(*columns))
    draw = batches(law.blocks, 1)

    def cubes() -> Any:
        apart = (bent - sp.Matrix(problem.hessian.tolist()).applyfunc(sp.nsimplify)).applyfunc(sp.expand)
        return numbers((apart**3).applyfunc(lambda entry: law.expectation(sp.expand(entry))).evalf(30))

    return DrawnCurvature(lambda rng, count: function(*draw(rng, count)[0]), cubes)


@mean_square_stability.register
def _(problem: SampledLoss, optimizer: SGD) -> Any:
    share, concrete = batch_share(problem, optimizer), is_concrete(optimizer.momentum)
    if problem.kind != SYMPY and is_concrete(share) and concrete:
        return mean_square_stability_in_numbers(problem, optimizer)
    _check_quadratic(problem)
    refuse_delay(optimizer, "mean-square limits of stated losses in symbols")
    if not concrete or known(optimizer.momentum) != 0:
        raise NotImplementedError("the mean-square limit with momentum is not built yet for symbols; see problem.at")
    if problem.dimension > 1:
        raise NotImplementedError("the mean-square limit of more than one parameter needs numbers; see problem.at")
    return mean_square_limit(exact_matrix(problem.hessian), problem.gradient_noise.exact(), share)


def _check_quadratic(problem: SampledLoss) -> None:
    if not problem.exact:
        raise NotImplementedError(
            "what random curvature does is not built yet for a loss that is not quadratic; kind='mean' gives the limit"
            " of the mean of its expansion"
        )
