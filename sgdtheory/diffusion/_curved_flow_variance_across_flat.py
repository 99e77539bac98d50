"""Variance of SGD about gradient flow at a flat minimum, across the flow, to first order in eta/m: it grows for ever.

Reads as: (eta/m) c s (1 + kappa delta^2 s)/(1 + 2 kappa delta^2 s) at the time s = eta t: that of a random walk,
(eta/m) c s, at first, and half of it in the end.

Fails when: the minimum has a curvature after all, or noise carries a run far from the flow, as for
diffusion.curved_flow_variance_flat.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.diffusion._curved_flow_flat import growth
from sgdtheory.diffusion._curved_flow_variance_across import curved_flow_variance_across
from sgdtheory.diffusion._curved_flow_variance_flat import curved_flow_variance_flat
from sgdtheory.diffusion._curved_points import FLAT
from sgdtheory.processes.curved_flow import curved_bowl
from sgdtheory.symbols import V_across, c_iso, delta, eta, kappa_4, m, t, words

curved_flow_variance_across_flat = ClosedForm(
    name="diffusion.curved_flow_variance_across_flat",
    title="variance of SGD across gradient flow at a flat minimum",
    kind=Kind.EXACT,
    symbol=V_across,
    value=c_iso * eta**2 * t * (1 + delta**2 * eta * kappa_4 * t) / (m * growth),
    parameters=words(eta, m, kappa_4, c_iso, delta, t),
    domain=(eta > 0, m > 0, t >= 0),
    assumptions=curved_flow_variance_flat.assumptions,
    process=curved_bowl,
    observable=curved_flow_variance_across.observable,
    points=FLAT,
    sources=(),
)
