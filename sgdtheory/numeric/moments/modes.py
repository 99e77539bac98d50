"""The directions in which parameters move, where samples differ in their curvature."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sgdtheory.errors import StabilityError
from sgdtheory.numeric.arrays import symmetric
from sgdtheory.numeric.solvers.sampled_curvature import SampledCurvature


class Modes(NamedTuple):
    """The directions of positive curvature: eigenvalues (r,), vectors (d, r), and the curvatures seen in them."""

    eigenvalues: np.ndarray
    vectors: np.ndarray
    curvature: SampledCurvature


def moving_modes(curvature: SampledCurvature) -> Modes:
    """Return the directions of positive curvature; the others must be curved by no sample, or StabilityError."""
    H = symmetric("the mean curvature", curvature.hessian)
    eigenvalues, vectors = np.linalg.eigh(H)
    rounding = 8 * len(H) * np.finfo(float).eps * np.abs(eigenvalues).max()
    kept = eigenvalues > rounding
    flat = vectors[:, ~kept]
    falls = eigenvalues[0] < -rounding
    if falls or not kept.any() or np.trace(curvature.spread(flat @ flat.T)) > rounding * eigenvalues[-1]:
        raise StabilityError(
            "there is a direction along which the parameters diverge at every learning rate",
            got=f"the mean curvature {eigenvalues[0]:.6g}"
            if falls or not kept.any()
            else "samples that curve a direction whose mean curvature is zero",
            allowed="a positive mean curvature, or a direction that no sample curves",
            mend="check the signs of the curvatures, or add a ridge",
        )
    return Modes(eigenvalues[kept], vectors[:, kept], curvature.turned(vectors[:, kept]))
