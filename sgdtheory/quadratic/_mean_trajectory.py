"""Mean of the parameters after t steps: each mode decays, or overshoots, on its own.

Reads as: the batch size does not enter; above eta lambda = 1 the mean changes sides at each step, above 2 it
grows.

Fails when: the Hessian is not constant: the mean of the gradient is then not the gradient at the mean.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.forms import deviations
from sgdtheory.processes.observables import Moment
from sgdtheory.quadratic._points import GENERIC
from sgdtheory.symbols import delta_i, eta, lambda_i, mean_i, t, words

mean_trajectory = ClosedForm(
    name="quadratic.mean_trajectory",
    title="mean after t steps, exact",
    kind=Kind.EXACT,
    symbol=mean_i,
    value=(1 - eta * lambda_i) ** t * delta_i,
    parameters=words(eta, lambda_i, delta_i, t),
    domain=(eta > 0, t >= 0),
    assumptions=("the Hessian is constant", "the gradient noise has mean zero"),
    process=additive_noise,
    observable=Moment("mean of the parameters after t steps", deviations, time="steps", displaced=True),
    points=GENERIC,
    sources=(Source("schaul2013", "eq. (4), mean of the update", "h = lambda"),),
)
