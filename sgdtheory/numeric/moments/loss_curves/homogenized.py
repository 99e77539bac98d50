"""Homogenized SGD: what the loss of plain SGD on least squares tends to in high dimension.

With P the loss, the diffusion dX = -eta grad P dt + eta sqrt(2 p P(X) H) dB, time t in steps and p the covariance of a
batch over that of a sample, gives P(t) = psi, where h_k are the eigenvalues of H and w_k the start along them,

    psi(t) = L* + 1/2 sum h_k w_k^2 exp(-2 eta h_k t) + eta^2 p sum h_k^2 int_0^t exp(-2 eta h_k (t - s)) psi(s) ds.

Each summand of psi - L* obeys a linear differential equation, which the loss alone links to the others; their matrix is
similar to a symmetric one. Source: C. Paquette, E. Paquette, B. Adlam and J. Pennington, Homogenization of SGD in
high-dimensions, 2022, for batches of one; there time is counted in passes and the features are not divided by n.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True, eq=False)
class Homogenized:
    """Homogenized SGD.

    Attributes
    ----------
    curvatures
        (n,) eigenvalues h_k of H, positive.
    learning_rate
        Positive.
    share
        p: 1/m for m independent samples.
    lowest
        L*, the loss at the minimum.

    Examples
    --------
    >>> law = Homogenized(np.array([1.0, 0.5]), learning_rate=0.4, share=1.0, lowest=2.0)
    >>> round(law.settled_loss, 12), round(law.largest_rate, 12)  # 2 / (1 - 0.2 * 1.5), 2 / 1.5
    (2.857142857143, 1.333333333333)
    >>> round(float(law.parts(np.array([1.0, 1.0]), np.array([1e3])).sum()), 12)
    0.857142857143
    """

    curvatures: np.ndarray
    learning_rate: float
    share: float
    lowest: float

    @property
    def largest_rate(self) -> float:
        """The learning rate below which the loss stays bounded: 2 / (p tr H)."""
        return 2 / (self.share * float(self.curvatures.sum()))

    @property
    def settled_loss(self) -> float:
        """The loss that is settled to, infinite beyond the largest rate."""
        left = 1 - self.learning_rate / self.largest_rate
        return self.lowest / left if left > 0 else np.inf

    @cached_property
    def _flow(self) -> tuple[np.ndarray, np.ndarray]:
        """Eigenvalues and eigenvectors of the flow of the parts over h_k, where it is symmetric."""
        h, eta = self.curvatures, self.learning_rate
        return np.linalg.eigh(np.diag(-2 * eta * h) + eta**2 * self.share * np.outer(h, h))

    def parts(self, offset: np.ndarray, times: np.ndarray) -> np.ndarray:
        """Return (n, T): the share h_k E[w_k^2] / 2 of each mode in the excess loss at these times.

        ``offset``, (n,), is the start in the modes, away from the minimum.
        """
        h, (rates, vectors) = self.curvatures, self._flow
        begun = vectors.T @ (offset**2 / 2)  # the parts over h_k
        pushed = vectors.T @ (self.learning_rate**2 * self.share * self.lowest * h)
        course = rates[:, None] * times
        with np.errstate(over="ignore", invalid="ignore"):
            grown = np.divide(np.expm1(course), rates[:, None], out=times + 0 * course, where=rates[:, None] != 0)
            return h[:, None] * (vectors @ (np.exp(course) * begun[:, None] + grown * pushed[:, None]))
