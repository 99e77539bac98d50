"""Mean of the parameter after some steps, random curvature, one dimension.

Reads as: the course of gradient descent: batches that are drawn afresh do not change it.

Fails when: batches come from shuffled epochs, which shift the mean where curvatures and gradients are correlated.
"""

from sympy import Rational

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.forms import modes
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.process import point
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.quadratic_sums._points import ONE_MODE
from sgdtheory.symbols import delta, eta, lambda_, mean_x, t, words

# Small learning rates, so that there is a mean to be seen beside the noise.
POINTS = tuple(point(**{**words, "learning_rate": Rational(3, 20)}) for words in ONE_MODE)

mean_trajectory = ClosedForm(
    name="quadratic_sums.mean_trajectory",
    title="mean course with random curvature",
    kind=Kind.EXACT,
    symbol=mean_x,
    value=(1 - eta * lambda_) ** t * delta,
    parameters=words(eta, lambda_, delta, t),
    domain=(t >= 0,),
    assumptions=(
        "one parameter; sample k has the curvature h_k and at the minimum the gradient g_k, with means lambda and zero",
        "batches are drawn afresh at each step",
    ),
    process=sampled_curvature,
    observable=Moment("mean parameter minus the minimum", modes, time="steps", displaced=True),
    points=POINTS,
    sources=(),
)
