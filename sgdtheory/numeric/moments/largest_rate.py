"""Up to which learning rate the second moment of SGD converges, without and with heavy-ball momentum, in one solve.

The inverse gains of these are affine in the inverse learning rate, 1 / a = alpha / rate + beta for each pair of modes,
and the second moment converges where 1 / a exceeds p spread as a quadratic form: where 1 / rate exceeds the largest
eigenvalue of p spread - beta against alpha. Without momentum that is theorem 4 of R. Mulayoff and T. Michaeli, Exact
mean square linear stability analysis for SGD, 2024. Nesterov's gains are not affine; see ``numeric.stability``.
"""

from __future__ import annotations

import numpy as np

from sgdtheory.numeric.moments.linear_optimizer import of
from sgdtheory.numeric.moments.modes import moving_modes
from sgdtheory.numeric.solvers.sampled_curvature import SampledCurvature
from sgdtheory.numeric.solvers.symmetric_space import largest_eigenvalue
from sgdtheory.optimizers import SGD


def largest_rate(curvature: SampledCurvature, share: float, momentum: float = 0.0) -> float:
    """Return the learning rate below which mean and second moment converge, on the range of the Hessian.

    Parameters
    ----------
    curvature
        The samples' curvatures.
    share
        p: the covariance of a batch over that of a sample.
    momentum
        Heavy ball, not Nesterov's.

    Raises
    ------
    StabilityError
        If there is no such rate: a negative curvature, or samples that curve a flat direction.

    Examples
    --------
    >>> from sgdtheory.numeric.solvers.sampled_curvature import RankOneCurvature
    >>> features = RankOneCurvature(np.array([[1.0], [2.0]]))
    >>> round(largest_rate(features, 1.0), 6)  # 2 mean(x^2) / mean(x^4)
    0.588235
    """
    modes = moving_modes(curvature)
    h = modes.eigenvalues
    rates = 1 / h[-1], 0.5 / h[-1]
    first, second = (1 / of(SGD(rate, 1, momentum=momentum)).gains(h)[..., 0, 0] for rate in rates)
    root, beta = np.sqrt((second - first) * rates[0]), 2 * first - second

    def push(matrix: np.ndarray) -> np.ndarray:
        scaled = matrix / root
        return (share * modes.curvature.spread(scaled) - beta * scaled) / root

    return 1 / largest_eigenvalue(push, len(h))
