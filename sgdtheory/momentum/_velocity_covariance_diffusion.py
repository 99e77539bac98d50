"""Stationary covariance of the velocity at small learning rates: a geometric sum of independent gradients.

Reads as: the curvature drops out; the velocity is noise, remembered for 1/(1 - mu) steps.

Fails when: eta lambda is not small against 1 - mu.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.momentum._velocity_covariance import velocity_covariance
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import C_ij, V_ij, eta, lambda_i, lambda_j, m, mu, words

velocity_covariance_diffusion = ClosedForm(
    name="momentum.velocity_covariance_diffusion",
    title="stationary covariance of the velocity, small learning rates",
    kind=Kind.ASYMPTOTIC,
    symbol=V_ij,
    value=C_ij / (m * (1 - mu**2)),
    parameters=words(eta, mu, m, lambda_i, lambda_j, C_ij),
    domain=(
        mu < 1,
        m > 0,
        lambda_i > 0,
    ),
    assumptions=(
        "the Hessian is constant and the noise independent of the parameters",
        "the learning rate is small against every (1 - mu)/lambda_i",
    ),
    process=additive_noise_with_momentum,
    observable=velocity_covariance.observable,
    points=velocity_covariance.points,
    sources=(
        Source(
            "kunin2021",
            "stationary variance of the velocity of its underdamped model",
            "one mode, C = c; their velocity is -eta v",
        ),
    ),
    limit=Limit(exact=velocity_covariance, small=eta),
)
