"""Largest learning rate at which the mean of SGD with momentum converges.

Reads as: 1 + mu times that of plain SGD: at the edge momentum helps, because it averages over steps that change
sides.

Fails when: curvature varies from sample to sample: the second moment can then diverge at a smaller rate, while the
mean still converges, and this is only an upper bound.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.momentum._points import STABLE
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.processes.observables import StabilityThreshold
from sgdtheory.symbols import eta_max, lambda_max, mu, words

mean_stability_limit = ClosedForm(
    name="momentum.mean_stability_limit",
    title="largest learning rate at which the mean with momentum converges",
    kind=Kind.EXACT,
    symbol=eta_max,
    value=2 * (1 + mu) / lambda_max,
    parameters=words(mu, lambda_max),
    domain=(
        mu < 1,
        lambda_max > 0,
    ),
    assumptions=(
        "the Hessian is constant and has no negative eigenvalue",
        "the gradient noise has mean zero",
    ),
    process=additive_noise_with_momentum,
    observable=StabilityThreshold(),
    points=STABLE,
    sources=(
        Source("polyak1964", "stability of the two-step method with constant coefficients", "alpha = eta, beta = mu"),
    ),
)
