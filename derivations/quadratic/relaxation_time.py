"""Derivation of the relaxation time from the mean trajectory."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic._premises import pair_of_modes
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import mean_trajectory
from sgdtheory.symbols import eta, lambda_i, t


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
    size = sp.log(sp.Abs(mean_trajectory.value))
    decay = d.add(
        "The logarithm of the mean's size falls on a straight line: t steps change it by t times the same amount",
        "log|E[x_i(t)]| - log|E[x_i(0)]|",
        size - size.subs(t, 0),
        t * sp.log(sp.Abs(ratio)),
        numerically=True,
    )
    d.add("It has fallen by one after the time", "tau_i", -t / decay)
    return d
