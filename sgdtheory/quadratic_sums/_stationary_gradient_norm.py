"""Stationary squared gradient with random curvature, one dimension, exact.

Reads as: the squared full gradient at which training stalls; the squared curvature times the stationary variance.

Fails when: batches come from shuffled epochs, or the loss is not quadratic over the width of the distribution.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.forms import gradient_norm as gradient_norm_form
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.quadratic_sums._points import ONE_MODE
from sgdtheory.symbols import c, eta, gradient_norm, lambda_, p, v, words

stationary_gradient_norm = ClosedForm(
    name="quadratic_sums.stationary_gradient_norm",
    title="stationary squared gradient with random curvature",
    kind=Kind.EXACT,
    symbol=gradient_norm,
    value=eta * p * c * lambda_**2 / (2 * lambda_ - eta * lambda_**2 - eta * p * v),
    parameters=words(eta, p, lambda_, v, c),
    domain=(eta * (lambda_**2 + p * v) < 2 * lambda_,),
    assumptions=(
        "one parameter; sample k has the curvature h_k and at the minimum the gradient g_k, with means lambda and zero",
        "batches are drawn afresh at each step: p is 1/m with replacement and (D - m)/(m (D - 1)) for subsets",
    ),
    process=sampled_curvature,
    observable=Moment("squared norm of the full gradient, stationary", gradient_norm_form),
    points=ONE_MODE,
    sources=(Source("mulayoff2024", "eq. (17), in one dimension", "n = D, B = m; H_i the samples' curvatures"),),
)
