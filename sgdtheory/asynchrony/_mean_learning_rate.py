"""The mean of asynchronous SGD is that of heavy ball with momentum 1 - 1/W, and this is its learning rate.

Reads as: with W workers the mean moves as if one run had the momentum 1 - 1/W and the learning rate eta/W, whose
effective rate (eta/W)/(1 - momentum) is eta; asynchrony begets momentum. It is the ratio of what the two-step recursion
leaves, (1 - 1/W)(x_t+1 - x_t) - (x_t+2 - x_t+1), to lambda x_t+1, at any time t.

Fails when: asked for anything but the mean of runs whose workers all begin at the start: the second moments are not
those of that heavy ball, and they diverge at far smaller learning rates.
"""

from sgdtheory.asynchrony._points import MOVING
from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.observables import Moment, Ratio
from sgdtheory.processes.old_parameter_observables import pull_over_curvature
from sgdtheory.processes.old_parameters import asynchronous
from sgdtheory.symbols import W, eta, eta_mean, words

mean_learning_rate = ClosedForm(
    name="asynchrony.mean_learning_rate",
    title="learning rate of the heavy ball that the mean of asynchronous workers follows",
    kind=Kind.EXACT,
    symbol=eta_mean,
    value=eta / W,
    parameters=words(eta, W),
    domain=(eta > 0,),
    assumptions=(
        "the Hessian is constant and the gradient noise has mean zero",
        "each step is that of one of the W workers, each as likely as the others, whatever happened before",
    ),
    process=asynchronous,
    observable=Ratio(
        Moment(
            "what the mean's two-step recursion with momentum 1 - 1/W leaves, over the gradient",
            pull_over_curvature,
            time="steps",
            lag=lambda point: (1, 2),
            displaced=True,
            law="workers",
        )
    ),
    points=MOVING,
    sources=(
        Source(
            "mitliagkas2016",
            "Theorem on the momentum of asynchronous SGD with M workers; recalled, the text was not at hand",
            "M = W workers; the momentum is 1 - 1/M; staleness there is drawn afresh for each step",
        ),
    ),
)
