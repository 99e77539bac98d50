"""Stationary variance with Nesterov's momentum and random curvature, one dimension, exact.

Reads as: of the parameter as torch.optim.SGD holds it, which is the point where gradients are taken. For small eta
lambda it is that of the heavy ball.

Fails when: batches come from shuffled epochs, or the loss is not quadratic over the width of the distribution.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_nesterov
from sgdtheory.quadratic_sums._points import ONE_MODE
from sgdtheory.symbols import c, eta, lambda_, mu, p, v, variance, words

pushed = 1 + mu + mu * (1 + 2 * mu) * eta * lambda_
left = lambda_ * (1 - mu + mu * eta * lambda_) * (2 * (1 + mu) - (1 + 2 * mu) * eta * lambda_) - eta * p * v * pushed

stationary_variance_nesterov = ClosedForm(
    name="quadratic_sums.stationary_variance_nesterov",
    title="stationary variance with Nesterov's momentum and random curvature",
    kind=Kind.EXACT,
    symbol=variance,
    value=eta * p * c * pushed / left,
    parameters=words(eta, mu, p, lambda_, v, c),
    domain=(mu < 1, left > 0),
    assumptions=(
        "one parameter; sample k has the curvature h_k and at the minimum the gradient g_k, with means lambda and zero",
        "batches are drawn afresh at each step: p is 1/m with replacement and (D - m)/(m (D - 1)) for subsets",
    ),
    process=sampled_curvature_with_nesterov,
    observable=Moment("stationary variance of the parameter", products),
    points=ONE_MODE,
    sources=(),
)
