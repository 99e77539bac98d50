"""Largest learning rate at which the mean of SGD with Nesterov momentum converges.

Reads as: it falls from 2/lambda_max to 4/(3 lambda_max) as the momentum goes from 0 to 1, while that of momentum
rises to 4/lambda_max.

Fails when: curvature varies from sample to sample: the second moment can then diverge at a smaller rate, and this is
only an upper bound.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.momentum._points import STABLE
from sgdtheory.processes.additive_noise import additive_noise_with_nesterov
from sgdtheory.processes.observables import StabilityThreshold
from sgdtheory.symbols import eta_max, lambda_max, mu, words

nesterov_stability_limit = ClosedForm(
    name="momentum.nesterov_stability_limit",
    title="largest learning rate at which the mean with Nesterov momentum converges",
    kind=Kind.EXACT,
    symbol=eta_max,
    value=2 * (1 + mu) / ((1 + 2 * mu) * lambda_max),
    parameters=words(mu, lambda_max),
    domain=(
        mu < 1,
        lambda_max > 0,
    ),
    assumptions=(
        "the Hessian is constant and has no negative eigenvalue",
        "the gradient noise has mean zero",
    ),
    process=additive_noise_with_nesterov,
    observable=StabilityThreshold(),
    points=STABLE,
    sources=(),
)
