"""Covariance of the average over a window that is long against the time over which the run forgets.

Reads as: H^-1 C H^-1/(m T), as if T independent samples of the gradient had been solved for the minimum; no other
average of so many gradients is better. At every stable learning rate it is the limit for T to infinity; the error is
of relative size 1/(T eta lambda).

Fails when: T eta lambda_min is not large.
"""

from sgdtheory.averaging._points import FORGETFUL_WINDOW
from sgdtheory.averaging._window_average_covariance import window_average_covariance
from sgdtheory.closed_form import ClosedForm, Erratum, Kind, Limit, Source
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import C_ij, Sigma_avg_ij, T, eta, lambda_i, lambda_j, m, words

long_average_covariance = ClosedForm(
    name="averaging.long_average_covariance",
    title="covariance of a long average",
    kind=Kind.ASYMPTOTIC,
    symbol=Sigma_avg_ij,
    value=C_ij / (m * T * lambda_i * lambda_j),
    parameters=words(eta, m, T, lambda_i, lambda_j, C_ij),
    domain=(
        m > 0,
        lambda_i > 0,
    ),
    assumptions=(
        "the Hessian is constant",
        "the gradient noise is independent of the parameters and from step to step",
        "the entry is taken in the eigenbasis of the Hessian",
        "the window T is long against every 1/(eta lambda_i); the error is found along eta^2 T = constant",
    ),
    process=additive_noise,
    observable=window_average_covariance.observable,
    points=window_average_covariance.points,
    sources=(
        Source(
            "polyak1992",
            "covariance of the average of linear stochastic approximation",
            "there with slowly decreasing rates",
        ),
        Source("mandt2017", "eq. (30) with eq. (13)", "D = covariance of the average; epsilon = eta, S = m, A = H"),
    ),
    errata=(
        Erratum(
            Source(
                "wangwu2020",
                "Section 4.5, on averages of the iterates",
                "delta = eta, A = H, S = C; the average has N terms",
            ),
            printed=eta * C_ij / (m * lambda_i * lambda_j),
            says="the covariance H^-1 C H^-1 belongs to (m N)^(1/2) times the average, not to (m/delta)^(1/2) times:"
            " the root of N delta is missing, the time that the window lasts",
            points=FORGETFUL_WINDOW,
            survives="the matrix H^-1 C H^-1, and that averaging reaches it",
        ),
    ),
    limit=Limit(exact=window_average_covariance, small=eta, scaling={"window": -2}),
)
