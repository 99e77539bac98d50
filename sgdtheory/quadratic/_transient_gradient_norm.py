"""Expected squared gradient norm after t steps from a fixed start, exact.

Reads as: the same course as the excess loss, with sharp directions weighted once more by their curvature.

Fails when: eta lambda_i = 2, where the mean changes sides for ever: the value is 0/0, and its limit
lambda_i^2 (delta_i^2 + eta^2 C_ii t/m) holds.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.forms import gradient_norm as gradient_norm_form
from sgdtheory.processes.observables import Moment
from sgdtheory.quadratic._points import GENERIC
from sgdtheory.symbols import C_ii, delta_i, eta, gradient_norm, lambda_i, m, t, words

transient_gradient_norm = ClosedForm(
    name="quadratic.transient_gradient_norm",
    title="squared gradient norm after t steps, exact",
    kind=Kind.EXACT,
    symbol=gradient_norm,
    value=lambda_i**2
    * (
        (1 - eta * lambda_i) ** (2 * t) * delta_i**2
        + eta * C_ii * (1 - (1 - eta * lambda_i) ** (2 * t)) / (m * lambda_i * (2 - eta * lambda_i))
    ),
    parameters=words(eta, m, lambda_i, C_ii, delta_i, t),
    # Unstable rates are inside.
    domain=(eta > 0, m > 0, lambda_i > 0, sp.Ne(eta * lambda_i, 2), t >= 0),
    assumptions=(
        "the Hessian is constant and the noise independent of the parameters",
        "every run starts from the same point",
    ),
    process=additive_noise,
    observable=Moment(
        "squared norm of the full gradient after t steps", gradient_norm_form, time="steps", displaced=True
    ),
    points=GENERIC,
    sources=(),
)
