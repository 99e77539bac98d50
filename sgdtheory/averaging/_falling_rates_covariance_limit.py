"""Covariance after many steps of the learning rates b/1, b/2, ..., b/t of Robbins and Monro, eta_t = b/t.

Reads as: that of a constant learning rate as small as the last one, but for a curvature less by 1/(2b) along each mode:
t Cov tends to V with (b H - 1/2) V + V (b H - 1/2) = b^2 C/m. Along a mode, b = 1/lambda makes it least, C/(m lambda^2
t), what the average of a run has along all modes at once, see averaging.long_average_covariance; no one b does that
for unequal curvatures.

Fails when: b lambda_min is not above one: down to one half t Cov still tends to V, but as t^(1 - 2 b lambda), more
slowly than by the leading error; below one half the first steps decay more slowly than 1/t, and there is no such V.
"""

from sgdtheory.averaging._falling_points import FALLING_IN_TWO_MODES
from sgdtheory.averaging._falling_rates_covariance import constant, falling_rates_covariance
from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.processes.scheduled import scheduled
from sgdtheory.symbols import C_ij, Sigma_t_ij, eta_t, lambda_i, lambda_j, m, t, words

falling_rates_covariance_limit = ClosedForm(
    name="averaging.falling_rates_covariance_limit",
    title="covariance with learning rates b/t after many steps",
    kind=Kind.ASYMPTOTIC,
    symbol=Sigma_t_ij,
    value=eta_t * C_ij / (m * (lambda_i + lambda_j - 1 / constant)),
    parameters=words(eta_t, m, t, lambda_i, lambda_j, C_ij),
    domain=(eta_t > 0, m > 0, lambda_i > 0, t >= 1, constant * lambda_i > 1),
    assumptions=(
        *falling_rates_covariance.assumptions,
        "many steps: t is large at fixed b = t eta_t",
    ),
    process=scheduled,
    observable=falling_rates_covariance.observable,
    points=FALLING_IN_TWO_MODES,
    sources=(
        Source(
            "polyak1992",
            "covariance of stochastic approximation with rates b/t",
            "recalled, the text was not at hand; A = H, S = C/m",
        ),
    ),
    limit=Limit(exact=falling_rates_covariance, small=eta_t, scaling={"steps": -1}),
)
