"""The learning rate below which noise cannot make the wide well win if it is the shallower one.

Reads as: the wide well A holds more than half only if the temperature n = eta s^2/(2m) is above (L_A - L_B)/log
sqrt(h_B/h_A), for barriers of one height L_A - L_B = B_B - B_A. The higher the barriers are in units of n, the less
more is needed: for wells of one flare by a fraction like exp(-B_A/n).

Fails when: the wide well flares more. As far as it fills up more than the narrow one it then wins sooner, and if it is
as wide at the rim as its curvature promises, sqrt(h_A) times its width no less than sqrt(h_B) times that of the other,
the value is an upper bound. If the wide well is the narrower one at the rim it may lose again at a higher rate, or
never win.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.diffusion._basin_log_odds import basin_log_odds
from sgdtheory.diffusion._basin_points import WIDE_AND_SHALLOW
from sgdtheory.processes.two_wells import EvenOdds, two_wells
from sgdtheory.symbols import B_A, B_B, eta_w, h_A, h_B, kappa_A, kappa_B, m, s_g, words

basin_noise_threshold = ClosedForm(
    name="diffusion.basin_noise_threshold",
    title="learning rate below which the wide and shallow well cannot win",
    kind=Kind.BOUND,
    symbol=eta_w,
    value=4 * m * (B_B - B_A) / (s_g**2 * sp.log(h_B / h_A)),
    parameters=words(m, s_g, B_A, B_B, h_A, h_B, kappa_A, kappa_B),
    domain=(m > 0, h_A < h_B, B_A < B_B, kappa_A <= kappa_B),
    assumptions=(
        *basin_log_odds.assumptions[:2],
        "the noise has the same variance everywhere",
        "at no lower rate does the wide well hold half",
    ),
    process=two_wells,
    observable=EvenOdds(),
    points=WIDE_AND_SHALLOW,
    sources=(
        Source(
            "jastrzebski2018",
            "eq. (4)",
            "there that the wide minimum is the more likely if and only if n is above this, from Gaussians that have no"
            " rims; q = 1, det H = h, S = m, sigma^2 = s_g^2, n with Theorem 1's factor",
        ),
    ),
    bound="lower",
)
