"""The covariance of a mini-batch's gradient, whichever way the batch is drawn and whatever noise is injected."""

from __future__ import annotations

from typing import Any

import sympy as sp

from sgdtheory.catalogue import results
from sgdtheory.errors import DomainError
from sgdtheory.numeric.arrays import JAX, NUMPY, OPERATOR, SYMPY, is_concrete, kind_of
from sgdtheory.numeric.evaluate import evaluate
from sgdtheory.numeric.spectrum import identity
from sgdtheory.optimizers import SGLD, Optimizer
from sgdtheory.problems import Problem
from sgdtheory.processes.langevin import as_gradient_noise


def check_batch(problem: Problem, optimizer: Optimizer) -> None:
    """Refuse a batch without replacement that the data set cannot fill."""
    m, D = optimizer.batch_size, problem.dataset_size
    if optimizer.sampling == "replacement":
        return
    if D is None:
        raise DomainError(
            "sampling without replacement needs a finite data set",
            got="dataset_size=None",
            allowed="a problem with a dataset_size",
            mend="give the problem its dataset_size",
        )
    check_subsets(problem)
    if is_concrete(m) and is_concrete(D) and m > D:
        raise DomainError(
            "the batch is larger than the data set",
            got=f"batch_size {m} of {D} samples",
            allowed=f"batch_size <= {D} without replacement",
            mend="take a smaller batch",
        )


def check_subsets(problem: Problem) -> None:
    """Refuse subsets of a data set of which only the population is known."""
    if not problem.whole_data_set:
        raise DomainError(
            "batches without replacement are subsets of a data set, and only the law of its samples is known",
            got="a distribution",
            allowed="an array of samples, or the moments of the data set itself",
            mend="hand in the samples, or moments such as {x: {1: mean, 2: second}} with dataset_size",
        )


def batch_share(problem: Problem, optimizer: Optimizer) -> Any:
    """Return p, the covariance of a batch's gradient over that of one sample's: 1/m for independent draws.

    It is exact, in SymPy, unless the batch size is a traced value.
    """
    check_batch(problem, optimizer)
    m, D = optimizer.batch_size, problem.dataset_size
    if kind_of(m) == JAX:
        raise NotImplementedError("the share of a batch is not built for a batch size of JAX yet")
    if optimizer.sampling == "replacement":
        return 1 / sp.sympify(m)
    if m == D:
        return sp.Integer(0)
    one, form = sp.ImmutableMatrix([[1]]), results["quadratic.batch_gradient_covariance"]
    sizes = {"batch_size": sp.sympify(m), "dataset_size": sp.sympify(D)}
    return evaluate(form, hessian=one, noise=one, check_domain=False, **sizes)[0, 0]  # the sizes are checked


def injected_variance(optimizer: Optimizer) -> Any:
    """Return the variance that injected noise adds to each entry of a step's gradient: 0 for SGD."""
    if not isinstance(optimizer, SGLD):
        return 0
    return as_gradient_noise(optimizer.temperature, optimizer.learning_rate)


def batch_noise(problem: Problem, optimizer: Optimizer, noise: Any = None) -> Any:
    """Return the (d, d) covariance of a step's gradient at the minimum, or from another per-sample ``noise``.

    Injected noise counts as noise of the gradient.
    """
    drawn = _drawn_noise(problem, optimizer, noise)
    if not isinstance(optimizer, SGLD):
        return drawn
    variance, d = injected_variance(optimizer), problem.dimension
    if problem.kind == OPERATOR:
        raise NotImplementedError("injected noise is not built for problems of operators; hand in dense matrices")
    if SYMPY not in (kind_of(drawn), kind_of(variance)):
        return drawn + variance * identity(d)
    exact = sp.Matrix(drawn) if kind_of(drawn) == SYMPY else _rational(drawn)
    return exact + sp.sympify(variance) * sp.eye(d)


def _drawn_noise(problem: Problem, optimizer: Optimizer, noise: Any) -> Any:
    check_batch(problem, optimizer)
    noise = problem.noise if noise is None else noise
    m, D = optimizer.batch_size, problem.dataset_size
    if kind_of(m) == SYMPY and problem.kind == NUMPY:
        noise = _rational(noise)
    if optimizer.sampling == "replacement":
        return noise / m
    if optimizer.sampling == "reshuffle":
        raise NotImplementedError("the noise of shuffled epochs (sampling='reshuffle') is not built yet")
    if m == D:
        return 0 * noise  # the whole data set has no sampling noise, also where D - 1 = 0
    hessian = problem.spectrum if problem.kind == NUMPY else problem.hessian
    return evaluate(
        results["quadratic.batch_gradient_covariance"], hessian=hessian, noise=noise, batch_size=m, dataset_size=D
    )


def _rational(noise: Any) -> sp.Matrix:
    return sp.Matrix(noise).applyfunc(lambda number: sp.Rational(float(number)))
