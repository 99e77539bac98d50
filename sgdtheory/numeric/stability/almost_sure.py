"""Up to which learning rate every run of SGD converges, where the noise at the minimum is left out.

Between this limit and that of the mean square single runs shrink while their mean square grows, carried by ever rarer
runs. In one parameter the limit is exact; elsewhere it is where the simulated growth rate of long runs crosses zero.

Below the limit a slow direction, which hardly shrinks, is all that is left of a run; its rate is as near zero as its
curvature and hides the crossing. The crossing is then found from above, where the growth belongs to the directions that
matter, by carrying on a parabola through growth rates between one and four units of ``GROWTH``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.optimize

from sgdtheory.errors import DomainError
from sgdtheory.numeric.moments.linear_optimizer import of
from sgdtheory.numeric.moments.modes import Modes
from sgdtheory.numeric.solvers.sampled_curvature import GaussianCurvature
from sgdtheory.numeric.stability.draws import Batches
from sgdtheory.numeric.stability.isotropic import IsotropicStep
from sgdtheory.numeric.stability.lyapunov_exponent import Effort, growth
from sgdtheory.numeric.stability.scalar_batches import batch_atoms, first_growth, scalar_curvatures
from sgdtheory.optimizers import SGD

GROWTH = 0.01  # per step, of plain SGD; momentum slows all by 1 - momentum
RATES = 8  # learning rates that are run side by side
STRIDE = 1.25  # between them, at first
MOST_ROUNDS = 12
FINEST = 1e-4  # relative distance of learning rates that are not parted further
LEAST_CHAINS, MOST_CHAINS, SAMPLES = 8, 64, 512  # chains times batch size: what is random falls with the batch


class Limit(NamedTuple):
    """A learning rate, and its standard error where it was simulated, else zero."""

    rate: float
    standard_error: float


def exact_limit(modes: Modes, batches: Batches, optimizer: SGD, start: float) -> Limit | None:
    """Return the lowest learning rate at which single runs cease to shrink, where it can be worked out, else None.

    Parameters
    ----------
    modes
        The directions of positive curvature.
    batches
        How batches are drawn, in the coordinates of these modes.
    optimizer
        Its momentum is used, its learning rate is not.
    start
        The limit in mean square, below which every run shrinks.
    """
    if optimizer.momentum or batches.sampling == "reshuffle":
        return None
    h = modes.eigenvalues
    if isinstance(batches.samples, GaussianCurvature) and np.ptp(h) <= 1e-12 * h[-1]:

        def excess(rate: float) -> float:
            return IsotropicStep(rate * float(h[-1]), len(h), batches.size).growth()

        above = 2 * start
        while excess(above) <= 0:
            above *= 2
        return Limit(float(scipy.optimize.brentq(excess, start, above, rtol=1e-13)), 0.0)
    values = scalar_curvatures(batches)
    atoms = None if values is None else batch_atoms(values, batches.size, batches.sampling)
    return None if atoms is None else Limit(first_growth(atoms, start), 0.0)


def simulated_limit(
    modes: Modes, batches: Batches, optimizer: SGD, start: float, seed: int, effort: Effort | None = None
) -> Limit:
    """Return the same by simulation, with its standard error; ``start`` need only be of the right size."""
    pace = 1 - float(optimizer.momentum)
    effort = effort or Effort(max(LEAST_CHAINS, min(MOST_CHAINS, SAMPLES // batches.size)))
    effort = Effort(effort.chains, int(effort.settle / pace), int(effort.steps / pace))
    rough = Effort(effort.chains, effort.settle // 4, effort.steps // 4)
    unit = GROWTH * pace
    at_start = of(SGD(start, 1, momentum=optimizer.momentum, nesterov=optimizer.nesterov))
    slow = -np.log(at_start.contraction(modes.eigenvalues)) < 4 * unit
    low, high = (unit, 4 * unit) if slow else (-3 * unit, 3 * unit)

    def grown(rates: np.ndarray, effort: Effort) -> np.ndarray:
        return growth(batches, len(modes.eigenvalues), optimizer, rates, seed, effort)

    rates = start * STRIDE ** np.arange(-1, RATES - 1)
    for _ in range(MOST_ROUNDS):
        mean = grown(rates, rough).mean(axis=1)
        grows = np.flatnonzero(mean >= high)
        if not len(grows):
            rates = rates * (rates[-1] / rates[0])
        elif mean[0] >= low:
            rates = np.linspace(rates[0] / 2, rates[grows[0]], RATES)
        else:
            # The last rate below, before the first above: between them the growth crosses for the first time.
            above = grows[0]
            below = np.flatnonzero(mean[:above] <= low)[-1]
            fine = above - below > RATES // 2 or rates[above] < rates[below] * (1 + FINEST)
            rates = np.linspace(rates[below], rates[above], RATES)
            if fine:
                return _crossing(rates, grown(rates, effort))
    raise DomainError(
        "no learning rate was found at which runs cease to shrink",
        got=f"runs that still shrink at {rates[-1]:.3g}, or growth that jumps",
        allowed="problems whose runs diverge at large learning rates",
        mend="take more chains or another seed",
    )


def _crossing(rates: np.ndarray, found: np.ndarray) -> Limit:
    """Return where parabolas through the chains' growth rates, (k, chains), vanish: of their mean, and its error."""
    scale, mean = rates.mean(), found.mean(axis=1)
    x = rates / scale - 1
    powers = np.vander(x, 3)
    fits = np.linalg.lstsq(powers, np.column_stack([mean, found - mean[:, None]]), rcond=None)[0]
    roots = np.roots(fits[:, 0])
    near = roots[np.abs(roots.imag) < 1e-9].real if len(roots) else np.array([])
    line = np.polyfit(x, mean, 1)
    straight = -line[1] / line[0]
    root = float(near[np.argmin(np.abs(near - straight))]) if len(near) else straight
    slope = 2 * fits[0, 0] * root + fits[1, 0]
    shifts = np.array([root**2, root, 1.0]) @ fits[:, 1:] / slope
    error = shifts.std(ddof=1) / np.sqrt(len(shifts))
    return Limit(float(scale * (1 + root)), float(scale * error))
