"""Expected excess loss of the diffusion limit after t steps from a fixed start."""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic._transient_excess_loss import transient_excess_loss
from sgdtheory.symbols import C_ii, delta_i, eta, excess_loss, lambda_i, m, t, words

transient_excess_loss_diffusion = ClosedForm(
    name="quadratic.transient_excess_loss_diffusion",
    title="excess loss after t steps, diffusion limit",
    kind=Kind.ASYMPTOTIC,
    symbol=excess_loss,
    value=lambda_i
    / 2
    * (
        sp.exp(-2 * eta * lambda_i * t) * delta_i**2
        + eta * C_ii * (1 - sp.exp(-2 * eta * lambda_i * t)) / (2 * m * lambda_i)
    ),
    parameters=words(eta, m, lambda_i, C_ii, delta_i, t),
    domain=(eta > 0, m > 0, lambda_i > 0, t >= 0),
    assumptions=("the learning rate is small at a fixed time eta t and noise level eta/m",),
    process=additive_noise,
    observable=transient_excess_loss.observable,
    points=transient_excess_loss.points,
    sources=(),
    limit=Limit(exact=transient_excess_loss, small=eta, scaling={"steps": -1, "batch_size": 1}),
)
