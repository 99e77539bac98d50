"""What papers say of the limit in mean square by a formula: bounds on either side, and two rules that are none.

With H the mean curvature, h its eigenvalues from the largest h_1 down, R = E[A_i^2] - H^2 and p the share of a batch:

* E e'[(1 - eta H)^2 + eta^2 p R] e is the next mean square. It falls for every e exactly if eta (H^2 + p R) <= 2 H,
  which is sufficient (L. Wu, C. Ma and W. E, How SGD selects the global minima, 2018, for one parameter also
  necessary).
* With t and s the largest and smallest eigenvalue of R, below min_j 2 h_j / (h_j^2 + p t) all mean squares fall, above
  max_j 2 h_j / (h_j^2 + p s) all grow (V. Patel, On SGD's failure in practice, 2018, as its abstract and this norm
  say).
* R = E[A_i^2] - H^2 and E[A_i^2] <= r^2 H give 2 / (p r^2 + (1 - p) h_1) (P. Jain and others, Parallelizing stochastic
  gradient descent for least squares regression, 2018, eq. (5), for draws with replacement).
* Trying S = 1 and S = v_1 v_1' as covariance bounds the limit from above (R. Mulayoff and T. Michaeli, Exact mean
  square linear stability analysis for SGD, 2024, proposition 3).
* The edge of the diagram of Wu, Ma and E in sharpness a = h_1 and non-uniformity s^2 = t, 2 a / (a^2 + p s^2), is a
  bound on no side where the sharpest direction is not the one that varies most.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.linalg

from sgdtheory.numeric.moments.modes import Modes


class Bounds(NamedTuple):
    """Learning rates of plain SGD beside its exact limit in mean square.

    Attributes
    ----------
    sufficient, sufficient_patel, sufficient_jain
        Below them the mean square converges; the first is the largest.
    divergent_mulayoff, divergent_patel
        Above them it diverges: from some start, and from every start.
    diagram
        The edge of the diagram of Wu, Ma and E, no bound.
    sharpness, non_uniformity
        Its coordinates a and s.
    """

    sufficient: float
    sufficient_patel: float
    sufficient_jain: float
    divergent_mulayoff: float
    divergent_patel: float
    diagram: float
    sharpness: float
    non_uniformity: float


def bounds(modes: Modes, share: float) -> Bounds:
    """Return the bounds.

    Examples
    --------
    >>> from sgdtheory.numeric.moments.modes import moving_modes
    >>> from sgdtheory.numeric.solvers.sampled_curvature import RankOneCurvature
    >>> modes = moving_modes(RankOneCurvature(np.array([[1.0], [2.0]])))
    >>> {round(rate, 6) for rate in bounds(modes, 1.0)[:6]}  # in one parameter they are all 2 h / (h^2 + v)
    {0.588235}
    """
    h, p = modes.eigenvalues, share
    R = modes.curvature.spread(np.eye(len(h)))
    rough = np.linalg.eigvalsh(R)
    t, s = max(float(rough[-1]), 0.0), max(float(rough[0]), 0.0)
    root = np.sqrt(h)
    worst = scipy.linalg.eigvalsh((np.diag(h**2) + p * R) / np.outer(root, root))[-1]
    second = scipy.linalg.eigvalsh((np.diag(h**2) + R) / np.outer(root, root))[-1]
    first = np.zeros_like(R)
    first[-1, -1] = 1.0
    along = float(modes.curvature.spread(first)[-1, -1])
    return Bounds(
        sufficient=float(2 / worst),
        sufficient_patel=float((2 * h / (h**2 + p * t)).min()),
        sufficient_jain=float(2 / (p * second + (1 - p) * h[-1])),
        divergent_mulayoff=float(min(2 * h[-1] / (h[-1] ** 2 + p * along), 2 * h.sum() / (h @ h + p * np.trace(R)))),
        divergent_patel=float((2 * h / (h**2 + p * s)).max()),
        diagram=float(2 * h[-1] / (h[-1] ** 2 + p * t)),
        sharpness=float(h[-1]),
        non_uniformity=t**0.5,
    )
