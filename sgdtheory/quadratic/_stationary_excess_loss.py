"""Stationary excess loss of SGD, exact: the noise floor of a training curve.

Reads as: E[L] - L* = (eta/4m) tr C + (eta/4) E|grad L|^2, so the diffusion limit is always too low.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.forms import loss
from sgdtheory.processes.observables import Moment
from sgdtheory.quadratic._points import GENERIC
from sgdtheory.symbols import C_ii, eta, excess_loss, lambda_i, m, words

stationary_excess_loss = ClosedForm(
    name="quadratic.stationary_excess_loss",
    title="stationary excess loss, exact",
    kind=Kind.EXACT,
    symbol=excess_loss,
    value=eta * C_ii / (2 * m * (2 - eta * lambda_i)),
    parameters=words(eta, m, lambda_i, C_ii),
    domain=(eta > 0, m > 0, lambda_i > 0, eta * lambda_i < 2),
    assumptions=("the Hessian is constant and the noise independent of the parameters",),
    process=additive_noise,
    observable=Moment("training loss above its minimum, stationary", loss),
    points=GENERIC,
    sources=(),
)
