"""The learning rate whose batch sharpness is two over it, plain SGD.

Batch sharpness is E[g_B' H_B g_B] / E[|g_B|^2], how much a step's own batch curves along its own gradient. With an
interpolated minimum, g_B = H_B e, and e spread as the critical covariance S, that which the limit in mean square leaves
unchanged, it is tr(E[H_B^3] S) / tr(E[H_B^2] S); it equals 2 / eta at

    eta_BS = 2 tr(E[H_B^2] S) / tr(E[H_B^3] S).

Where no batch curves downward eta_BS <= eta_MS: the trace of H S + S H = eta_MS E[H_B S H_B] says eta_MS = 2 tr(E[H_B]
S) / tr(E[H_B^2] S), and tr(E[H_B^2] S)^2 <= tr(E[H_B] S) tr(E[H_B^3] S) is the inequality of Cauchy and Schwarz for
H_B^(1/2) S^(1/2) and H_B^(3/2) S^(1/2). So a run can pass the edge of batch sharpness and still be stable. Batch
sharpness as measured: A. Andreyev and P. Beneventano, Edge of stochastic stability, 2024; the limit is derived here.
"""

from __future__ import annotations

import numpy as np

from sgdtheory.errors import DomainError
from sgdtheory.numeric.moments.modes import Modes
from sgdtheory.numeric.solvers.lyapunov_equation import Equation
from sgdtheory.numeric.solvers.sampled_curvature import MatrixCurvature, RankOneCurvature
from sgdtheory.numeric.solvers.symmetric_space import DENSE, as_matrix, as_vector, dense_matrix, leading_pair
from sgdtheory.numeric.stability.problem_curvature import DrawnCurvature, Samples

ALIKE = 1e-9  # relative distance within which leading eigenvalues count as one


def batch_sharpness_limit(modes: Modes, share: float, skew: float, cubes: np.ndarray) -> float:
    """Return eta_BS.

    Parameters
    ----------
    modes
        The directions of positive curvature.
    share, skew
        Factors from the second and third central moment of a sample to those of a batch's mean.
    cubes
        (r, r) mean of (A_i - H)^3, in the modes.
    """
    h, spread = np.diag(modes.eigenvalues), modes.curvature.spread
    S = critical_covariance(modes, share)
    plain = spread(np.eye(len(h)))
    squares = h @ h + share * plain
    third = h @ h @ h + share * (h @ plain + plain @ h + spread(h)) + skew * cubes
    size = float(np.vdot(third, S))
    if not size > 0:
        raise DomainError(
            "batches curve downward so strongly that their mean cube is not positive",
            got=f"tr(E[H_B^3] S) = {size:.3g}",
            allowed="curvatures that are positive semidefinite",
            mend="ask for another kind of limit",
        )
    return 2 * float(np.vdot(squares, S)) / size


def critical_covariance(modes: Modes, share: float) -> np.ndarray:
    """Return the (r, r) covariance that plain SGD at its limit in mean square leaves as it is, of trace one.

    Where several do it is the one into which the identity turns.
    """
    h = modes.eigenvalues
    root, r = np.sqrt(Equation(None, 1, None).on_pairs(h)), len(h)

    def push(matrix: np.ndarray) -> np.ndarray:
        scaled = matrix / root
        return (np.outer(h, h) * scaled + share * modes.curvature.spread(scaled)) / root

    start = as_vector(np.diag(root.diagonal()))
    if r <= DENSE:
        values, vectors = np.linalg.eigh(dense_matrix(push, r))
        leading = vectors[:, values >= values[-1] * (1 - ALIKE)]
        found = leading @ (leading.T @ start)
    else:
        found = leading_pair(lambda vector: as_vector(push(as_matrix(vector, r))), start, 20)[1]
        found = found * np.sign(found @ start)
    S = as_matrix(found, r) / root
    return S / np.trace(S)


def skew_of(batch_size: int, dataset_size: int | None, sampling: str) -> float:
    """Return the third central moment of a batch's mean over that of a sample.

    Examples
    --------
    >>> skew_of(2, 10, "replacement"), round(skew_of(2, 10, "without_replacement"), 9)
    (0.25, 0.166666667)
    """
    m, n = batch_size, dataset_size
    if sampling == "replacement" or n is None or m == 1:
        return 1 / m**2
    return 0.0 if n == m else (n - m) * (n - 2 * m) / (m**2 * (n - 1) * (n - 2))


def mean_cubes(curvature: Samples) -> np.ndarray:
    """Return the (d, d) mean of (A_i - H)^3.

    Examples
    --------
    >>> mean_cubes(RankOneCurvature(np.array([[0.0], [1.0], [2.0]]))).round(6)  # of 0, 1, 4 about 5/3
    array([[2.592593]])
    """
    if isinstance(curvature, DrawnCurvature):
        return curvature.cubes()
    if isinstance(curvature, MatrixCurvature):
        deviations = curvature.matrices - curvature.hessian
        return np.einsum("nij,njk,nkl->il", deviations, deviations, deviations, optimize=True) / len(deviations)
    if isinstance(curvature, RankOneCurvature):
        x, G = curvature.features, curvature.gram
        length = np.einsum("ij,ij->i", x, x)
        first, second = ((x * length[:, None] ** power).T @ x / len(x) for power in (2, 1))
    else:
        G = curvature.covariance
        trace, square = np.trace(G), G @ G
        first = (trace**2 + 2 * np.trace(square)) * G + 4 * trace * square + 8 * square @ G
        second = trace * G + 2 * square
    around = curvature.spread(G) + G @ G @ G  # the mean of x x' G x x'
    return first - second @ G - G @ second - around + 2 * G @ G @ G
