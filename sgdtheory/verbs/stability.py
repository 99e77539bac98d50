"""``stability_limit``: the largest stable learning rate."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from sgdtheory.catalogue import results
from sgdtheory.errors import DomainError, check_choice
from sgdtheory.numeric.arrays import is_concrete
from sgdtheory.numeric.evaluate import evaluate
from sgdtheory.numeric.scalars import known
from sgdtheory.numeric.spectrum import largest_eigenvalue
from sgdtheory.optimizers import SGD, check_batch_size, check_sampling
from sgdtheory.problems import Problem, check_problem, known_spectrum


def stability_limit(
    problem: Problem,
    batch_size: Any,
    *,
    kind: str = "mean",
    momentum: Any = 0.0,
    nesterov: bool = False,
    sampling: str = "replacement",
) -> Any:
    """Return the learning rate below which SGD is stable.

    Parameters
    ----------
    problem
        What is minimised.
    batch_size
        Samples per step. The mean does not depend on it.
    kind
        ``"mean"``: the mean of the parameters converges. Where samples differ in their curvature the second moment
        diverges earlier: ``"mean_square"``, for problems of ``from_loss``. ``"almost_sure"`` is not built yet.
    momentum, nesterov, sampling
        Only plain SGD so far; the batch's size and sampling do not change the mean.

    Returns
    -------
    scalar
        In the kind of the problem; for the mean 2 / (largest eigenvalue of the Hessian).

    Raises
    ------
    DomainError
        If a curvature is negative or none is positive, or the batch size is not a positive integer.
    NotImplementedError
        For what is not built yet.

    Examples
    --------
    >>> from sgdtheory.problems import Quadratic
    >>> stability_limit(Quadratic([[4.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]), 8)
    0.5
    """
    check_problem(problem)
    check_batch_size(batch_size)
    check_sampling(sampling)
    check_choice("kind", kind, ("mean", "mean_square", "almost_sure"))
    if kind == "almost_sure":
        raise NotImplementedError(
            "the stability limit of kind 'almost_sure' is not built yet; those of the moments are"
        )
    if nesterov or not is_concrete(momentum) or known(momentum) != 0:
        raise NotImplementedError("stability limits with momentum are not built yet")
    if sampling == "reshuffle":
        raise NotImplementedError("stability limits with sampling='reshuffle' are not built yet")
    if kind == "mean_square":
        return mean_square_stability(problem, SGD(1, batch_size, sampling=sampling))
    check_no_negative_curvature(problem)
    largest = largest_eigenvalue(problem.hessian)
    if is_concrete(largest) and not known(largest) > 0:
        raise DomainError(
            "no direction has positive curvature",
            got=f"largest eigenvalue {largest}",
            allowed="a positive largest eigenvalue",
            mend="check the Hessian's sign",
        )
    return evaluate(results["quadratic.mean_stability_limit"], largest_curvature=largest)


@singledispatch
def mean_square_stability(problem: Problem, optimizer: SGD) -> Any:
    """Return the learning rate below which the second moment converges; kinds of problems that know it register."""
    raise NotImplementedError(
        f"stability limit of kind 'mean_square' is not built yet for {type(problem).__name__}; kind='mean' is"
    )


def check_no_negative_curvature(problem: Problem) -> None:
    """Refuse a saddle, which the mean leaves at every learning rate; symbols and tracers cannot be judged and pass."""
    if not is_concrete(problem.hessian):
        return
    spectrum = known_spectrum(problem)
    lowest = float(spectrum.eigenvalues[0])
    if lowest < -spectrum.rounding:
        raise DomainError(
            "the Hessian has a negative eigenvalue: the mean diverges along it at every learning rate",
            got=f"eigenvalue {lowest:.6g}",
            allowed="eigenvalues >= 0 (along an eigenvalue 0 the mean stays where it is)",
            mend="check the Hessian's sign, or use transient_law to see how a saddle is left",
        )
