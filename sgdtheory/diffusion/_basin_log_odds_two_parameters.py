"""Log-odds of two basins of a loss of two parameters under one isotropic noise, exact for its differential equation.

Reads as: the log-odds of diffusion.basin_log_odds, one for each parameter, added: the loss is a sum of two such losses,
so that its four basins are pairs of wells. Compared are the basin in which both parameters are in their first well and
the one in which both are in their second. A further parameter would add a further term.

Fails when: the parameters interact; or eta times a curvature is not small: it is the law of the differential equation.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.diffusion._basin_log_odds import first_filling, second_filling
from sgdtheory.diffusion._gibbs_points import ACROSS as POINTS
from sgdtheory.processes.two_wells import ACROSS, BasinLogOdds, two_wells_across
from sgdtheory.symbols import (
    B_A,
    B_A2,
    B_B,
    B_B2,
    eta,
    h_A,
    h_A2,
    h_B,
    h_B2,
    kappa_A,
    kappa_A2,
    kappa_B,
    kappa_B2,
    log_odds,
    m,
    s_A,
    s_B,
    s_g,
    words,
)

temperature = eta * s_g**2 / (2 * m)
gaussians = (B_A + B_A2 - B_B - B_B2) / temperature + sp.log(h_B * h_B2 / (h_A * h_A2)) / 2
filled = (sp.log(first_filling) - sp.log(second_filling)).subs({s_A: s_g, s_B: s_g})
across = {h_A: h_A2, h_B: h_B2, B_A: B_A2, B_B: B_B2, kappa_A: kappa_A2, kappa_B: kappa_B2}

basin_log_odds_two_parameters = ClosedForm(
    name="diffusion.basin_log_odds_two_parameters",
    title="log-odds of two basins of a loss of two parameters, exact",
    kind=Kind.EXACT,
    symbol=log_odds,
    value=gaussians + filled + filled.subs(across),
    parameters=words(eta, m, s_g, *across, *across.values()),
    domain=(eta > 0, m > 0),
    assumptions=(
        "it is the stationary law of the stochastic differential equation",
        "the loss is a sum of two, each of one parameter on a circle, where two wells meet at barriers of one height",
        "the noise is isotropic and the same everywhere",
    ),
    process=two_wells_across,
    observable=BasinLogOdds("logarithm of the odds of the first basin, stationary", ("", ACROSS)),
    points=POINTS,
    sources=(),
)
