"""``steady_state_current``: how stationary SGD circulates about the minimum, and how irreversibly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sgdtheory.catalogue import results
from sgdtheory.errors import check_type
from sgdtheory.numeric.batch_noise import batch_noise, batch_share
from sgdtheory.numeric.evaluate import evaluate
from sgdtheory.optimizers import SGD, SGLD, Optimizer
from sgdtheory.problems import Problem, check_problem
from sgdtheory.verbs.law import all_numpy, has_momentum
from sgdtheory.verbs.laws import stationary_law

if TYPE_CHECKING:
    import numpy as np

UNUSED = ("excess_loss", "gradient_norm", "_loss_diffusion", "_norm_diffusion")  # of what a law names
GAUSSIAN = (
    "potential, motion and entropy production are those of a Gaussian run with the same first two moments, all of whose"
    " noise is the mean one"
)


@dataclass(frozen=True, eq=False)
class SteadyStateCurrent:
    """How a stationary run circulates.

    Attributes
    ----------
    potential
        (d, d) U: the stationary density is proportional to exp(-(m/eta) x'U x) with x = theta - minimum.
    circulation
        (d, d) antisymmetric Q = (m/eta) (H Sigma - Sigma H).
    motion
        (d, d) -eta Q U: the mean of theta_(t+1) - theta_(t-1), given theta_t, is twice this matrix times x.
    orbit_frequencies
        (d // 2,) radians per step at which this motion goes round ellipses of constant density, the largest first.
    lag_one_antisymmetry
        (d, d) E[theta_(t+1) theta_t'] - E[theta_t theta_(t+1)'], what a run shows.
    entropy_production
        Nats per step that tell a Gaussian run from its time reversal; infinite where one step does.
    results
        Names of the closed forms behind them.
    caveats
        What is approximate, in sentences.
    """

    potential: np.ndarray
    circulation: np.ndarray
    motion: np.ndarray
    orbit_frequencies: np.ndarray
    lag_one_antisymmetry: np.ndarray
    entropy_production: float
    results: tuple[str, ...]
    caveats: tuple[str, ...] = ()


def steady_state_current(problem: Problem, optimizer: Optimizer, limit: str | None = None) -> SteadyStateCurrent:
    """Return the current that stationary SGD keeps up where gradient noise and Hessian do not commute.

    Parameters
    ----------
    problem
        What is minimised, in NumPy numbers.
    optimizer
        ``SGD`` without momentum or delay, or ``SGLD``; batches drawn afresh.
    limit
        None for what is exact at any learning rate; ``"diffusion"`` for the limit of a small one.

    Returns
    -------
    SteadyStateCurrent
        Potential, circulation, mean motion and its frequencies, lag-one antisymmetry and entropy production.

    Raises
    ------
    DomainError
        If the stationary covariance is singular: nothing moves along some direction; if ``optimizer`` is none. Also as
        ``stationary_law``.
    StabilityError
        As ``stationary_law``.
    NotImplementedError
        With momentum or a delay, for shuffled epochs, and for problems outside NumPy.

    Notes
    -----
    Detailed balance holds, and everything but the potential vanishes to rounding, if and only if C H = H C, where C is
    the covariance of one sample's gradient: anisotropic noise that commutes with the Hessian, for example C = H, drives
    no current. Where samples differ in their curvature C is taken where the parameters are, on the average.
    All relaxation is real, (1 - eta lambda_i)^k: the orbits show in no spectrum, only in the antisymmetric part of
    lagged covariances.
    Entropy production is the divergence of a run from its reversal per step, for d parameters
    -(eta/2) tr(C^-1 (H Q - Q H)); in the limit it is -eta tr(C^-1 Q U Q). Noise without full rank makes it infinite.
    Source: P. Chaudhari and S. Soatto, Stochastic gradient descent performs variational inference, converges to limit
    cycles for deep networks (2018), Lemma 20, with F = H, D = C, beta^-1 = eta/(2m) and time in units of eta steps;
    there in the limit, and Q as the root of a linear equation.

    Examples
    --------
    >>> from sgdtheory.optimizers import SGD
    >>> from sgdtheory.problems import Quadratic
    >>> problem = Quadratic([[2.0, 0.0], [0.0, 0.5]], [[1.0, 0.6], [0.6, 1.0]])
    >>> current = steady_state_current(problem, SGD(0.1, 4))
    >>> round(float(current.circulation[0, 1]), 9)  # 0.6 * 1.5 / (2.5 - 0.1)
    0.375
    >>> round(current.entropy_production, 9)  # 0.1 * 0.36 * 1.5**2 / (0.64 * 2.4)
    0.052734375
    """
    _check_scope(problem, optimizer)
    law = stationary_law(problem, optimizer, limit)
    covariance, caveats = law.covariance, law.caveats

    from sgdtheory.numeric import currents  # verbs load no numbers before they are used

    inverse = currents.inverse_covariance(covariance)
    rate, size = float(optimizer.learning_rate), float(optimizer.batch_size)
    noise = size * _noise(problem, optimizer, covariance if law.knows_curvatures else None)
    ending = "" if limit is None else "_diffusion"
    names = tuple(f"diffusion.{quantity}{ending}" for quantity in ("circulation", "lag_one_antisymmetry"))
    words = {"hessian": problem.spectrum, "noise": noise, "learning_rate": rate, "batch_size": size}
    Q, antisymmetry = (_antisymmetric(evaluate(results[name], **words)) for name in names)
    if problem.exact and not problem.gaussian:
        caveats += (GAUSSIAN,)
    return SteadyStateCurrent(
        potential=rate / (2 * size) * inverse,
        circulation=Q,
        motion=antisymmetry @ inverse / 2,
        orbit_frequencies=currents.orbit_frequencies(antisymmetry, covariance),
        lag_one_antisymmetry=antisymmetry,
        entropy_production=currents.entropy_production(problem.hessian, noise, Q, rate),
        results=(*(name for name in law.results if not name.endswith(UNUSED)), *names),
        caveats=caveats,
    )


def _check_scope(problem: Problem, optimizer: Optimizer) -> None:
    check_problem(problem)
    check_type("optimizer", optimizer, SGD, SGLD)
    if has_momentum(optimizer) or optimizer.delay:
        raise NotImplementedError("the stationary current is not built for optimizers with momentum or delay")
    if optimizer.sampling == "reshuffle":
        raise NotImplementedError("the stationary current is not built for shuffled epochs")
    if not all_numpy(problem, optimizer):
        raise NotImplementedError("the stationary current is built for NumPy numbers only; `evaluate` takes symbols")


def _noise(problem: Problem, optimizer: Optimizer, spread: Any) -> np.ndarray:
    """Return the (d, d) covariance of a step's gradient; of sampled curvatures where the parameters have a spread."""
    noise = batch_noise(problem, optimizer)
    if spread is None or problem.one_curvature:
        return noise
    from sgdtheory.numeric.stability.problem_curvature import curvature_of

    return noise + float(batch_share(problem, optimizer)) * curvature_of(problem).spread(spread)


def _antisymmetric(matrix: np.ndarray) -> np.ndarray:
    return (matrix - matrix.T) / 2
