"""Stationary excess loss where the gradient noise is the Hessian, exact.

Reads as: three factors, learning rate, batch size and curvature; the last of them counts twice at a finite rate, for
sharp modes cost more than their share of tr H.

Fails when: C is not H: see quadratic.stationary_excess_loss.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.diffusion._gibbs_points import NOISE_IS_HESSIAN
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic._stationary_excess_loss import stationary_excess_loss
from sgdtheory.symbols import C_ii, eta, excess_loss, lambda_i, m, words

hessian_noise_excess_loss = ClosedForm(
    name="diffusion.hessian_noise_excess_loss",
    title="stationary excess loss where the noise is the Hessian, exact",
    kind=Kind.EXACT,
    symbol=excess_loss,
    value=stationary_excess_loss.value.subs(C_ii, lambda_i),
    parameters=words(eta, m, lambda_i),
    domain=(eta > 0, m > 0, lambda_i > 0, eta * lambda_i < 2),
    assumptions=(
        "the covariance of one sample's gradient is the Hessian, C = H, and does not depend on the parameters",
        "the Hessian is constant",
    ),
    process=additive_noise,
    observable=stationary_excess_loss.observable,
    points=NOISE_IS_HESSIAN,
    sources=(),
)
