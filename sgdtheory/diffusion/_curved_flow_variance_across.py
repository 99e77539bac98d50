"""Variance of SGD about gradient flow of a loss that is not quadratic, across the flow, to first order in eta/m.

Reads as: across the flow the curvature is that of the circle at X, g(X)/X = lambda + kappa X^2, not lambda +
3 kappa X^2 as along it: the same noise scatters runs more across than along. V is X^2 times the integral of
(eta/m) c/X^2, for a run that is pushed aside stays at its angle: flows from all sides meet at the minimum.

Fails when: eta times the curvature at the start is not small, or noise carries a run far from the flow, as for
diffusion.curved_flow_variance. Where eta lambda t is small double precision loses a digit with each power of ten: ten
are left at 10^-5, where the domain ends. Below it take diffusion.curved_flow_variance_across_flat, off by a share of at
most eta lambda t, or SymPy's numbers as there.
"""

from sympy import Rational

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.diffusion._curved_flow import decayed, excess
from sgdtheory.diffusion._curved_flow_variance import curved_flow_variance, whole
from sgdtheory.diffusion._curved_points import BOWLS
from sgdtheory.processes.curved_flow import ACROSS, AboutTheFlow, curved_bowl
from sgdtheory.symbols import V_across, c_iso, delta, eta, kappa_4, lambda_, m, t, words

LEAST = Rational(1, 10**5)  # eta lambda t from which double precision keeps ten digits

curved_flow_variance_across = ClosedForm(
    name="diffusion.curved_flow_variance_across",
    title="variance of SGD across gradient flow of a loss that is not quadratic",
    kind=Kind.EXACT,
    symbol=V_across,
    value=c_iso
    * eta
    * (whole * (1 - decayed) - 2 * excess * eta * lambda_ * t * decayed)
    / (2 * lambda_ * m * (lambda_ + excess * (1 - decayed))),
    parameters=words(eta, m, lambda_, kappa_4, c_iso, delta, t),
    domain=(eta > 0, m > 0, lambda_ > 0, eta * lambda_ * t >= LEAST),
    assumptions=curved_flow_variance.assumptions,
    process=curved_bowl,
    observable=AboutTheFlow("variance across gradient flow, to first order in eta/m at fixed eta t", ACROSS),
    points=BOWLS,
    sources=curved_flow_variance.sources,
)
