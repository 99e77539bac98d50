"""Stationary expected squared norm of the full gradient, exact."""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.forms import gradient_norm as gradient_norm_form
from sgdtheory.processes.observables import Moment
from sgdtheory.quadratic._points import GENERIC
from sgdtheory.symbols import C_ii, eta, gradient_norm, lambda_i, m, words

stationary_gradient_norm = ClosedForm(
    name="quadratic.stationary_gradient_norm",
    title="stationary squared gradient norm, exact",
    kind=Kind.EXACT,
    symbol=gradient_norm,
    value=eta * lambda_i * C_ii / (m * (2 - eta * lambda_i)),
    parameters=words(eta, m, lambda_i, C_ii),
    domain=(eta > 0, m > 0, lambda_i > 0, eta * lambda_i < 2),
    assumptions=("the Hessian is constant and the noise independent of the parameters",),
    process=additive_noise,
    observable=Moment("squared norm of the full gradient, stationary", gradient_norm_form),
    points=GENERIC,
    sources=(),
)
