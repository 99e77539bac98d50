"""The tail index of the stationary law: the power beyond which the distance from the minimum has no moment.

With noise at the minimum, P(|e| > u) falls like u^-alpha, where the growth of E |product of t steps|^alpha is one (H.
Kesten, Random difference equations and renewal theory for products of random matrices, 1973). In one parameter that is
E |1 - eta h_B|^alpha = 1; at the limit in mean square alpha is 2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy.optimize

from sgdtheory.numeric.moments.linear_optimizer import of
from sgdtheory.numeric.moments.modes import Modes
from sgdtheory.numeric.solvers.sampled_curvature import GaussianCurvature, MatrixCurvature, RankOneCurvature
from sgdtheory.numeric.stability.draws import Batches
from sgdtheory.numeric.stability.isotropic import IsotropicStep
from sgdtheory.numeric.stability.moment_growth import Populations, moment_growth
from sgdtheory.numeric.stability.scalar_batches import batch_atoms, scalar_curvatures
from sgdtheory.optimizers import SGD

MOST = 8.0  # a power beyond which simulated draws hardly meet what carries the moment
LARGEST_WORK = 4e6  # products of a sample with a state, times coordinates, in a step of all populations
UNIT = 0.01  # of a moment's growth per step that counts as growth, without momentum
HALVINGS, POINTS = 5, 6

Growth = Callable[[float], float]


class Tail(NamedTuple):
    """A tail index, its standard error (zero where it is exact), and whether it is only known to be at least this."""

    index: float
    standard_error: float
    at_least: bool = False


def never_expands(modes: Modes, batches: Batches, optimizer: SGD) -> bool:
    """Return whether no step of plain SGD lengthens any vector, no sample being too sharp: then all moments exist."""
    samples = batches.samples
    if optimizer.momentum:
        return False
    if isinstance(samples, RankOneCurvature):
        lowest, highest = batches.ridge, float(np.square(samples.features).sum(axis=1).max()) + batches.ridge
    elif isinstance(samples, MatrixCurvature):
        spectra = np.linalg.eigvalsh(samples.matrices)
        lowest, highest = float(spectra.min()), float(spectra.max())
    else:
        return False
    return lowest >= -1e-12 * highest and optimizer.learning_rate * highest <= 2


def exact_growth(modes: Modes, batches: Batches, optimizer: SGD) -> Growth | None:
    """Return power -> log E[stretch^power] where a step stretches all vectors alike in law; else None."""
    h, rate = modes.eigenvalues, float(optimizer.learning_rate)
    if optimizer.momentum:
        return None
    if isinstance(batches.samples, GaussianCurvature) and np.ptp(h) <= 1e-12 * h[-1]:
        return IsotropicStep(rate * float(h[-1]), len(h), batches.size).log_moment
    values = scalar_curvatures(batches)
    atoms = None if values is None else batch_atoms(values, batches.size, batches.sampling)
    if atoms is None:
        return None
    with np.errstate(divide="ignore"):
        logs, weights = np.log(np.abs(1 - rate * atoms.values)), np.log(atoms.weights)
    return lambda power: float(np.logaddexp.reduce(power * logs + weights))


def exact_tail(growth: Growth) -> Tail | None:
    """Return the index from the exact growth; None where even low moments grow, so that nothing is stationary."""
    above = 2.0
    while growth(above) <= 0:
        above *= 2
        if above > 2**20:
            return Tail(np.inf, 0.0)
    below = above
    while growth(below) >= 0:
        below /= 2
        if below < 1e-9:
            return None
    return Tail(float(scipy.optimize.brentq(growth, below, above, xtol=1e-13, rtol=1e-14)), 0.0)


def simulated_tail(
    modes: Modes, batches: Batches, optimizer: SGD, least: float, seed: int, effort: Populations | None
) -> Tail:
    """Return the index by simulation, from a power ``least`` at which the moment is known to exist."""
    r, linear = len(modes.eigenvalues), of(optimizer)
    default = Populations()
    fits = int(LARGEST_WORK / (default.populations * batches.size * r * linear.size))
    effort = effort or default._replace(size=max(40, min(default.size, fits)))

    def grown(power: float) -> tuple[float, float]:
        return moment_growth(batches, r, linear, power, seed, effort)

    # A slow direction keeps the growth just below zero up to the index, so the zero is approached from above.
    pace = UNIT * (1 - float(optimizer.momentum))

    def unit(power: float) -> float:
        return pace * min(1.0, power / 2)

    below, above = least, 2 * least
    while grown(above)[0] < 2 * unit(above):
        below, above = above, 2 * above
        if below >= MOST:
            return Tail(below, 0.0, at_least=True)
    for _ in range(HALVINGS):
        middle = (below + above) / 2
        below, above = (below, middle) if grown(middle)[0] >= 4 * unit(middle) else (middle, above)
    powers = np.linspace(below, above + (above - below), POINTS)
    values, errors = np.array([grown(power) for power in powers]).T
    kept = values > [unit(power) for power in powers]
    fit = np.polyfit(powers[kept], values[kept], 2)  # the last halving leaves half of the powers above 4 units
    first = float(powers[kept][0])
    line = np.polyval(np.polyder(fit), first)
    roots = np.roots(fit)
    roots = roots[np.abs(roots.imag) < 1e-9].real
    straight = first - values[kept][0] / line
    index = roots[np.argmin(np.abs(roots - straight))] if len(roots) else straight
    error = np.hypot(float(errors[kept].min()) / line, index - straight)
    return Tail(float(max(index, least)), float(error))
