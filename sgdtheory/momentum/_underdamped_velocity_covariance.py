"""Stationary covariance of the velocity in the continuous-time limit of momentum.

Reads as: (lambda_i + lambda_j)/(2 eta) times the covariance of the parameters. On the diagonal it is C/(2 gamma m),
whatever the curvature; off it only if H and C commute.

Fails when: the damping is not small.
"""

from sgdtheory.closed_form import ClosedForm, Erratum, Kind, Limit, Source
from sgdtheory.momentum._damped_velocity_covariance import damped_velocity_covariance
from sgdtheory.momentum._points import LIGHT, UNEQUAL
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import C_ij, V_ij, eta, gamma, lambda_i, lambda_j, m, words

underdamped_velocity_covariance = ClosedForm(
    name="momentum.underdamped_velocity_covariance",
    title="stationary covariance of the velocity with light damping",
    kind=Kind.ASYMPTOTIC,
    symbol=V_ij,
    value=(lambda_i + lambda_j)
    * C_ij
    / (2 * m * gamma * (lambda_i + lambda_j + eta * (lambda_i - lambda_j) ** 2 / (2 * gamma**2))),
    parameters=words(eta, gamma, m, lambda_i, lambda_j, C_ij),
    domain=(
        eta > 0,
        gamma <= 1,
        m > 0,
        lambda_i > 0,
    ),
    assumptions=(
        "the Hessian is constant and the noise independent of the parameters",
        "the damping gamma = 1 - mu is small, and eta/gamma^2 is held fixed",
    ),
    process=additive_noise_with_momentum,
    observable=damped_velocity_covariance.observable,
    points=damped_velocity_covariance.points,
    sources=(
        Source(
            "mandt2017",
            "eq. (24), first part",
            "their mu is the damping gamma; epsilon = eta, S = m, A = H, B B' = C; their velocity is -eta v",
        ),
    ),
    errata=(
        Erratum(
            Source(
                "mandt2017",
                "eq. (24), second part",
                "their mu is the damping gamma; epsilon = eta, S = m, A = H, B B' = C; their velocity is -eta v",
            ),
            printed=C_ij / (2 * m * gamma),
            says="right only if H and C commute; the first part of eq. (24) holds",
            points=(LIGHT, UNEQUAL),
            survives="the variances along the eigenvectors of H",
        ),
    ),
    limit=Limit(exact=damped_velocity_covariance, small=gamma, scaling={"learning_rate": 2}),
)
