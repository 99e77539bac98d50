"""Derivation of the autocorrelation time: the sum of all autocovariances over the variance."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.averaging import long_run_covariance_with_momentum
from sgdtheory.derivations.momentum._premises import ONE_MODE
from sgdtheory.momentum import stationary_covariance
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import eta, lambda_i, mu


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise_with_momentum)
    total = d.add(
        "The sum of all autocovariances of mode i, a result of its own",
        "sum of Gamma_ii(k) over all lags",
        long_run_covariance_with_momentum.value.subs(ONE_MODE),
    )
    variance = d.add("Its variance, a result of its own", "Sigma_ii", stationary_covariance.value.subs(ONE_MODE))
    d.add(
        "The ratio of the two",
        "tau_i",
        total / variance,
        (1 - mu) * (2 * (1 + mu) - eta * lambda_i) / ((1 + mu) * eta * lambda_i),
    )
    return d
