"""Log-odds of two wells at low noise: depth over temperature, and curvature (Laplace's method).

Reads as: p_A/p_B = (s_B/s_A) sqrt(h_B/h_A) exp(B_A/n_A - B_B/n_B), with the temperatures n = eta s^2/(2m). Under equal
noise the barrier drops out: p_A/p_B = sqrt(h_B/h_A) exp((L_B - L_A)/n), and the wide well A wins although L_A > L_B if
and only if n is above (L_A - L_B)/log sqrt(h_B/h_A); diffusion.basin_noise_threshold says when that is too little.
The error is of first order in the temperatures.

Fails when: a barrier is not several times the temperature of its well. No number of steps is promised either: the time
to cross grows like exp(B/n).
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Erratum, Kind, Limit, Source
from sgdtheory.diffusion._basin_log_odds import basin_log_odds, first_temperature, second_temperature
from sgdtheory.diffusion._gibbs_points import EQUAL_WELLS
from sgdtheory.processes.two_wells import two_wells
from sgdtheory.symbols import B_A, B_B, L_A, eta, h_A, h_B, log_odds, m, s_A, s_B, words

second_loss = L_A + B_A - B_B  # both barriers have one height

basin_log_odds_low_noise = ClosedForm(
    name="diffusion.basin_log_odds_low_noise",
    title="log-odds of two wells of the differential equation at low noise",
    kind=Kind.ASYMPTOTIC,
    symbol=log_odds,
    value=B_A / first_temperature - B_B / second_temperature + sp.log(s_B * sp.sqrt(h_B) / (s_A * sp.sqrt(h_A))),
    parameters=words(eta, m, s_A, s_B, B_A, B_B, h_A, h_B, L_A),
    domain=(eta > 0, m > 0),
    assumptions=(
        *basin_log_odds.assumptions,
        "both standard deviations of the noise are small and move together",
    ),
    process=two_wells,
    observable=basin_log_odds.observable,
    points=basin_log_odds.points,
    sources=(
        Source(
            "jastrzebski2018",
            "Theorem 2 and eqs. (3), (4)",
            "one dimension; S = m, sigma^2 = s^2, n with Theorem 1's factor; they have equal noise in (4)",
        ),
    ),
    errata=(
        Erratum(
            Source(
                "jastrzebski2018",
                "Theorem 2, ratio p_A/p_B for n_A != n_B",
                "q = 1, det H = h, with the n of Theorem 1; L_B = L_A + B_A - B_B",
            ),
            printed=second_loss / second_temperature
            - L_A / first_temperature
            + sp.log(s_A * sp.sqrt(h_B) / (s_B * sp.sqrt(h_A))),
            says="a constant added to the loss changes it, which changes no step: heights count from the barrier, where"
            " the wells meet, and the quieter well wins by the ratio of the deviations, not the noisier",
            points=EQUAL_WELLS,
            survives="eqs. (3) and (4) for equal noise in both wells, and the preference for wide wells",
        ),
    ),
    limit=Limit(exact=basin_log_odds, small=s_A, scaling={"second_noise_deviation": 1}),
)
