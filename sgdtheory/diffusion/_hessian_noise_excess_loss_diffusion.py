"""Stationary excess loss of the diffusion limit where the gradient noise is the Hessian: (eta/4m) tr H.

Reads as: three factors set the loss, learning rate, batch size and curvature. It is the four-factor law (eta/4m) tr C
of quadratic.stationary_excess_loss_diffusion with C = H put in: the two do not contradict each other.

Fails when: C is not H: then the loss is (eta/4m) tr C, and this is wrong by the factor tr C/tr H, however small the
learning rate is.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.diffusion._hessian_noise_excess_loss import hessian_noise_excess_loss
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic._stationary_excess_loss_diffusion import stationary_excess_loss_diffusion
from sgdtheory.symbols import C_ii, eta, excess_loss, lambda_i, m, words

hessian_noise_excess_loss_diffusion = ClosedForm(
    name="diffusion.hessian_noise_excess_loss_diffusion",
    title="stationary excess loss where the noise is the Hessian, diffusion limit: (eta/4m) tr H",
    kind=Kind.ASYMPTOTIC,
    symbol=excess_loss,
    value=stationary_excess_loss_diffusion.value.subs(C_ii, lambda_i),
    parameters=words(eta, m, lambda_i),
    domain=(eta > 0, m > 0),
    assumptions=(
        "the covariance of one sample's gradient is the Hessian, C = H",
        "the learning rate is small against every 1/lambda_i",
    ),
    process=additive_noise,
    observable=hessian_noise_excess_loss.observable,
    points=hessian_noise_excess_loss.points,
    sources=(
        Source("jastrzebski2018v3", "eq. (9): (eta/4S) tr H", "S = m; under its Assumption 2, C = H"),
        Source("wangwu2020", "eq. (4.46)", "sigma^2 = C = H, delta = eta"),
    ),
    limit=Limit(exact=hessian_noise_excess_loss, small=eta),
)
