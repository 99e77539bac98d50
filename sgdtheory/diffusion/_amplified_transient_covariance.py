"""Covariance after t steps of SVAG from a fixed start, exact.

Reads as: t steps of SVAG pass the time eta t/l, that of t/l steps of SGD. At a fixed time the powers tend to
exp(-eta lambda_i t/l) as l grows, and the covariance to that of the diffusion limit.

Fails when: l (lambda_i + lambda_j) = eta lambda_i lambda_j: the value is 0/0, and its limit eta^2 C_ij t/(m l) holds.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.diffusion._amplified_covariance import amplified_covariance
from sgdtheory.diffusion._modified_points import AMPLIFIED
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.variance_amplified import variance_amplified
from sgdtheory.symbols import Sigma_t_ij, ell, eta, lambda_i, lambda_j, m, t, words

amplified_transient_covariance = ClosedForm(
    name="diffusion.amplified_transient_covariance",
    title="covariance after t steps of SVAG, exact",
    kind=Kind.EXACT,
    symbol=Sigma_t_ij,
    value=amplified_covariance.value * (1 - ((1 - eta * lambda_i / ell) * (1 - eta * lambda_j / ell)) ** t),
    parameters={**amplified_covariance.parameters, **words(t)},
    # Unstable rates are inside.
    domain=(
        eta > 0,
        m > 0,
        lambda_i > 0,
        ell >= 1,
        sp.Ne(ell * (lambda_i + lambda_j), eta * lambda_i * lambda_j),
        t >= 0,
    ),
    assumptions=(
        *amplified_covariance.assumptions,
        "every run starts from the same point",
    ),
    process=variance_amplified,
    observable=Moment("covariance of the parameters after t steps", products, time="steps"),
    points=AMPLIFIED,
    sources=(),
)
