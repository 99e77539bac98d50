"""The loss that the mean of shuffled epochs follows, to first order in the learning rate."""

from __future__ import annotations

import numpy as np

from sgdtheory.errors import DomainError
from sgdtheory.numeric.engine.model import epoch_sizes
from sgdtheory.numeric.moments.epochs.checks import check_epochs
from sgdtheory.numeric.moments.epochs.samples import samples_of
from sgdtheory.optimizers import SGD
from sgdtheory.problems import Problem


def modified_loss_minimum(problem: Problem, optimizer: SGD) -> np.ndarray:
    """Return the minimum of the loss that the mean of shuffled epochs follows.

    Parameters
    ----------
    problem
        ``LeastSquares`` or ``QuadraticSums`` in NumPy numbers.
    optimizer
        ``SGD`` with sampling ``"reshuffle"`` and no momentum.

    Returns
    -------
    ndarray
        (d,). The mean at the ends of epochs differs from it by the second order of the learning rate, where both
        differ from the minimum of the loss by the first: ``epoch_law(...).mean()`` is more exact.

    Raises
    ------
    DomainError
        With momentum, another sampling, or a problem in other numbers.

    Notes
    -----
    Source: S. L. Smith et al., On the origin of implicit regularization in stochastic gradient descent (2021): the
    mean over all orders follows L + (eta/4) mean_k |grad L_k|^2 to second order in eta, with L_k the loss of batch k.
    Over batches of m, mean_k |grad L_k|^2 is |grad L|^2 + p tr C(theta) with p = (n - m)/(m (n - 1)), which is
    (M - 1)/(n - 1) for M batches. Where the last batch is smaller, the latter is what the pairs of batches give.

    Examples
    --------
    >>> from sgdtheory.problems import QuadraticSums
    >>> problem = QuadraticSums([[[1.0]], [[3.0]]], [[-1.0], [1.0]])
    >>> modified_loss_minimum(problem, SGD(0.1, 1, sampling="reshuffle")).round(6)
    array([0.022222])
    """
    check_epochs(problem, optimizer)
    if optimizer.momentum != 0:
        raise DomainError(
            "the modified loss is that of SGD without momentum",
            got=f"momentum {optimizer.momentum}",
            allowed="momentum 0",
            mend="use epoch_law(problem, optimizer).mean(), which holds with momentum",
        )
    if problem.one_curvature:
        return np.array(problem.minimum)  # the noise is the same everywhere
    samples, n = samples_of(problem), problem.dataset_size
    share = (len(epoch_sizes(n, optimizer.batch_size)) - 1) / (n - 1)
    H, rate = np.diag(samples.eigenvalues), optimizer.learning_rate
    spread = samples.curvature.spread(np.eye(len(H)))
    slope = np.einsum("iqq->i", samples.tied)
    offset = np.linalg.solve(H + rate / 2 * (H @ H + share * spread), -rate / 2 * share * slope)
    return problem.minimum + problem.spectrum.vectors @ offset
