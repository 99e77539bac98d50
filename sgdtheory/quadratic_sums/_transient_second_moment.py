"""Mean squared distance from the minimum after some steps, random curvature, one dimension.

Reads as: what is left of the start, plus noise, plus a cross term where samples of larger curvature pull to one side;
it dies with the mean, so that the stationary law does not show it.

Fails when: batches come from shuffled epochs.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.quadratic_sums._points import ONE_MODE
from sgdtheory.symbols import c, delta, eta, kappa, lambda_, p, second_moment, t, v, words

# The factor of the mean square at each step.
rho = (1 - eta * lambda_) ** 2 + eta**2 * p * v

transient_second_moment = ClosedForm(
    name="quadratic_sums.transient_second_moment",
    title="course of the mean square with random curvature",
    kind=Kind.EXACT,
    symbol=second_moment,
    value=(
        rho**t * delta**2
        + eta**2 * p * c * (1 - rho**t) / (1 - rho)
        + 2 * eta**2 * p * kappa * delta * (rho**t - (1 - eta * lambda_) ** t) / (rho - (1 - eta * lambda_))
    ),
    parameters=words(eta, p, lambda_, v, c, kappa, delta, t),
    domain=(
        sp.Ne(rho, 1),
        sp.Ne(rho, 1 - eta * lambda_),
    ),
    assumptions=(
        "one parameter; sample k has the curvature h_k and at the minimum the gradient g_k, with means lambda and zero",
        "batches are drawn afresh at each step: p is 1/m with replacement and (D - m)/(m (D - 1)) for subsets",
        "kappa is the mean of a sample's curvature times its gradient at the minimum",
    ),
    process=sampled_curvature,
    observable=Moment("squared distance from the minimum", products, time="steps", displaced=True),
    points=ONE_MODE,
    sources=(),
)
