"""Largest learning rate at which the mean of SGD converges.

Reads as: the noise does not enter; it is the limit of gradient descent.

Fails when: curvature varies from sample to sample: the second moment can then diverge at a smaller rate, while the
mean still converges, and this is only an upper bound.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.observables import StabilityThreshold
from sgdtheory.processes.process import point
from sgdtheory.symbols import eta_max, lambda_max, words

mean_stability_limit = ClosedForm(
    name="quadratic.mean_stability_limit",
    title="largest learning rate at which the mean converges",
    kind=Kind.EXACT,
    symbol=eta_max,
    value=2 / lambda_max,
    parameters=words(lambda_max),
    domain=(lambda_max > 0,),
    assumptions=(
        "the Hessian is constant and has no negative eigenvalue",
        "the gradient noise has mean zero",
    ),
    process=additive_noise,
    observable=StabilityThreshold(),
    points=(
        point(largest_curvature=4, curvature=(1, 4), noise=((2, "1/2"), ("1/2", 1)), batch_size=3),
        point(largest_curvature="9/5", curvature=("9/5", "1/2"), noise=((1, "1/2"), ("1/2", 1)), batch_size=5),
    ),
    sources=(Source("schaul2013", "eq. (4), factor 1 - eta h", "h = lambda"),),
)
