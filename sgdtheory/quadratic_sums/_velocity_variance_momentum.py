"""Stationary variance of the velocity v' = mu v + g with random curvature, one dimension, exact.

Reads as: 2 lambda/(eta (1 + mu)) times the variance of the parameter, whatever the noise: the first
fluctuation-dissipation relation.

Fails when: batches come from shuffled epochs, or the loss is not quadratic over the width of the distribution.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.forms import velocity_products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_momentum
from sgdtheory.quadratic_sums._points import ONE_MODE
from sgdtheory.symbols import c, eta, lambda_, mu, p, v, velocity_variance, words

velocity_variance_momentum = ClosedForm(
    name="quadratic_sums.velocity_variance_momentum",
    title="stationary variance of the velocity with random curvature",
    kind=Kind.EXACT,
    symbol=velocity_variance,
    value=2 * lambda_ * p * c / (lambda_ * (1 - mu) * (2 * (1 + mu) - eta * lambda_) - eta * p * v * (1 + mu)),
    parameters=words(eta, mu, p, lambda_, v, c),
    domain=(
        eta * (lambda_**2 * (1 - mu) + (1 + mu) * p * v) < 2 * lambda_ * (1 - mu**2),
        mu < 1,
    ),
    assumptions=(
        "one parameter; sample k has the curvature h_k and at the minimum the gradient g_k, with means lambda and zero",
        "batches are drawn afresh at each step: p is 1/m with replacement and (D - m)/(m (D - 1)) for subsets",
        "the velocity is v' = mu v + g, without dampening and without the learning rate",
    ),
    process=sampled_curvature_with_momentum,
    observable=Moment("stationary variance of the velocity", velocity_products, velocity=True),
    points=ONE_MODE,
    sources=(),
)
