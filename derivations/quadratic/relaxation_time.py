"""Derivation of the relaxation time from the mean trajectory."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import mean_trajectory
from sgdtheory.symbols import eta, lambda_i, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    mean = d.add(
        "Mean of mode i after t steps, a result of its own", "E[x_i(t)]", mean_trajectory.value, mean_trajectory.value
    )
    ratio = d.add(
        "Factor by which one step multiplies the mean",
        "E[x_i(t+1)]/E[x_i(t)]",
        mean.subs(t, t + 1) / mean,
        1 - eta * lambda_i,
    )
    decay = d.add(
        "The logarithm of the mean's size falls on a straight line: t steps change it by t times the same amount",
        "log|E[x_i(t)]/E[x_i(0)]|",
        sp.log(sp.Abs(mean / mean.subs(t, 0))),
        t * sp.log(sp.Abs(ratio)),
        numerically=True,
    )
    d.add("It has fallen by one after the time", "tau_i", -t / decay)
    return d
