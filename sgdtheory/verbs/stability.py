"""``stability_limit``: the largest stable learning rate, in each of the senses in which SGD can be stable."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch
from typing import Any

from sgdtheory.catalogue import results
from sgdtheory.errors import DomainError, check_choice
from sgdtheory.numeric.arrays import NUMPY, OPERATOR, is_concrete, kind_of
from sgdtheory.numeric.batch_noise import check_batch
from sgdtheory.numeric.evaluate import evaluate
from sgdtheory.numeric.scalars import known, whole_number
from sgdtheory.numeric.spectrum import largest_eigenvalue
from sgdtheory.optimizers import SGD, refuse_delay
from sgdtheory.problems import Problem, check_problem, known_spectrum

KINDS = ("mean_square", "mean", "almost_sure", "batch_sharpness")
SMALLEST, LARGEST = 1e-75, 1e75  # curvatures whose fourth powers are floating-point numbers
MOST_SAMPLES = 2**53  # in a batch


def stability_limit(
    problem: Problem,
    batch_size: Any,
    *,
    momentum: Any = 0.0,
    nesterov: bool = False,
    sampling: str = "replacement",
    kind: str = "mean_square",
    seed: int = 0,
    delay: int = 0,
    preconditioner: Any = None,
) -> Any:
    """Return the learning rate below which SGD is stable.

    Parameters
    ----------
    problem
        What is minimised.
    batch_size
        Samples per step. The mean does not depend on it.
    momentum, nesterov, sampling
        As in ``SGD``.
    kind
        ``"mean_square"``: the second moment of the parameters converges, and with it the expected loss. ``"mean"``:
        the mean of the parameters converges. ``"almost_sure"``: every run converges to the minimum of a problem
        without noise there; up to this limit single runs shrink, while beyond the limit in mean square ever rarer ones
        carry the mean square to infinity. ``"batch_sharpness"``: at the critical spread of the parameters a batch
        curves along its own gradient by 2 / learning rate, plain SGD only: with momentum or a delay it bounds nothing.
        Where all samples share one curvature the four are one.
    seed
        Of the simulation behind ``"almost_sure"``, where it has no closed form; ``stability_report`` gives its
        standard error.
    delay
        As in ``SGD``; for the mean and the mean square of independent batches.
    preconditioner
        As in ``stationary_law``: the limit is that of the learning rate which stands before it.

    Returns
    -------
    scalar
        In the kind of the problem. Where no batch curves downward and samples differ, batch_sharpness <= mean_square <=
        almost_sure and mean_square <= mean; almost_sure and mean stand in no order.

    Raises
    ------
    StabilityError, DomainError
        If a curvature is negative or none is positive, where samples differ if the largest is so large or so small that
        its powers leave the range of floating point, or if an argument lies outside its domain or a delay is too long.
    NotImplementedError
        For JAX arrays and, beyond one parameter, symbols, unless ``kind="mean"`` or all samples share one curvature;
        for shuffled epochs of more than a few samples, except ``"almost_sure"``; with a delay for the other kinds, for
        shuffled epochs, and with momentum too for anything but NumPy numbers.

    Notes
    -----
    The mean square's limit is the learning rate at which the exact map of second moments has a spectral radius of one
    (R. Mulayoff and T. Michaeli, Exact mean square linear stability analysis for SGD, 2024, theorem 4 and eq. (17),
    for plain SGD), in one parameter 2 h / (h^2 + p v). With Nesterov's momentum the stable rates need not be an
    interval; the first limit above zero is returned, and so it is for ``"almost_sure"`` and for shuffled epochs. Batch
    sharpness: A. Andreyev and P. Beneventano, Edge of stochastic stability, 2024; theirs is measured along a run, this
    is its value where the second moment is critical.

    Examples
    --------
    >>> from sgdtheory.problems import Quadratic, QuadraticSums
    >>> stability_limit(Quadratic([[4.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]), 8)
    0.5
    >>> two = QuadraticSums([[[0.1]], [[1.9]]], [[0.0], [0.0]])
    >>> [round(stability_limit(two, 2, kind=kind), 4) for kind in KINDS]
    [1.4235, 2.0, 1.7277, 1.2686]
    """
    check_problem(problem)
    optimizer = SGD(1, batch_size, momentum, nesterov, sampling, delay)
    check_choice("kind", kind, KINDS)
    whole_number("seed", seed, least=0, mend="take an int, for example 0")
    check_batch(problem, optimizer)
    if preconditioner is not None:
        from sgdtheory.verbs.preconditioned_law import turned_problem

        words = {"momentum": momentum, "nesterov": nesterov, "sampling": sampling, "delay": delay}
        return stability_limit(turned_problem(problem, preconditioner)[0], batch_size, kind=kind, seed=seed, **words)
    check_curvature(problem)
    if kind == "batch_sharpness":
        _check_batch_sharpness(optimizer)
    if problem.one_curvature or holds_everything(problem, optimizer) or (kind == "mean" and sampling != "reshuffle"):
        return mean_stability(problem, optimizer)
    if sampling == "reshuffle" or kind != "mean_square":
        refuse_delay(optimizer, f"limits of kind {kind!r} for sampling={sampling!r}")
    check_scale(problem)
    if sampling == "reshuffle":
        from sgdtheory.numeric.stability.of_problem import epoch_stability

        return epoch_stability(problem, _in_numbers(optimizer), kind, seed).rate
    if kind == "mean_square":
        return mean_square_stability(problem, optimizer)
    from sgdtheory.numeric.stability.of_problem import almost_sure_stability, batch_sharpness_stability

    optimizer = _in_numbers(optimizer)
    if kind == "batch_sharpness":
        return batch_sharpness_stability(problem, optimizer)
    return almost_sure_stability(problem, optimizer, seed).rate


def mean_stability(problem: Problem, optimizer: SGD) -> Any:
    """Return the learning rate below which the mean of independent batches converges, in the problem's kind."""
    largest, momentum = largest_eigenvalue(problem.hessian), optimizer.momentum
    plain = is_concrete(momentum) and known(momentum) == 0
    if optimizer.delay and plain:
        form = results["asynchrony.delayed_stability_limit"]
        return evaluate(form, largest_curvature=largest, delay=optimizer.delay)
    if optimizer.delay:
        if kind_of(largest, momentum) != NUMPY:
            refuse_delay(optimizer, "limits with momentum outside NumPy numbers")
        from sgdtheory.numeric.stability.crossing import mean_limit

        return mean_limit(float(largest), momentum, optimizer.nesterov, optimizer.delay)
    if plain:
        return evaluate(results["quadratic.mean_stability_limit"], largest_curvature=largest)
    name = "momentum.nesterov_stability_limit" if optimizer.nesterov else "momentum.mean_stability_limit"
    return evaluate(results[name], largest_curvature=largest, momentum=momentum)


@singledispatch
def mean_square_stability(problem: Problem, optimizer: SGD) -> Any:
    """Return the learning rate below which the second moment converges; problems that know it better register."""
    from sgdtheory.numeric.stability.of_problem import mean_square_stability_in_numbers

    return mean_square_stability_in_numbers(problem, _in_numbers(optimizer))


def _in_numbers(optimizer: SGD) -> SGD:
    """Return an optimizer whose batch size and momentum are numbers, or say that this needs them."""
    if not is_concrete(optimizer.batch_size) or not is_concrete(optimizer.momentum):
        raise NotImplementedError(
            "this stability limit is not built yet for a batch size or momentum in symbols or traced; put numbers in"
        )
    check_batch_range(int(optimizer.batch_size))
    return replace(optimizer, batch_size=int(optimizer.batch_size), momentum=float(optimizer.momentum))


def holds_everything(problem: Problem, optimizer: SGD) -> bool:
    """Return whether every batch is the whole data set, so that there is nothing random."""
    size = optimizer.batch_size
    if isinstance(problem.dataset_size, int) and problem.dataset_size == 1:
        return True
    return optimizer.sampling != "replacement" and is_concrete(size) and bool(size == problem.dataset_size)


def _check_batch_sharpness(optimizer: SGD) -> None:
    if not is_concrete(optimizer.momentum) or known(optimizer.momentum) != 0:
        raise NotImplementedError(
            "there is no limit of kind 'batch_sharpness' with momentum: where the second moment is critical, a batch"
            " curves along the step by more than 2 / learning rate on some problems and by less on others, so that it"
            " bounds nothing"
        )
    if optimizer.delay:
        raise NotImplementedError(
            "there is no limit of kind 'batch_sharpness' with a delay: gradients are then not those of the parameters"
            " that they move, and already where all batches share one curvature h the limit of SGD is"
            " 2 sin(pi / (4 delay + 2)) / h, while a batch curves by 2 / learning rate at 2 / h"
        )
    if optimizer.sampling == "reshuffle":
        raise NotImplementedError("the limit of kind 'batch_sharpness' is not built yet for sampling='reshuffle'")


def check_curvature(problem: Problem) -> None:
    """Refuse a problem without a stable learning rate; symbols and tracers cannot be judged and pass."""
    check_no_negative_curvature(problem)
    largest = largest_eigenvalue(problem.hessian)
    if is_concrete(largest) and not known(largest) > 0:
        raise DomainError(
            "no direction has positive curvature",
            got=f"largest eigenvalue {largest}",
            allowed="a positive largest eigenvalue",
            mend="check the Hessian's sign",
        )


def check_scale(problem: Problem) -> None:
    """Refuse numbers whose powers, which the spread of the curvatures needs, leave the range of floating point."""
    if problem.one_curvature or problem.kind not in (NUMPY, OPERATOR):
        return
    largest = float(known_spectrum(problem).eigenvalues[-1])
    if not SMALLEST <= largest <= LARGEST:
        raise DomainError(
            "the powers of the curvature leave the range of floating point",
            got=f"largest eigenvalue {largest:.3g}",
            allowed=f"largest eigenvalues from {SMALLEST:g} to {LARGEST:g}",
            mend="rescale the features, in the shell with --standardize; c times as large, they have a limit c^2 times"
            " as small",
        )


def check_batch_range(batch_size: int) -> None:
    """Refuse batches of more samples than are counted exactly."""
    if batch_size > MOST_SAMPLES:
        raise DomainError(
            "the batch size is too large for arithmetic in floating point",
            got=f"batch_size {batch_size:.3e}" if batch_size < 10**300 else "more than 10^300",
            allowed="batch_size <= 2^53, where samples differ in their curvature",
            mend="take a smaller batch; beyond some thousands the limit hardly changes",
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
