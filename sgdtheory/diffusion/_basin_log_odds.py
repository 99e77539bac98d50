"""Log-odds of two wells under the stochastic differential equation, exact, for wells in which all integrals are known.

Reads as: depth over temperature, then the widths, sqrt(n/h) each, then how the wells fill up to their rims. Where noise
differs between wells the barrier's height enters, not the difference of the depths alone, and the noisier well loses by
the ratio of the deviations once more, for a run spends less time where it moves faster.

Fails when: eta times the curvature is not small: it is the law of the differential equation. In the well of curvature
h the loss is s^2/2 at the distance (s + kappa s^3/2)/sqrt(h) from the bottom; other wells fill up differently, see the
limit diffusion.basin_log_odds_low_noise, which they share.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.diffusion._gibbs_points import TWO_WELLS
from sgdtheory.processes.two_wells import BasinLogOdds, two_wells
from sgdtheory.symbols import B_A, B_B, eta, h_A, h_B, kappa_A, kappa_B, log_odds, m, s_A, s_B, words

first_temperature, second_temperature = (eta * s**2 / (2 * m) for s in (s_A, s_B))
first_filling, second_filling = (
    (1 + 3 * kappa * n / 2) * sp.erf(sp.sqrt(B / n)) - 3 * kappa * sp.sqrt(n * B / sp.pi) * sp.exp(-B / n)
    for kappa, n, B in ((kappa_A, first_temperature, B_A), (kappa_B, second_temperature, B_B))
)

basin_log_odds = ClosedForm(
    name="diffusion.basin_log_odds",
    title="log-odds of two wells of the differential equation, exact",
    kind=Kind.EXACT,
    symbol=log_odds,
    value=B_A / first_temperature
    - B_B / second_temperature
    + sp.log(s_B * sp.sqrt(h_B) / (s_A * sp.sqrt(h_A)))
    + sp.log(first_filling)
    - sp.log(second_filling),
    parameters=words(eta, m, s_A, s_B, B_A, B_B, h_A, h_B, kappa_A, kappa_B),
    domain=(eta > 0, m > 0),
    assumptions=(
        "it is the stationary law of the stochastic differential equation, read after Ito",
        "the parameter lies on a circle, on which two wells meet at barriers of one height",
        "the noise has one variance in each well",
    ),
    process=two_wells,
    observable=BasinLogOdds(),
    points=TWO_WELLS,
    sources=(),
)
