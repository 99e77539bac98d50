"""Derivation of the stationary variance in the diffusion limit: decay and noise to leading order."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic_sums._mean_square import mean_square
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.symbols import eta, lambda_


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_curvature)
    factor, added = mean_square(d)
    decay = d.add(
        "Decay of the mean square per unit of time eta t, as the learning rate goes to zero: the spread of the"
        " curvatures is of the next order",
        "decay",
        sp.limit(sp.expand((1 - factor) / eta), eta, 0),
        2 * lambda_,
    )
    noise = d.add("What the noise adds in that time", "noise", added / eta)
    d.add("Where they balance", "Var[theta]", noise / decay)
    return d
