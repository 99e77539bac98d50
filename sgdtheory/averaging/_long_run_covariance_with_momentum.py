"""Sum of the autocovariances over all lags with momentum: T times the covariance of a long average over T iterates.

Reads as: H^-1 C H^-1/m, whatever the learning rate and the momentum: averaging takes away what momentum adds.

Fails when: eta lambda_max reaches 2 (1 + mu), where the mean already diverges.
"""

from sgdtheory.averaging._points import FORGETFUL_WITH_MOMENTUM
from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.processes.looks import long_run_products, more_than
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ij, S_ij, lambda_i, lambda_j, m, words

long_run_covariance_with_momentum = ClosedForm(
    name="averaging.long_run_covariance_with_momentum",
    title="sum of the autocovariances over all lags with momentum, exact",
    kind=Kind.EXACT,
    symbol=S_ij,
    value=C_ij / (m * lambda_i * lambda_j),
    parameters=words(m, lambda_i, lambda_j, C_ij),
    domain=(
        m > 0,
        lambda_i > 0,
    ),
    assumptions=(
        "the Hessian is constant",
        "the gradient noise is independent of the parameters and from step to step",
        "the entry is taken in the eigenbasis of the Hessian",
        "the run is stable: eta lambda_i < 2 (1 + mu) for every mode",
    ),
    process=additive_noise_with_momentum,
    observable=Moment(
        "sum of the autocovariances over all lags",
        long_run_products,
        lag=more_than("horizon"),
        law="horizon",
    ),
    points=FORGETFUL_WITH_MOMENTUM,
    sources=(),
)
