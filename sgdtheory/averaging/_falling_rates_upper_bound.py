"""Mean squared distance from the minimum with the rates b/1, b/2, b/3, ... of Robbins and Monro, at most.

Reads as: its inverse starts from m/(b^2 c) after the first step and grows by 1/V or more in each further one, where
(2 b lambda - 1) V = b^2 c/m. With the bound from below, V/t (falling_rates_bound), it proves the limit law for b lambda
from one to two: t times the mean square tends to V, and exceeds it by no more than the share
2 (b lambda - 1)/(1 + (2 b lambda - 1) (t - 1)).

Fails when: b lambda is above two: the second step may leave more, though the law still holds. At one half and below
there is no such V. Another start than the minimum moves the mean square, not the variance.
"""

from sgdtheory.averaging._falling_points import FALLING_FROM_THE_MINIMUM
from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.scheduled import scheduled
from sgdtheory.symbols import b, c, lambda_, m, second_moment, t, words

falling_rates_upper_bound = ClosedForm(
    name="averaging.falling_rates_upper_bound",
    title="mean square with learning rates b/t, one dimension, at most",
    kind=Kind.BOUND,
    symbol=second_moment,
    value=b**2 * c / (m * (1 + (2 * b * lambda_ - 1) * (t - 1))),
    parameters=words(b, m, lambda_, c, t),
    domain=(m > 0, lambda_ > 0, c >= 0, t >= 1, 2 * b * lambda_ > 1, b * lambda_ <= 2),
    assumptions=(
        "one parameter; the gradient noise has variance c/m and is independent of the parameters and from step to step",
        "step k has the rate b/k; the start is the minimum, or the variance is meant",
        "the mean square is no larger than this",
    ),
    process=scheduled,
    observable=Moment("squared distance from the minimum after the schedule", products, time=1),
    points=FALLING_FROM_THE_MINIMUM,
    sources=(Source("polyak1992", "covariance of stochastic approximation with rates b/t", "its value for large t"),),
    bound="upper",
)
