"""Variance of SGD about gradient flow at a flat minimum, along the flow, to first order in eta/m: it grows for ever.

Reads as: with U = 1 + 2 kappa delta^2 eta t, what the tilts of the samples add grows in the end as (eta/m) c (eta t)/4:
a quarter of what it would be without any loss, for a flat minimum forgets so slowly. What their curvatures add stays
below (eta/m) v/(6 kappa): that noise dies away with X.

Fails when: the minimum has a curvature after all, from s = 1/lambda on; or V is no longer small beside X^2, which falls
as it grows: when eta t is beyond sqrt(m/(eta c kappa)) the noise carries a run to where the flow is another one, and
holds it there.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.diffusion._curved_flow_flat import curved_flow_flat, growth
from sgdtheory.diffusion._curved_flow_variance import curved_flow_variance
from sgdtheory.diffusion._curved_points import FLAT
from sgdtheory.processes.curved_flow import curved_bowl
from sgdtheory.symbols import V_along, c_iso, delta, eta, kappa_4, m, t, v, words

curved_flow_variance_flat = ClosedForm(
    name="diffusion.curved_flow_variance_flat",
    title="variance of SGD along gradient flow at a flat minimum",
    kind=Kind.EXACT,
    symbol=V_along,
    value=eta**2
    * t
    * (3 * c_iso * (1 + growth + growth**2 + growth**3) + 4 * v * delta**2 * (1 + growth + growth**2))
    / (12 * m * growth**3),
    parameters=words(eta, m, kappa_4, c_iso, v, delta, t),
    domain=(eta > 0, m > 0, t >= 0),
    assumptions=(
        curved_flow_variance.assumptions[0],
        curved_flow_flat.assumptions[1],
        curved_flow_variance.assumptions[2],
    ),
    process=curved_bowl,
    observable=curved_flow_variance.observable,
    points=FLAT,
    sources=(),
)
