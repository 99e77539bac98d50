"""Derivation of the relaxation time from the mean trajectory."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic._premises import pair_of_modes
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import mean_trajectory
from sgdtheory.symbols import delta_i, eta, lambda_i, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    pair_of_modes(d)
    ratio = d.add(
        "Factor by which one step multiplies the mean",
        "E[x_i(t+1)]/E[x_i(t)]",
        mean_trajectory.value.subs(t, t + 1) / mean_trajectory.value,
        1 - eta * lambda_i,
    )
    decay = d.add(
        "Decay of the logarithm of the mean's size in one step",
        "log|a|",
        sp.log(sp.Abs(ratio)),
        sp.log(sp.Abs(mean_trajectory.value.subs({t: 1}) / delta_i)),
    )
    tau = -1 / decay
    d.add("The time in which it falls by one, put back", "tau_i log|a|", tau * decay, sp.Integer(-1))
    d.add("Hence", "tau_i", tau, tau)
    return d
