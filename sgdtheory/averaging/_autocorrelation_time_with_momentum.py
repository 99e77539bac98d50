"""Autocorrelation time of each mode with momentum: the iterates that tell as much as one independent one.

Reads as: (1 - mu) times 2/(eta lambda) for small rates, where momentum shortens it at the same rate and leaves it alone
at the same effective rate. Near eta lambda = 2, where iterates alternate without it, a little momentum makes it longer.

Fails when: eta lambda reaches 2 (1 + mu), where the mean already diverges.
"""

from sgdtheory.averaging._points import FORGETFUL_WITH_MOMENTUM
from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.processes.looks import autocorrelations, more_than
from sgdtheory.processes.observables import Moment, Ratio
from sgdtheory.symbols import eta, lambda_i, mu, tau_int_i, words

autocorrelation_time_with_momentum = ClosedForm(
    name="averaging.autocorrelation_time_with_momentum",
    title="autocorrelation time of each mode with momentum, exact",
    kind=Kind.EXACT,
    symbol=tau_int_i,
    value=(1 - mu) * (2 * (1 + mu) - eta * lambda_i) / ((1 + mu) * eta * lambda_i),
    parameters=words(eta, mu, lambda_i),
    domain=(
        eta > 0,
        mu < 1,
        lambda_i > 0,
        eta * lambda_i < 2 * (1 + mu),
    ),
    assumptions=(
        "the Hessian is constant",
        "the gradient noise is independent of the parameters and from step to step",
    ),
    process=additive_noise_with_momentum,
    observable=Ratio(
        Moment(
            "sum of the autocovariances along each eigenvector over the variance",
            autocorrelations,
            lag=more_than("horizon"),
            law="horizon",
        )
    ),
    points=FORGETFUL_WITH_MOMENTUM,
    sources=(),
)
