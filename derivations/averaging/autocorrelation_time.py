"""Derivation of the autocorrelation time: the sum of all autocovariances over the variance."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.averaging import long_run_covariance
from sgdtheory.derivations.momentum._premises import ONE_MODE
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import stationary_covariance
from sgdtheory.symbols import eta, lambda_i


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    total = d.add(
        "The sum of all autocovariances of mode i, a result of its own",
        "sum of Gamma_ii(k) over all lags",
        long_run_covariance.value.subs(ONE_MODE),
    )
    variance = d.add("Its variance, a result of its own", "Sigma_ii", stationary_covariance.value.subs(ONE_MODE))
    d.add("The ratio of the two", "tau_i", total / variance, (2 - eta * lambda_i) / (eta * lambda_i))
    return d
