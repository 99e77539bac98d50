"""Up to which learning rate the second moment of SGD converges, with momentum of either kind.

It does where the mean step contracts and the loop from noise to spread to noise has a spectral radius below one
(``numeric.moments.noise_loop``). For plain SGD and heavy ball 1 / gain falls with the rate for every pair of modes, so
the stable rates are an interval, and its end an eigenvalue (``numeric.moments.largest_rate``). For Nesterov's momentum
they need not be, nor with a delay: the radius is zero at small rates and mostly infinite at the limit of the mean, and
its first crossing of one is searched for. So it is for Gaussian features, where the radius is a sum over modes, and for
least squares with more features than samples, where it is that of an n x n kernel.
"""

from __future__ import annotations

from sgdtheory.numeric.moments.largest_rate import largest_rate
from sgdtheory.numeric.moments.modes import moving_modes
from sgdtheory.numeric.moments.noise_loop import NoiseLoop
from sgdtheory.numeric.solvers.noise_kernel import NoiseKernel
from sgdtheory.numeric.solvers.sampled_curvature import GaussianCurvature, RankOneCurvature, SampledCurvature
from sgdtheory.numeric.solvers.symmetric_space import DENSE
from sgdtheory.numeric.stability.crossing import first_crossing
from sgdtheory.numeric.stability.kernel import KernelLoop
from sgdtheory.numeric.stability.spectrally_expressible import SpectralNoise, spectral_limit
from sgdtheory.optimizers import SGD


def mean_square_limit(curvature: SampledCurvature, share: float, optimizer: SGD) -> float:
    """Return the learning rate up to which the second moment converges.

    Parameters
    ----------
    curvature
        The samples' curvatures.
    share
        p, the covariance of a batch over that of a sample.
    optimizer
        Its momentum and delay are used, its learning rate is not.

    Examples
    --------
    >>> features = RankOneCurvature([[1.0], [2.0]])
    >>> round(mean_square_limit(features, 1.0, SGD(1, 1)), 6)  # 2 mean(x^2) / mean(x^4)
    0.588235
    >>> round(mean_square_limit(features, 1.0, SGD(1, 1, momentum=0.5)), 6)
    0.576923
    """
    if isinstance(curvature, RankOneCurvature) and _prefers_kernel(curvature):
        kernel = NoiseKernel(curvature.features, share, curvature.ridge)
        if optimizer.momentum == 0 and not optimizer.delay:
            return kernel.mean_square_limit()
        loop = KernelLoop(kernel)
        return first_crossing(loop.radius, float(loop.curvatures.max()), optimizer)
    if isinstance(curvature, GaussianCurvature):
        return spectral_limit(moving_modes(curvature).eigenvalues, SpectralNoise(share, -1.0), optimizer)
    if not optimizer.nesterov and not optimizer.delay:
        return largest_rate(curvature, share, optimizer.momentum)
    largest = float(moving_modes(curvature).eigenvalues[-1])
    return first_crossing(lambda linear: NoiseLoop(linear, curvature, share).radius, largest, optimizer)


def _prefers_kernel(curvature: RankOneCurvature) -> bool:
    n, d = curvature.features.shape
    return d > max(n, DENSE)
