"""Noise that sees the state through one number, and any linear optimizer: threshold and loss in closed form.

If the gradient at a point of covariance Y has the noise

    C0 + gamma (tr(H Y) H - tau H Y H),

the modes of H meet only in q = tr(H Y). With a_k the optimizer's gain along mode k, the covariance at the point where
it looks for its gradient per unit of noise,

    Y_kk = a_k (c_k + gamma q h_k) / (1 + tau gamma h_k^2 a_k),

and summing h_k Y_kk gives q. So the second moment converges exactly if the mean does and

    gamma sum_k h_k^2 a_k / (1 + tau gamma h_k^2 a_k) < 1.

Gaussian features are gamma = 1/m, tau = -1: there every denominator must stay positive, too. One-hot features are
gamma = p, tau = 1. Sources: M. Velikanov, D. Kuznedelev and D. Yarotsky, A view of mini-batch SGD via generating
functions, 2023, for the noise; L. Ziyin, K. Liu, T. Mori and M. Ueda, Strength of minibatch noise in SGD, 2022,
theorem 2 for Gaussian features with heavy ball. Here the optimizer enters through its gains alone.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sgdtheory.errors import DomainError, StabilityError
from sgdtheory.numeric.moments.linear_optimizer import LinearOptimizer
from sgdtheory.numeric.scalars import scalar
from sgdtheory.numeric.stability.crossing import first_crossing
from sgdtheory.optimizers import SGD


class SpectralNoise(NamedTuple):
    """The noise gamma (tr(H Y) H - tau H Y H) that a covariance Y adds.

    Attributes
    ----------
    gamma
        Its size, >= 0: 1/m for Gaussian features.
    tau
        -1 for Gaussian features, 1 for features of which one at a time is not zero.
    """

    gamma: float
    tau: float


def gains(optimizer: LinearOptimizer, curvatures: np.ndarray) -> np.ndarray:
    """Return the (n,) variance of the point where the gradient is taken, per unit of noise; the mean must contract.

    Examples
    --------
    >>> from sgdtheory.numeric.moments.linear_optimizer import of
    >>> gains(of(SGD(0.1, 1)), np.array([2.0])).round(12)  # 0.01 / (1 - 0.8^2)
    array([0.02777778])
    """
    B, s = optimizer.change(curvatures), optimizer.size
    one = np.eye(s)
    system = -(np.einsum("iac,bd->iabcd", B, one) + np.einsum("ac,ibd->iabcd", one, B)).reshape(-1, s * s, s * s)
    system -= np.einsum("iac,ibd->iabcd", B, B).reshape(-1, s * s, s * s)
    source = np.broadcast_to(np.outer(optimizer.drive, optimizer.drive).ravel()[:, None], (len(B), s * s, 1))
    found = np.linalg.solve(system, source).reshape(-1, s, s)
    return np.einsum("a,iab,b->i", optimizer.look, found, optimizer.look)


def loop(optimizer: LinearOptimizer, curvatures: np.ndarray, noise: SpectralNoise) -> float:
    """Return gamma sum h^2 a / (1 + tau gamma h^2 a): the second moment converges where it is below one.

    It is infinite where the mean diverges, or some variance alone does.
    """
    gamma, tau = _checked(noise)
    if not optimizer.slack(curvatures) > 0:
        return np.inf
    fed = gamma * curvatures**2 * gains(optimizer, curvatures)
    left = 1 + tau * fed
    return float((fed / left).sum()) if left.min() > 0 else np.inf


def sharp_loss(optimizer: LinearOptimizer, curvatures: np.ndarray, noise: SpectralNoise, floor: np.ndarray) -> float:
    """Return q = tr(H Y), twice the stationary excess loss where gradients are taken.

    Parameters
    ----------
    optimizer
        See ``numeric.moments.linear_optimizer``.
    curvatures
        (n,) eigenvalues of H.
    noise
        What the covariance adds.
    floor
        (n,) diagonal of C0 in the modes: the noise at the minimum.

    Raises
    ------
    StabilityError
        If the second moment diverges.

    Examples
    --------
    >>> from sgdtheory.numeric.moments.linear_optimizer import of
    >>> one = SpectralNoise(1.0, -1.0)  # eta sigma^2 h / (2 - 3 eta h)
    >>> round(sharp_loss(of(SGD(0.1, 1)), np.array([1.0]), one, np.array([1.0])), 9)
    0.058823529
    """
    gamma, tau = _checked(noise)
    radius = loop(optimizer, curvatures, noise)
    if radius >= 1:
        raise StabilityError(
            "the second moment of the parameters diverges",
            got=f"a loop from noise to noise of {radius:.6g}",
            allowed="below 1",
            mend="take a smaller learning rate, or a larger batch",
        )
    a = gains(optimizer, curvatures)
    left = 1 + tau * gamma * curvatures**2 * a
    return float((curvatures * a * floor / left).sum() / (1 - radius))


def spectral_limit(curvatures: np.ndarray, noise: SpectralNoise, optimizer: SGD) -> float:
    """Return the learning rate up to which the second moment converges; only the optimizer's momentum is used.

    Examples
    --------
    >>> one = SpectralNoise(1.0, -1.0)  # Gaussian features, batches of one
    >>> round(spectral_limit(np.array([1.0, 2.0]), one, SGD(1, 1)), 12), round((9 - 17**0.5) / 16, 12)
    (0.304805898399, 0.304805898399)
    """
    return first_crossing(lambda linear: loop(linear, curvatures, noise), float(curvatures.max()), optimizer)


def _checked(noise: SpectralNoise) -> SpectralNoise:
    gamma, tau = scalar("gamma", noise.gamma), scalar("tau", noise.tau)
    if not gamma >= 0 or not tau <= 1:
        raise DomainError(
            "this is no covariance",
            got=f"gamma {noise.gamma}, tau {noise.tau}",
            allowed="gamma >= 0 and tau <= 1",
            mend="take gamma = 1/m and tau = -1 for Gaussian features",
        )
    return SpectralNoise(gamma, tau)
