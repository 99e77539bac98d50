"""How much longer gradient descent takes for each further saddle point in a row, exact.

Reads as: while a coordinate waits for its turn it contracts towards the next saddle point, and each step of contraction
costs -log(1 - eta lambda)/log(1 + eta gamma) steps of growth later on: the times grow geometrically, and gradient
descent can take exponentially long in the number of saddle points. Noise of any size ends the contraction and with it
the growth of the times.

Fails when: a step of contraction overshoots, eta lambda >= 1, or there is noise: then all times are about as for one
saddle point.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.diffusion._saddle_points import TWO_PHASES
from sgdtheory.processes.saddle import EscapeRatio, saddle
from sgdtheory.symbols import delay_ratio, eta, gamma_u, lambda_s, words

escape_time_ratio = ClosedForm(
    name="diffusion.escape_time_ratio",
    title="time at a saddle point over that at the one before, exact",
    kind=Kind.EXACT,
    symbol=delay_ratio,
    value=1 - sp.log(1 - eta * lambda_s) / sp.log(1 + eta * gamma_u),
    parameters=words(eta, lambda_s, gamma_u),
    domain=(eta * lambda_s < 1,),
    assumptions=(
        "a coordinate contracts with curvature lambda at all saddle points before its own, where it grows with -gamma",
        "all coordinates start alike and leave at the same distance; the gradient has no noise, or noise of mean zero"
        " and the claim is about the mean",
        "times are counted as real numbers",
    ),
    process=saddle,
    observable=EscapeRatio(),
    points=TWO_PHASES,
    sources=(
        Source(
            "du2017",
            "the sequence of saddle points behind the exponential lower bound",
            "recalled, the text was not at hand; the curvatures there are 2 L and -2 gamma",
        ),
    ),
)
