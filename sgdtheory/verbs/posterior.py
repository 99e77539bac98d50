"""``posterior_step``: the steps with which SGD samples a posterior, or comes as near as one learning rate can."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sgdtheory.catalogue import results
from sgdtheory.errors import DomainError
from sgdtheory.numeric.arrays import NUMPY, is_concrete
from sgdtheory.numeric.batch_noise import batch_noise, batch_share
from sgdtheory.numeric.evaluate import evaluate
from sgdtheory.numeric.scalars import scalar
from sgdtheory.optimizers import SGD
from sgdtheory.problems import Problem, check_problem
from sgdtheory.verbs.laws import check_positive_definite, stationary_law
from sgdtheory.verbs.stability import mean_square_stability, mean_stability

if TYPE_CHECKING:
    import numpy as np

NOT_GAUSSIAN = "mean and covariance are the posterior's; the law of the iterates need not be Gaussian"
USED = ("posterior.preconditioned_variance", "posterior.optimal_learning_rate_diffusion")


@dataclass(frozen=True, eq=False)
class PosteriorStep:
    """Steps that sample the posterior N(minimum, covariance).

    Attributes
    ----------
    preconditioner
        (d, d) P: the iterates of theta <- theta - P g have the posterior's mean and covariance.
    learning_rate
        eta of the plain SGD whose stationary law is nearest to the posterior.
    divergence
        Kullback-Leibler divergence from the posterior that this leaves, in nats, the laws being taken as Gaussian.
    covariance
        (d, d) covariance of the posterior.
    results
        Names of the closed forms behind them.
    caveats
        What is approximate, in sentences.
    """

    preconditioner: np.ndarray
    learning_rate: float
    divergence: float
    covariance: np.ndarray
    results: tuple[str, ...] = USED
    caveats: tuple[str, ...] = ()


def posterior_step(
    problem: Problem,
    dataset_size: Any = None,
    batch_size: Any = 1,
    *,
    noise_variance: Any = 1.0,
    sampling: str = "replacement",
) -> PosteriorStep:
    """Return the preconditioner with which SGD samples a posterior, and the nearest plain learning rate.

    Parameters
    ----------
    problem
        Its mean loss L gives the posterior, proportional to exp(-D L/noise_variance), for which D losses are negative
        log-likelihoods. Numbers in NumPy.
    dataset_size
        D, the problem's own if left out.
    batch_size
        Samples per step.
    noise_variance
        For ``LeastSquares`` the variance of the targets about the line: its posterior is that of Bayesian linear
        regression, a ``ridge`` standing for a prior of variance noise_variance/(D ridge). One for negative
        log-likelihoods.
    sampling
        ``"replacement"`` or ``"without_replacement"``: batches drawn afresh.

    Returns
    -------
    PosteriorStep
        ``preconditioner``, ``learning_rate``, ``divergence`` and ``covariance``.

    Raises
    ------
    DomainError
        If there is no dataset size, a number is not positive, the Hessian is not positive definite, or the noise of a
        batch vanishes along some direction.
    NotImplementedError
        For problems outside NumPy, a batch size that is no number, and shuffled epochs.

    Notes
    -----
    P = 2 (D N + H)^-1, with N the covariance of a batch's gradient where the parameters are spread as the posterior:
    N = p (C + spread((D H)^-1)), which takes in how samples differ in their curvature. It solves
    P H S + S H P - P H S H P = P N P for S = (D H)^-1, at any size of the steps. Mandt, Hoffman and Blei (2017),
    Theorem 2 and eq. (17), is its limit for small steps and constant noise, eta P = 2 (D N)^-1. The learning rate is
    found by minimising the divergence of the exact law, to about eight digits; their Theorem 1,
    ``posterior.optimal_learning_rate_diffusion``, is its limit.

    Examples
    --------
    >>> from sgdtheory.problems import Quadratic
    >>> step = posterior_step(Quadratic([[2.0]], [[3.0]]), dataset_size=10, batch_size=4)
    >>> round(float(step.preconditioner[0, 0]), 9)  # 2 m / (D c + m lambda) = 8 / 38
    0.210526316
    >>> round(step.learning_rate, 6)  # in one dimension the same
    0.210526
    """
    check_problem(problem)
    if problem.kind != NUMPY:
        raise NotImplementedError(f"steps that sample a posterior are not built for problems in {problem.kind} numbers")
    size = _positive("dataset_size", _known_size(problem, dataset_size))
    size /= _positive("noise_variance", noise_variance)
    optimizer = SGD(1.0, batch_size, sampling=sampling)
    if not is_concrete(optimizer.batch_size):
        raise NotImplementedError(
            "steps that sample a posterior are not built for a batch size in symbols or traced; put a number in"
        )
    optimizer = SGD(1.0, int(optimizer.batch_size), sampling=sampling)
    if sampling == "reshuffle":
        raise NotImplementedError("steps that sample a posterior are not built for shuffled epochs yet")
    check_positive_definite(problem)
    return _step(problem, size, optimizer)


def _known_size(problem: Problem, dataset_size: Any) -> Any:
    given = problem.dataset_size if dataset_size is None else dataset_size
    if given is None:
        raise DomainError(
            "a posterior needs a number of samples",
            got="dataset_size=None for a problem without one",
            allowed="a number > 0",
            mend="give dataset_size",
        )
    return given


def _positive(name: str, value: Any) -> float:
    number = scalar(name, value)
    if not isinstance(number, int | float) or not number > 0:
        raise DomainError(f"{name} is not positive", got=value, allowed="a number > 0", mend=f"mend {name}")
    return float(number)


def _largest_rate(problem: Problem, optimizer: SGD) -> float:
    """Return the learning rate up to which there are stationary laws."""
    if problem.exact and not problem.one_curvature:
        return mean_square_stability(problem, optimizer)
    return mean_stability(problem, optimizer)


def _step(problem: Problem, size: float, optimizer: SGD) -> PosteriorStep:
    import numpy as np  # verbs load no numbers before they are used

    from sgdtheory.numeric.gaussian_posterior import divergence, matching_preconditioner, nearest_rate
    from sgdtheory.numeric.stability.problem_curvature import curvature_of

    hessian = problem.hessian
    precision = size * hessian
    covariance = np.linalg.inv(precision)
    noise, caveats = batch_noise(problem, optimizer), problem.caveats
    if problem.exact and not problem.one_curvature:
        noise = noise + float(batch_share(problem, optimizer)) * curvature_of(problem).spread(covariance)
    if problem.exact and not problem.gaussian:
        caveats += (NOT_GAUSSIAN,)
    preconditioner = matching_preconditioner(hessian, noise, size)
    if preconditioner is None:
        raise DomainError(
            "the noise of a batch vanishes along some direction, along which no steps sample the posterior",
            got=f"batch_size {optimizer.batch_size}, sampling {optimizer.sampling!r}",
            allowed="gradient noise in every direction",
            mend="take smaller batches, or inject noise",
        )

    def gap(rate: float) -> float:
        plain = SGD(rate, optimizer.batch_size, sampling=optimizer.sampling)
        return divergence(precision, stationary_law(problem, plain).covariance)

    words = {"batch_size": 1, "dataset_size": size, "dimension": problem.dimension, "noise_trace": np.trace(noise)}
    guess = evaluate(results["posterior.optimal_learning_rate_diffusion"], **words)
    rate = nearest_rate(gap, guess, float(_largest_rate(problem, optimizer)))
    return PosteriorStep(preconditioner, rate, gap(rate), covariance, caveats=caveats)
