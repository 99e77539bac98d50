"""Area swept by a diffusion in the plane whose density is exp(-L/n), L being the loss, whatever the flow that stirs it.

Reads as: the flow's strength w, times what depends on the noise alone, with n = eta c/(2m). The density knows nothing
of w, nor does any mean of the place: what tells a run from its reversal is the circulation. As noise gets weaker it
tends to w/sqrt(2), not to zero: at the barrier, where runs hardly ever are, the flow is the faster.

Fails when: eta is not small against the time that the flow takes: it is the law of the differential equation. n = 1 is
the example of Chaudhari and Soatto. There fails what their Assumption 4 asks for, that the velocity j has no
divergence: div j is -w x y (x^2 - 2) exp(L - (x^2 + y^2)^2/4). What holds, and is needed, is that the current, the
velocity times the density, has none.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.diffusion._prescribed_current_points import STIRRED
from sgdtheory.processes.prescribed_current import CirculationRate, stirred_wells
from sgdtheory.symbols import c_iso, circulation_rate, eta, m, w, words

n = eta * c_iso / (2 * m)  # the temperature
quarter = sp.Rational(1, 4)

prescribed_current_circulation = ClosedForm(
    name="diffusion.prescribed_current_circulation",
    title="circulation of a stirred diffusion, exact",
    kind=Kind.EXACT,
    symbol=circulation_rate,
    value=4
    * w
    * sp.sqrt(n)
    * sp.exp(1 / (8 * n))
    / (sp.sqrt(2 * sp.pi) * (sp.besseli(-quarter, 1 / (8 * n)) + sp.besseli(quarter, 1 / (8 * n)))),
    parameters=words(eta, m, c_iso, w),
    domain=(c_iso > 0,),
    assumptions=(
        "it is the stationary law of the stochastic differential equation",
        "the loss is (x^2 - 1)^2/4 + y^2/2; the noise has one variance in every direction and place",
        "the flow is w exp((L - (x^2 + y^2)^2/4)/n) (-y, x) with n = eta c/(2m)",
    ),
    process=stirred_wells,
    observable=CirculationRate(),
    points=STIRRED,
    sources=(
        Source(
            "chaudhari2018",
            "Example 19",
            "theirs is n = 1, beta = 1, D = 1; they give the density and the flow, not the circulation",
        ),
    ),
)
