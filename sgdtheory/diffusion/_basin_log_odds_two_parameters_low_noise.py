"""Log-odds of two basins of a loss of two parameters at low isotropic noise: depths, and determinants of the Hessians.

Reads as: p_A/p_B = (det H_B/det H_A)^(1/2) exp((L_B - L_A)/n) with the temperature n = eta s^2/(2m); the determinants
are h_A h'_A and h_B h'_B, and L_B - L_A is the sum of the differences of the barriers. The wide basin A wins although
L_A > L_B if and only if n is above (L_A - L_B)/log (det H_B/det H_A)^(1/2), the larger eta s^2/m the sooner. The error
is of first order in n.

Fails when: a barrier is not several times n. No number of steps is promised either: the time to cross grows like
exp(B/n). Where noise differs between basins see diffusion.basin_log_odds_low_noise.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.diffusion._basin_log_odds_two_parameters import basin_log_odds_two_parameters as exact
from sgdtheory.diffusion._basin_log_odds_two_parameters import gaussians
from sgdtheory.symbols import B_A, B_A2, B_B, B_B2, eta, h_A, h_A2, h_B, h_B2, log_odds, m, s_g, words

basin_log_odds_two_parameters_low_noise = ClosedForm(
    name="diffusion.basin_log_odds_two_parameters_low_noise",
    title="log-odds of two basins of a loss of two parameters at low noise",
    kind=Kind.ASYMPTOTIC,
    symbol=log_odds,
    value=gaussians,
    parameters=words(eta, m, s_g, B_A, B_B, h_A, h_B, B_A2, B_B2, h_A2, h_B2),
    domain=exact.domain,
    assumptions=(*exact.assumptions, "the noise is low against the barriers"),
    process=exact.process,
    observable=exact.observable,
    points=exact.points,
    sources=(
        Source(
            "jastrzebski2018",
            "eqs. (3), (4)",
            "two dimensions and a loss that is a sum; S = m, sigma^2 = s_g^2, n with Theorem 1's factor",
        ),
    ),
    limit=Limit(exact=exact, small=s_g),
)
