"""What has no law of shuffled epochs."""

from __future__ import annotations

from typing import Any

from sgdtheory.errors import DomainError, StabilityError, check_type
from sgdtheory.numeric.arrays import NUMPY, kind_of
from sgdtheory.numeric.batch_noise import check_batch
from sgdtheory.numeric.moments.linear_optimizer import LinearOptimizer
from sgdtheory.optimizers import SGD, refuse_delay
from sgdtheory.problems import Problem, check_problem


def check_epochs(problem: Any, optimizer: Any) -> None:
    """Refuse what has no shuffled epochs, or is not in numbers."""
    check_problem(problem)
    check_type("optimizer", optimizer, SGD)
    if optimizer.sampling != "reshuffle":
        raise DomainError(
            "this is the law of shuffled epochs",
            got=f"sampling={optimizer.sampling!r}",
            allowed='sampling="reshuffle"',
            mend="use stationary_law for other ways of sampling",
        )
    for name, kind in (
        ("a problem", problem.kind),
        ("an optimizer", kind_of(optimizer.learning_rate, optimizer.batch_size, optimizer.momentum)),
    ):
        if kind != NUMPY:
            raise DomainError(
                "the law of shuffled epochs is worked out in numbers",
                got=f"{name} of {kind} values",
                allowed="numbers and NumPy arrays",
                mend="put numbers in for the symbols, or hand in NumPy arrays",
            )
    refuse_delay(optimizer, "laws of shuffled epochs")
    check_batch(problem, optimizer)


def check_contraction(problem: Problem, linear: LinearOptimizer) -> None:
    """Refuse a direction without curvature, and a mean step that does not contract."""
    eigenvalues = problem.spectrum.eigenvalues
    if eigenvalues[0] <= problem.spectrum.rounding:
        raise DomainError(
            f"the Hessian is not positive definite: eigenvalue {eigenvalues[0]:.6g}",
            got=f"eigenvalues from {eigenvalues[0]:.6g} to {eigenvalues[-1]:.6g}",
            allowed="eigenvalues > 0; elsewhere the parameters never settle",
            mend=problem.cure_for_flatness,
        )
    contraction = linear.contraction(eigenvalues)
    if contraction >= 1:
        raise StabilityError(
            "the learning rate is at or beyond the largest stable one, so nothing is stationary",
            got=f"a mean step that multiplies distances by {contraction:.6g}",
            allowed="a factor below 1",
            mend="take a smaller learning rate",
        )
