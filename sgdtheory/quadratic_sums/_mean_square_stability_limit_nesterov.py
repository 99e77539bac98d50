"""Largest learning rate at which the mean square converges, with Nesterov's momentum and random curvature.

Reads as: equal samples allow 2 (1 + mu)/((1 + 2 mu) lambda). Very unequal ones allow 2 (1 - mu) lambda/(p v), as with
the heavy ball. In one dimension every smaller rate is stable.

Fails when: asked for single runs, which may converge although their mean square diverges; in more than one dimension,
where a stable rate may lie above an unstable one.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.observables import StabilityThreshold
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_nesterov
from sgdtheory.quadratic_sums._points import WITHOUT_NOISE
from sgdtheory.symbols import eta_ms, lambda_, mu, p, v, words

linear = (1 + mu) * p * v + (1 - mu - 4 * mu**2) * lambda_**2

mean_square_stability_limit_nesterov = ClosedForm(
    name="quadratic_sums.mean_square_stability_limit_nesterov",
    title="largest rate stable in mean square, with Nesterov's momentum",
    kind=Kind.EXACT,
    symbol=eta_ms,
    value=4
    * lambda_
    * (1 - mu**2)
    / (linear + sp.sqrt(linear**2 + 8 * (1 - mu**2) * mu * (1 + 2 * mu) * lambda_**2 * (lambda_**2 + p * v))),
    parameters=words(mu, p, lambda_, v),
    domain=(mu < 1,),
    assumptions=(
        "one parameter; sample k has the curvature h_k and at the minimum the gradient g_k, with means lambda and zero",
        "batches are drawn afresh at each step: p is 1/m with replacement and (D - m)/(m (D - 1)) for subsets",
    ),
    process=sampled_curvature_with_nesterov,
    observable=StabilityThreshold("learning rate at which the mean square stops converging", order=2),
    points=WITHOUT_NOISE,
    sources=(),
)
