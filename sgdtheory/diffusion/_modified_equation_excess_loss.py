"""Excess loss after t steps by the second-order stochastic modified equation, up to its own order.

Reads as: what is left of the start decays as in the modified flow; the noise is that of the first-order equation, for
it carries a factor eta, and the modified drift would only change it by eta^2, which is as large as the error. At a
fixed time eta t and batch size the error is of second order (weak order two); the first-order equation's is of first
order.

Fails when: the noise level eta/m is what is kept: then the noise is wrong by a relative eta lambda, and the equation
is of first order like the simpler one. Also at late times, where nothing of the start is left: see
diffusion.modified_equation_covariance.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic._transient_excess_loss import transient_excess_loss
from sgdtheory.symbols import C_ii, delta_i, eta, excess_loss, lambda_i, m, t, words

modified_equation_excess_loss = ClosedForm(
    name="diffusion.modified_equation_excess_loss",
    title="excess loss after t steps, second-order modified equation",
    kind=Kind.ASYMPTOTIC,
    symbol=excess_loss,
    value=lambda_i
    / 2
    * (
        sp.exp(-2 * eta * lambda_i * t * (1 + eta * lambda_i / 2)) * delta_i**2
        + eta * C_ii * (1 - sp.exp(-2 * eta * lambda_i * t)) / (2 * m * lambda_i)
    ),
    parameters=words(eta, m, lambda_i, C_ii, delta_i, t),
    domain=(eta > 0, m > 0, lambda_i > 0, t >= 0),
    assumptions=("the learning rate is small at a fixed time eta t and a fixed batch size",),
    process=additive_noise,
    observable=transient_excess_loss.observable,
    points=transient_excess_loss.points,
    sources=(
        Source(
            "li2019", "Theorem 9, eq. (4.4)", "f = L, Sigma = C/m, the test function is L; terms beyond eta dropped"
        ),
    ),
    limit=Limit(exact=transient_excess_loss, small=eta, scaling={"steps": -1}),
)
