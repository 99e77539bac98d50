"""Covariance of the average over a window in the diffusion limit: small learning rates, eta T held fixed.

Reads as: the window is measured in units of 1/(eta lambda); over many of them H^-1 C H^-1/(m T) is left.

Fails when: eta lambda is not small.
"""

import sympy as sp

from sgdtheory.averaging._window_average_covariance import window_average_covariance
from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import C_ij, Sigma_avg_ij, T, eta, lambda_i, lambda_j, m, words

window_average_covariance_diffusion = ClosedForm(
    name="averaging.window_average_covariance_diffusion",
    title="covariance of the average over a window, diffusion limit",
    kind=Kind.ASYMPTOTIC,
    symbol=Sigma_avg_ij,
    value=C_ij / (m * T * lambda_i * lambda_j)
    - C_ij
    * ((1 - sp.exp(-eta * T * lambda_i)) / lambda_i**2 + (1 - sp.exp(-eta * T * lambda_j)) / lambda_j**2)
    / (m * eta * T**2 * (lambda_i + lambda_j)),
    parameters=words(eta, m, T, lambda_i, lambda_j, C_ij),
    domain=(
        eta > 0,
        m > 0,
        lambda_i > 0,
    ),
    assumptions=(
        "the Hessian is constant",
        "the gradient noise is independent of the parameters and from step to step",
        "the entry is taken in the eigenbasis of the Hessian",
        "the run is stationary where the window of T iterates begins",
        "the learning rate is small against every 1/lambda_i; eta T is fixed",
    ),
    process=additive_noise,
    observable=window_average_covariance.observable,
    points=window_average_covariance.points,
    sources=(
        Source(
            "mandt2017",
            "Appendix G, eq. (50)",
            "epsilon = eta, S = m, A = H, B B' = C; with the stationary covariance of eq. (13)",
        ),
    ),
    limit=Limit(exact=window_average_covariance, small=eta, scaling={"window": -1}),
)
