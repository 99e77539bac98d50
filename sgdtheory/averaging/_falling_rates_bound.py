"""Mean squared distance from the minimum with the rates b/1, b/2, b/3, ... of Robbins and Monro, at least.

Reads as: V/t with (2 b lambda - 1) V = b^2 c/m, the variance to which t times the mean square tends wherever b lambda
exceeds one half. From b lambda = 1 on it lies below at all times; b = 1/lambda makes it least, c/(m lambda^2).

Fails when: b lambda is below one: then the first steps may lie below. Below one half the start decays more slowly than
1/t, and there is no such V.
"""

from sgdtheory.averaging._falling_points import FALLING
from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.scheduled import scheduled
from sgdtheory.symbols import b, c, lambda_, m, second_moment, t, words

falling_rates_bound = ClosedForm(
    name="averaging.falling_rates_bound",
    title="mean square with learning rates b/t, one dimension, at least",
    kind=Kind.BOUND,
    symbol=second_moment,
    value=b**2 * c / (m * (2 * b * lambda_ - 1) * t),
    parameters=words(b, m, lambda_, c, t),
    domain=(m > 0, lambda_ > 0, c >= 0, t > 0, b * lambda_ >= 1),
    assumptions=(
        "one parameter; the gradient noise has variance c/m and is independent of the parameters and from step to step",
        "step k has the rate b/k; the start is anywhere",
        "the mean square is no smaller than this",
    ),
    process=scheduled,
    observable=Moment("squared distance from the minimum after the schedule", products, time=1, displaced=True),
    points=FALLING,
    sources=(Source("polyak1992", "covariance of stochastic approximation with rates b/t", "its value for large t"),),
    bound="lower",
)
