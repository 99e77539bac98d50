"""What every problem offers the verbs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any

import sympy as sp

from sgdtheory.errors import DomainError, ShapeError
from sgdtheory.numeric.arrays import NUMPY, OPERATOR, as_array, kind_of
from sgdtheory.numeric.scalars import whole_number
from sgdtheory.numeric.spectrum import Spectrum, spectrum_of


class Problem(ABC):
    """What every problem offers the verbs.

    Attributes
    ----------
    kind
        ``"numpy"``, ``"sympy"``, ``"jax"`` or ``"operator"``: in which kind of numbers answers come.
    dimension
        Number d of parameters.
    hessian, noise
        (d, d) Hessian of the loss, and covariance of one sample's gradient at the minimum.
    minimum
        (d,) minimiser of the loss.
    dataset_size
        Number of samples, or None for an endless stream.
    exact
        Whether constant Hessian and noise describe the problem exactly, or its own law does.
    caveats
        What is approximate, in sentences.
    one_curvature
        Whether all samples share one Hessian, so that the gradient noise is the same everywhere.
    gaussian
        Whether the gradient noise is Gaussian, so that the parameters of a run are.
    whole_data_set
        Whether the noise is that of ``dataset_size`` samples, so that batches can be subsets of them.
    noise_of_training_data
        Whether the noise was measured on the training data, and is not that of the population.
    constants
        Symbols that have no value yet.
    step_caveats
        What is approximate about one step from any point.
    cure_for_flatness
        What to do about a direction without curvature.
    """

    kind: str
    dimension: int
    hessian: Any
    noise: Any
    minimum: Any
    dataset_size: Any
    exact: bool = True
    caveats: tuple[str, ...] = ()
    one_curvature: bool = True
    gaussian: bool = False
    whole_data_set: bool = True
    noise_of_training_data: bool = False
    constants: tuple[sp.Symbol, ...] = ()
    step_caveats: tuple[str, ...] = ()
    cure_for_flatness = "use transient_law for a saddle, or leave out the directions without curvature"

    @cached_property
    def spectrum(self) -> Spectrum:
        """Eigenvalues and eigenvectors of the Hessian, NumPy only; of an operator the ends of its spectrum."""
        return spectrum_of(self.hessian)

    @abstractmethod
    def noise_at(self, theta: Any) -> Any:
        """Return the (d, d) covariance of one sample's gradient at theta, shape (d,)."""

    @abstractmethod
    def loss(self, theta: Any) -> Any:
        """Return the loss at theta, shape (d,)."""

    @abstractmethod
    def gradient(self, theta: Any) -> Any:
        """Return the (d,) gradient of the loss at theta, shape (d,)."""


def as_point(problem: Problem, theta: Any, name: str = "theta") -> Any:
    """Return a (d,) point of a problem in the problem's kind, or in JAX if the point is."""
    kind = {NUMPY: kind_of(theta), OPERATOR: NUMPY}.get(problem.kind, problem.kind)
    theta = as_array(name, theta, kind, 1)
    if theta.shape[0] != problem.dimension:
        raise ShapeError(
            f"{name} does not fit the problem",
            got=f"{theta.shape[0]} entries",
            allowed=f"{problem.dimension} entries",
            mend=f"give {name} one entry for each parameter",
        )
    return theta


def known_spectrum(problem: Problem) -> Spectrum:
    """Return the spectrum of a problem whose Hessian holds numbers, of whatever kind."""
    return problem.spectrum if problem.kind in (NUMPY, OPERATOR) else spectrum_of(problem.hessian)


def check_problem(problem: Any) -> None:
    """Refuse anything that is not a problem of the library."""
    if not isinstance(problem, Problem):
        allowed = "Quadratic, LeastSquares, QuadraticSums or what from_loss returns"
        raise DomainError(
            "problem is of the wrong kind",
            got=f"{type(problem).__name__}: {problem!r:.60}",
            allowed=allowed,
            mend="hand in a problem first; check the order of the arguments",
        )


def check_dataset_size(size: Any) -> Any:
    """Return a data-set size: a positive int, a SymPy expression, or None for an endless stream."""
    return None if size is None else whole_number("dataset_size", size, least=1, mend="leave it out for endless data")


def check_same_size(name: str, value: Any, other: str, reference: Any) -> None:
    """Refuse two arrays that do not hold the same number of parameters."""
    if value.shape[0] != reference.shape[0]:
        raise ShapeError(
            f"{name} and {other} differ in size",
            got=f"{value.shape[0]} and {reference.shape[0]}",
            allowed="the same number of parameters",
            mend=f"check {name} and {other}",
        )
