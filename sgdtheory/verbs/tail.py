"""``tail_index``: how heavy the tails of the stationary law of SGD are."""

from __future__ import annotations

from dataclasses import dataclass

from sgdtheory.errors import check_type
from sgdtheory.numeric.arrays import NUMPY, is_concrete
from sgdtheory.numeric.batch_noise import check_batch
from sgdtheory.numeric.scalars import whole_number
from sgdtheory.optimizers import SGD, refuse_delay
from sgdtheory.problems import Problem, check_problem
from sgdtheory.verbs.laws import check_stationary
from sgdtheory.verbs.stability import check_batch_range, check_curvature, check_scale, holds_everything


@dataclass(frozen=True)
class TailIndex:
    """The tail index; ``float`` of it is its value.

    Attributes
    ----------
    value
        alpha: P(|theta - theta*| > u) falls like u^-alpha, and moments below alpha exist. Infinite where all do.
    standard_error
        Of a simulated value, the error of carrying it on to the limit included; zero where it is exact.
    exact
        Whether it is exact.
    at_least
        Whether a simulation could only tell that the index is not smaller: it resolves none above 8.
    """

    value: float
    standard_error: float
    exact: bool
    at_least: bool = False

    def __float__(self) -> float:
        return self.value


def tail_index(problem: Problem, optimizer: SGD, *, seed: int = 0) -> TailIndex:
    """Return the tail index of the law that the parameters settle to with noise at the minimum.

    Parameters
    ----------
    problem
        What is minimised, in NumPy numbers. The size of its noise at the minimum does not change the index. Without
        any, as where a line fits all data, runs converge and no law with tails is left; the index is then the exponent
        of escape: the share of runs from distance r that ever reach a far larger distance R falls like (r / R)^alpha.
    optimizer
        How, with independent batches. The learning rate may lie beyond the limit in mean square, where the index is
        below 2, but not beyond the almost-sure one.
    seed
        Of the simulation, where the index has no closed form.

    Returns
    -------
    TailIndex
        Exact in one parameter with plain SGD and few batches, for isotropic Gaussian features with plain SGD, and
        where no batch lengthens any vector (then it is infinite); else simulated. It is 2 at the limit in mean square.

    Raises
    ------
    StabilityError
        If runs grow, so that nothing is stationary; the message says up to which learning rate they do not.
    DomainError
        If an argument lies outside its domain, or the largest curvature outside the range of ``stability_limit``.
    NotImplementedError
        For symbols and JAX arrays, and for sampling ``"reshuffle"``.

    Notes
    -----
    In one parameter the index solves E |1 - eta h_B|^alpha = 1 (H. Kesten, Random difference equations and renewal
    theory for products of random matrices, 1973); for isotropic Gaussian features see M. Gurbuzbalaban, U. Simsekli
    and L. Zhu, The heavy-tail phenomenon in SGD, 2021, whose sigma^2 is the variance of a feature. The Fokker-Planck
    equation gives another index, 1 + 2 h m / (eta v), which is wrong at finite learning rates.

    Examples
    --------
    >>> from sgdtheory.problems import GaussianFeatures
    >>> stream = GaussianFeatures([[1.0]], 1.0)
    >>> [round(float(tail_index(stream, SGD(rate, 1))), 4) for rate in (0.4, 2 / 3)]
    [3.8056, 2.0]
    """
    check_problem(problem)
    check_type("optimizer", optimizer, SGD)
    seed = whole_number("seed", seed, least=0, mend="take an int, for example 0")
    knobs = (optimizer.learning_rate, optimizer.batch_size, optimizer.momentum)
    if problem.kind != NUMPY or not all(map(is_concrete, knobs)):
        raise NotImplementedError("tail indices are not built yet for symbols, JAX arrays or linear operators")
    refuse_delay(optimizer, "tail indices")
    if optimizer.sampling == "reshuffle":
        raise NotImplementedError("tail indices are not built yet for sampling='reshuffle'")
    check_batch(problem, optimizer)
    check_curvature(problem)
    if problem.one_curvature or holds_everything(problem, optimizer):
        check_stationary(problem, optimizer)
        return TailIndex(float("inf"), 0.0, True)
    check_scale(problem)
    check_batch_range(int(optimizer.batch_size))
    from sgdtheory.numeric.stability.moments_exist import tail_of

    plain = SGD(
        float(optimizer.learning_rate),
        int(optimizer.batch_size),
        float(optimizer.momentum),
        optimizer.nesterov,
        optimizer.sampling,
    )
    found = tail_of(problem, plain, seed)
    exact = found.standard_error == 0 and not found.at_least
    return TailIndex(found.index, found.standard_error, exact, found.at_least)
