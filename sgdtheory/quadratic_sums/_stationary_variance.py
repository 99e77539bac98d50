"""Stationary variance of SGD with random curvature, one dimension, exact.

Reads as: the law of additive noise with lambda (2 - eta lambda) lessened by eta p v: curvature that differs between
samples returns part of the spread as noise, and the variance diverges before eta lambda reaches 2.

Fails when: batches come from shuffled epochs, or the loss is not quadratic over the width of the distribution.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.quadratic_sums._points import ONE_MODE
from sgdtheory.symbols import c, eta, lambda_, p, v, variance, words

stationary_variance = ClosedForm(
    name="quadratic_sums.stationary_variance",
    title="stationary variance with random curvature",
    kind=Kind.EXACT,
    symbol=variance,
    value=eta * p * c / (2 * lambda_ - eta * lambda_**2 - eta * p * v),
    parameters=words(eta, p, lambda_, v, c),
    domain=(eta * (lambda_**2 + p * v) < 2 * lambda_,),
    assumptions=(
        "one parameter; sample k has the curvature h_k and at the minimum the gradient g_k, with means lambda and zero",
        "batches are drawn afresh at each step: p is 1/m with replacement and (D - m)/(m (D - 1)) for subsets",
    ),
    process=sampled_curvature,
    observable=Moment("stationary variance of the parameter", products),
    points=ONE_MODE,
    sources=(Source("mulayoff2024", "eq. (17), in one dimension", "n = D, B = m; H_i the samples' curvatures"),),
)
