"""``generalization_gap``: how much worse the test loss is than the training loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sgdtheory.catalogue import results
from sgdtheory.errors import DomainError
from sgdtheory.numeric.arrays import NUMPY, kind_of
from sgdtheory.numeric.evaluate import evaluate
from sgdtheory.optimizers import SGD
from sgdtheory.problems import Problem
from sgdtheory.verbs.laws import check_positive_definite, stationary_law

GAP, BATCH = "quadratic.generalization_gap", "quadratic.batch_excess_test_loss"


@dataclass(frozen=True)
class Generalization:
    """Expected test loss, against the training loss and against the best that is possible.

    Attributes
    ----------
    gap
        Expected test loss minus expected training loss, tr(H^-1 C)/D; SGD does not change it.
    excess_test_loss
        Expected test loss minus that of the true optimum: half the gap, plus the noise floor of the optimizer.
    results
        Names of the closed forms used.
    """

    gap: Any
    excess_test_loss: Any
    results: tuple[str, ...]


def generalization_gap(problem: Problem, optimizer: SGD | None = None) -> Generalization:
    """Return the expected generalization gap and excess test loss.

    Parameters
    ----------
    problem
        With a ``dataset_size``; its ``noise`` stands for the gradient covariance of the population.
    optimizer
        If given, its stationary noise is added to the test loss; without, batch gradient descent is meant.

    Raises
    ------
    DomainError
        If the problem has no data-set size or its Hessian is singular.

    Notes
    -----
    Exact where all samples have the same Hessian; else the leading term in 1/D (Takeuchi's penalty).

    Examples
    --------
    >>> from sgdtheory.problems import Quadratic
    >>> generalization_gap(Quadratic([[2.0]], [[3.0]], dataset_size=100)).gap  # 3 / (2 * 100)
    0.015
    """
    if problem.dataset_size is None:
        raise DomainError(
            "the generalization gap needs a finite data set",
            got="dataset_size=None",
            allowed="a problem with a dataset_size",
            mend="give the problem its dataset_size",
        )
    if optimizer is None:
        check_positive_definite(problem)
    hessian = problem.spectrum if problem.kind == NUMPY and kind_of(problem.noise) == NUMPY else problem.hessian
    gap, batch = (
        evaluate(results[name], hessian=hessian, noise=problem.noise, dataset_size=problem.dataset_size)
        for name in (GAP, BATCH)
    )
    if optimizer is None:
        return Generalization(gap, batch, (GAP, BATCH))
    law = stationary_law(problem, optimizer)
    return Generalization(gap, batch + law.excess_loss, (GAP, BATCH, *law.results))
