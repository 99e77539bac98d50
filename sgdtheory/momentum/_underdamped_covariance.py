"""Stationary covariance of the continuous-time limit of momentum, damping and learning rate going to zero together.

Reads as: A S + S A + (eta/(2 gamma^2)) [A, [A, S]] = (eta/(gamma m)) C with A = H. In this limit eta/gamma^2 is held
fixed: the time over which the velocity is remembered is as long as a mode's period, and only then is the run one of
position and velocity. The double commutator is of the same size as the rest.

Fails when: the damping is not small.
"""

from sgdtheory.closed_form import ClosedForm, Erratum, Kind, Limit, Source
from sgdtheory.momentum._damped_covariance import damped_covariance
from sgdtheory.momentum._points import LIGHT, UNEQUAL
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import C_ij, Sigma_ij, eta, gamma, lambda_i, lambda_j, m, words

underdamped_covariance = ClosedForm(
    name="momentum.underdamped_covariance",
    title="stationary covariance with light damping: the continuous-time limit of momentum",
    kind=Kind.ASYMPTOTIC,
    symbol=Sigma_ij,
    value=eta * C_ij / (m * gamma * (lambda_i + lambda_j + eta * (lambda_i - lambda_j) ** 2 / (2 * gamma**2))),
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
    observable=damped_covariance.observable,
    points=damped_covariance.points,
    sources=(
        Source(
            "mandt2017",
            "eqs. (23) and (42) to (45)",
            "their mu is the damping gamma; epsilon = eta, S = m, A = H, B B' = C",
        ),
    ),
    errata=(
        Erratum(
            Source("mandt2017", "eq. (25)", "their mu is the damping gamma; epsilon = eta, S = m, A = H, B B' = C"),
            printed=eta * C_ij / (m * gamma * (lambda_i + lambda_j)),
            says="right only if H and C commute: Appendix D takes a commutator for zero; where curvatures are far apart"
            " the correlation comes out several times too large",
            points=(LIGHT, UNEQUAL),
            survives="the variances along the eigenvectors of H, and with them the expected loss",
        ),
    ),
    limit=Limit(exact=damped_covariance, small=gamma, scaling={"learning_rate": 2}),
)
