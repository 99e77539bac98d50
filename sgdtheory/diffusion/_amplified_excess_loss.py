"""Stationary excess loss of SVAG, exact.

Reads as: (eta/4m) tr C with l to infinity, whatever the curvature; at l = 1 the noise floor of SGD, which is higher.

Fails when: eta lambda_max reaches 2 l.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.diffusion._modified_points import AMPLIFIED
from sgdtheory.processes.forms import loss
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.variance_amplified import variance_amplified
from sgdtheory.symbols import C_ii, ell, eta, excess_loss, lambda_i, m, words

amplified_excess_loss = ClosedForm(
    name="diffusion.amplified_excess_loss",
    title="stationary excess loss of SVAG, exact",
    kind=Kind.EXACT,
    symbol=excess_loss,
    value=eta * C_ii / (2 * m * (2 - eta * lambda_i / ell)),
    parameters=words(eta, ell, m, lambda_i, C_ii),
    domain=(eta > 0, m > 0, lambda_i > 0, ell >= 1, eta * lambda_i < 2 * ell),
    assumptions=(
        "the Hessian is constant",
        "the gradient noise is independent of the parameters, from step to step and between the two batches",
    ),
    process=variance_amplified,
    observable=Moment("training loss above its minimum, stationary", loss),
    points=AMPLIFIED,
    sources=(),
)
