"""Autocorrelation time of each mode: how many iterates tell as much about the mean as one independent one.

Reads as: about 2/(eta lambda) for small rates; at eta lambda = 1 it is one, and beyond iterates change sides, so that
their average is better than that of independent ones.

Fails when: eta lambda reaches 2, where the mean already diverges.
"""

from sgdtheory.averaging._points import FORGETFUL
from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.looks import autocorrelations, more_than
from sgdtheory.processes.observables import Moment, Ratio
from sgdtheory.symbols import eta, lambda_i, tau_int_i, words

autocorrelation_time = ClosedForm(
    name="averaging.autocorrelation_time",
    title="autocorrelation time of each mode, exact",
    kind=Kind.EXACT,
    symbol=tau_int_i,
    value=(2 - eta * lambda_i) / (eta * lambda_i),
    parameters=words(eta, lambda_i),
    domain=(
        eta > 0,
        lambda_i > 0,
        eta * lambda_i < 2,
    ),
    assumptions=(
        "the Hessian is constant",
        "the gradient noise is independent of the parameters and from step to step",
    ),
    process=additive_noise,
    observable=Ratio(
        Moment(
            "sum of the autocovariances along each eigenvector over the variance",
            autocorrelations,
            lag=more_than("horizon"),
            law="horizon",
        )
    ),
    points=FORGETFUL,
    sources=(),
)
