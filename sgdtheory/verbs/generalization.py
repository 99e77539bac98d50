"""``generalization_gap``: how much worse the test loss is than the training loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sgdtheory.catalogue import results
from sgdtheory.errors import DomainError
from sgdtheory.numeric.arrays import NUMPY, is_concrete, kind_of
from sgdtheory.numeric.evaluate import evaluate
from sgdtheory.optimizers import SGD
from sgdtheory.problems import Problem, check_problem
from sgdtheory.verbs.laws import check_positive_definite, stationary_law

OWN = (
    "the generalization gap is the leading term in 1/D, with the training data's own noise put in for the population's:"
    " it is too small by a share of the order of parameters per sample{share}"
)
LEADING = (
    "the generalization gap is the leading term in 1/D, because samples differ in their curvature: its relative error"
    " is of the order of parameters per sample{share}"
)
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
    caveats
        What is approximate, in sentences.
    """

    gap: Any
    excess_test_loss: Any
    results: tuple[str, ...]
    caveats: tuple[str, ...]


def generalization_gap(problem: Problem, optimizer: SGD | None = None) -> Generalization:
    """Return the expected generalization gap and excess test loss.

    Parameters
    ----------
    problem
        With a ``dataset_size`` D; its ``noise`` is put in for the gradient covariance of the population.
    optimizer
        If given, its stationary noise is added to the test loss; without, batch gradient descent is meant.

    Raises
    ------
    DomainError
        If the problem has no data-set size or its Hessian is singular.

    Notes
    -----
    ``tr(H^-1 C)/D`` is exact where all samples have the same Hessian and C is that of the population; else it is the
    leading term in 1/D (Takeuchi's penalty). A covariance estimated from the same D samples is too small by about
    d/D. What SGD adds is the noise floor on the data set at hand, whose own gradient covariance ``noise`` is;
    averaged over data sets, in terms of the population's, it is ``quadratic.sgd_test_penalty``.

    Examples
    --------
    >>> from sgdtheory.problems import Quadratic
    >>> generalization_gap(Quadratic([[2.0]], [[3.0]], dataset_size=100)).gap  # 3 / (2 * 100)
    0.015
    """
    check_problem(problem)
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
    caveats = _caveats(problem)
    if optimizer is None:
        return Generalization(gap, batch, (GAP, BATCH), caveats)
    law = stationary_law(problem, optimizer)
    return Generalization(gap, batch + law.excess_loss, (GAP, BATCH, *law.results), caveats)


def _caveats(problem: Problem) -> tuple[str, ...]:
    if problem.one_curvature and not problem.noise_of_training_data:
        return ()
    known = is_concrete(problem.dataset_size)
    share = f", here {problem.dimension / problem.dataset_size:.2g}" if known else ""
    return ((OWN if problem.noise_of_training_data else LEADING).format(share=share),)
