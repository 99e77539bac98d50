"""Largest learning rate at which the mean square of asynchronous SGD converges, in one dimension.

Reads as: with one worker 2/lambda; with many about sqrt(2/W)/lambda, while the mean of the parameters, a heavy ball's,
would converge up to 2 (2 W - 1)/lambda: a run of many workers explodes where the mean of many runs is calm. A fixed
delay of W - 1 steps, the mean staleness, allows only about pi/(2 W lambda).

Fails when: curvature varies from sample to sample, or the workers' turns depend on one another.
"""

import sympy as sp

from sgdtheory.asynchrony._points import WITHOUT_NOISE
from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.observables import StabilityThreshold
from sgdtheory.processes.old_parameters import asynchronous
from sgdtheory.symbols import W, eta_ms, lambda_, words

mean_square_stability_limit = ClosedForm(
    name="asynchrony.mean_square_stability_limit",
    title="largest rate stable in mean square with asynchronous workers",
    kind=Kind.EXACT,
    symbol=eta_ms,
    value=(1 + sp.sqrt(1 + 8 * W)) / (2 * W * lambda_),
    parameters=words(W, lambda_),
    domain=(lambda_ > 0,),
    assumptions=(
        "one parameter of constant curvature, and gradient noise of mean zero",
        "each step is that of one of the W workers, each as likely as the others, whatever happened before",
    ),
    process=asynchronous,
    observable=StabilityThreshold("learning rate at which the mean square stops converging", order=2, steps=4),
    points=WITHOUT_NOISE,
    sources=(),
)
