"""Variance of SGD about gradient flow of a loss that is not quadratic, along the flow, to first order in eta/m.

Reads as: the variance obeys dV/ds = -2 H(X) V + (eta/m)(c + v X^2) along the flow X(s), s = eta t, where the curvature
H = lambda + 3 kappa X^2 falls on the way. With phi = dX/d delta, by which neighbouring flows draw together, V is phi^2
times the integral of (eta/m)(c + v X^2)/phi^2. As phi goes as the slope g(X), any loss of one parameter has
V = (eta/m) g(X)^2 times the integral of noise/g^3 from X to the start. In the end V is eta c/(2 m lambda): what the way
down added is forgotten.

Fails when: eta times the curvature at the start is not small, or noise carries a run so far from the flow that its
curvature there is another one: V is no longer small beside X^2 + lambda/kappa. The noise is taken along the flow;
taken where the run is instead, it changes V at the next order in eta/m only. Where eta lambda t
is small double precision loses up to four digits with each power of ten: ten are left at 1/25, where the domain ends.
Below it take diffusion.curved_flow_variance_flat, off by a share of at most 2.1 eta lambda t, or SymPy's numbers with
check_domain=False, of which no digit is lost.
"""

from sympy import Rational

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.diffusion._curved_flow import curved_flow, decayed, excess
from sgdtheory.diffusion._curved_points import BOWLS
from sgdtheory.processes.curved_flow import ALONG, AboutTheFlow, curved_bowl
from sgdtheory.symbols import V_along, c_iso, delta, eta, kappa_4, lambda_, m, t, v, words

LEAST = Rational(1, 25)  # eta lambda t from which double precision keeps ten digits
whole = lambda_ + excess
tail = excess * (1 + decayed) / 2
tilted = (1 - decayed) * (whole**3 + excess**2 * decayed * (3 * whole - tail)) - (
    6 * whole**2 * excess * eta * lambda_ * t * decayed
)
bent = 2 * whole**2 * eta * lambda_ * t - excess * (1 - decayed) * (2 * whole - tail)

curved_flow_variance = ClosedForm(
    name="diffusion.curved_flow_variance",
    title="variance of SGD along gradient flow of a loss that is not quadratic",
    kind=Kind.EXACT,
    symbol=V_along,
    value=eta
    * (c_iso * tilted + v * delta**2 * lambda_ * decayed * bent)
    / (2 * lambda_ * m * (lambda_ + excess * (1 - decayed)) ** 3),
    parameters=words(eta, m, lambda_, kappa_4, c_iso, v, delta, t),
    domain=(eta > 0, m > 0, lambda_ > 0, eta * lambda_ * t >= LEAST),
    assumptions=(
        "it is the limit of the variance over eta/m as eta and 1/m tend to zero at a fixed eta t, times eta/m",
        *curved_flow.assumptions[1:],
        "samples tilt the loss, with the variance c_iso of their slopes in every direction, and bend it alike in all"
        " directions, with the variance v of their curvatures, independently of the tilt",
    ),
    process=curved_bowl,
    observable=AboutTheFlow("variance along gradient flow, to first order in eta/m at fixed eta t", ALONG),
    points=BOWLS,
    sources=(
        Source(
            "wangwu2020",
            "eqs. (4.21), (4.24), (4.25) and Theorem 5",
            "delta = eta, X_delta^m = X + (delta/m)^(1/2) V, sigma^2(X) = c_iso + v X^2; V as a stochastic integral"
            " whose variance is not worked out, for no loss with a Hessian that changes",
        ),
    ),
)
