"""Stationary covariance of the diffusion limit: the Lyapunov equation H S + S H = (eta/m) C.

Reads as: only the ratio eta/m matters. Along a mode with eta lambda = 0.24 it misses 12 %.

Fails when: eta lambda is not small.
"""

from sgdtheory.closed_form import ClosedForm, Erratum, Kind, Limit, Source
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.process import point
from sgdtheory.quadratic._stationary_covariance import stationary_covariance
from sgdtheory.symbols import C_ij, Sigma_ij, eta, lambda_i, lambda_j, m, words

stationary_covariance_diffusion = ClosedForm(
    name="quadratic.stationary_covariance_diffusion",
    title="stationary covariance, diffusion limit (Lyapunov equation)",
    kind=Kind.ASYMPTOTIC,
    symbol=Sigma_ij,
    value=eta * C_ij / (m * (lambda_i + lambda_j)),
    parameters=words(eta, m, lambda_i, lambda_j, C_ij),
    domain=(eta > 0, m > 0, lambda_i > 0),
    assumptions=(
        "the Hessian is constant and the noise independent of the parameters",
        "the learning rate is small against every 1/lambda_i",
    ),
    process=additive_noise,
    observable=stationary_covariance.observable,
    points=stationary_covariance.points,
    sources=(
        Source("wangwu2020", "Theorem 10, eq. (4.38)", "Gamma = (m/eta) Sigma, sigma^2 = C; they call it Riccati"),
        Source("mandt2017", "eq. (13)", "A = H, epsilon = eta, S = m, B B' = C; time counts steps"),
    ),
    errata=(
        Erratum(
            Source(
                "jastrzebski2018",
                "Theorem 2, n_A = eta sigma^2 / S",
                "isotropic noise C = sigma^2 I, density exp(-L/n)",
            ),
            printed=2 * eta * C_ij / (m * (lambda_i + lambda_j)),
            says="twice the temperature of Theorem 1 of the same paper; n = eta sigma^2 / (2 S) is right",
            points=(point(learning_rate="3/10", batch_size=4, curvature=("1/2", "9/5"), noise=((2, 0), (0, 2))),),
            survives="Theorem 1, and that the temperature depends on eta and S through eta/S alone",
        ),
        Erratum(
            Source(
                "mandt2017",
                "Appendix A, example with A = I",
                "exponent -(S / 2 epsilon) x' Sigma_x^-1 x, S being counted a second time if Sigma_x = C/S",
            ),
            printed=eta * C_ij / m,
            says="the exponent must be -(S/epsilon) x' C^-1 x: the covariance it implies, eta C/m, is twice that of"
            " eq. (13)",
            points=(point(learning_rate="3/10", batch_size=4, curvature=(1, 1), noise=((2, "6/5"), ("6/5", "3/2"))),),
            survives="eq. (13), of which this is an example",
        ),
    ),
    limit=Limit(exact=stationary_covariance, small=eta),
)
