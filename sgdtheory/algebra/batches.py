"""Moments of the mean of a mini-batch drawn from a finite data set, from the probabilities that samples are in it."""

from __future__ import annotations

import sympy as sp


def batch_mean_covariance(square_sum: sp.Expr, size: sp.Expr, batch: sp.Expr, *, replacement: bool) -> sp.Expr:
    """Return the covariance of a batch mean of centred samples.

    Parameters
    ----------
    square_sum
        Sum over the data set of the product of two centred coordinates, sum_k x_k y_k.
    size, batch
        Samples in the data set and in the batch.
    replacement
        Whether the batch's samples are independent draws or a subset.

    Notes
    -----
    The batch mean is (1/m) sum_k n_k x_k with n_k the times that sample k is in the batch, so its covariance is
    (1/m^2) sum_kl E[n_k n_l] x_k y_l. By symmetry E[n_k n_l] takes two values; since the samples are centred,
    the sum over k != l of x_k y_l is minus the sum over k of x_k y_k.

    Examples
    --------
    >>> batch_mean_covariance(sp.Integer(4), sp.Integer(4), sp.Integer(4), replacement=False)
    0
    """
    if replacement:  # multinomial counts
        same = batch / size + batch * (batch - 1) / size**2
        other = batch * (batch - 1) / size**2
    else:  # indicators of a uniform subset
        same = batch / size
        other = batch * (batch - 1) / (size * (size - 1))
    return (same - other) * square_sum / batch**2
