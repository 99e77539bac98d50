"""Stationary variance with momentum and random curvature, one dimension, exact.

Reads as: what curvature returns as noise is amplified as well. Against plain SGD with the same rate the variance rises
by more than 1/(1 - mu) if p v exceeds lambda^2 (1 - mu)/(1 + mu), and by less if it does not.

Fails when: batches come from shuffled epochs, or the loss is not quadratic over the width of the distribution.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_momentum
from sgdtheory.quadratic_sums._points import ONE_MODE
from sgdtheory.symbols import c, eta, lambda_, mu, p, v, variance, words

stationary_variance_momentum = ClosedForm(
    name="quadratic_sums.stationary_variance_momentum",
    title="stationary variance with momentum and random curvature",
    kind=Kind.EXACT,
    symbol=variance,
    value=eta * p * c * (1 + mu) / (lambda_ * (1 - mu) * (2 * (1 + mu) - eta * lambda_) - eta * p * v * (1 + mu)),
    parameters=words(eta, mu, p, lambda_, v, c),
    domain=(
        eta * (lambda_**2 * (1 - mu) + (1 + mu) * p * v) < 2 * lambda_ * (1 - mu**2),
        mu < 1,
    ),
    assumptions=(
        "one parameter; sample k has the curvature h_k and at the minimum the gradient g_k, with means lambda and zero",
        "batches are drawn afresh at each step: p is 1/m with replacement and (D - m)/(m (D - 1)) for subsets",
    ),
    process=sampled_curvature_with_momentum,
    observable=Moment("stationary variance of the parameter", products),
    points=ONE_MODE,
    sources=(
        Source(
            "liu2021", "the theorem for C_eff, in one dimension", "C_eff = p (c + v Sigma), Lambda = eta, H = lambda"
        ),
    ),
)
