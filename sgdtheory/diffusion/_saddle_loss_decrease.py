"""Expected decrease of the loss in t steps near a saddle point, exact.

Reads as: each mode moves from its loss at the start towards the noise floor eta C/(2 m (2 - eta h)): stable modes come
down to it, unstable ones run away from it, and away is down wherever they stand.

Fails when: eta h_i = 2 for a mode: the value is 0/0 there, and its limit -eta C_ii t/m holds.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.diffusion._saddle_points import GENERIC
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.saddle import loss_decrease as decrease_from
from sgdtheory.processes.saddle import saddle
from sgdtheory.symbols import C_ii, delta_i, eta, h_i, loss_decrease, m, t, words

saddle_loss_decrease = ClosedForm(
    name="diffusion.saddle_loss_decrease",
    title="expected decrease of the loss near a saddle point, exact",
    kind=Kind.EXACT,
    symbol=loss_decrease,
    value=(1 - (1 - eta * h_i) ** (2 * t)) * (h_i * delta_i**2 - eta * C_ii / (m * (2 - eta * h_i))) / 2,
    parameters=words(eta, m, h_i, C_ii, delta_i, t),
    domain=(sp.Ne(eta * h_i, 2),),
    assumptions=(
        "the Hessian is constant, its eigenvalues of either sign, and the noise independent of the parameters",
        "every run starts from the same point",
    ),
    process=saddle,
    observable=Moment(
        "loss at the start less that after t steps", decrease_from, time="steps", law="displacement", displaced=True
    ),
    points=GENERIC,
    sources=(
        Source(
            "ge2015",
            "(68), the first line",
            "there the change, the other way round, as sums over the steps, -(eta/2) sum_i sum_(tau < 2T)"
            " (1 - eta lambda_i)^tau |grad_i f|^2 + (1/2) sum_i lambda_i sum_(tau < T) (1 - eta lambda_i)^(2 tau)"
            " eta^2 sigma^2, for noise of variance sigma^2 in every direction",
        ),
    ),
)
