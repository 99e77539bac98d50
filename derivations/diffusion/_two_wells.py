"""What derivations about two wells start from: the density without a current, and its integral over a well."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.fokker_planck import probability_current, residual
from sgdtheory.algebra.moments import covariance, expectation
from sgdtheory.processes.two_wells import two_wells
from sgdtheory.symbols import B_A, B_B, eta, h_A, h_B, kappa_A, kappa_B, m, s_A, s_B

x, n_noise, L = sp.Symbol("x", real=True), sp.Symbol("n_B", real=True), sp.Function("L")
s, h, kappa, B, n, deviation = sp.symbols("s h kappa B n s_g", positive=True)
A, B_ = {h: h_A, kappa: kappa_A, B: B_A, deviation: s_A}, {h: h_B, kappa: kappa_B, B: B_B, deviation: s_B}


def temperature(d: Derivation) -> sp.Expr:
    """Derive the temperature of a well with constant noise, for any loss, from a step."""
    slope = sp.diff(L(x), x)
    after = two_wells.step(sp.Matrix([x]), sp.Matrix([n_noise]), learning_rate=eta, slope=sp.Matrix([slope]))[0]
    drift = d.add(
        "Mean change per unit of the time eta t, for any loss L",
        "(E[x'] - x)/eta",
        sp.expand((expectation(after, {n_noise: 0}, {}) - x) / eta),
        -slope,
    )
    gained = d.add(
        "and the variance that the noise adds",
        "Var[x' given x]/eta",
        covariance(after, after, {n_noise: 0}, {(n_noise, n_noise): deviation**2 / m}) / eta,
        eta * deviation**2 / m,
    )
    density = sp.exp(-L(x) / n) / n
    current = sp.expand((probability_current(density, [drift], [[gained]], [x]) / density)[0])
    found = d.add(
        "A density exp(-L/n)/n has no current for one temperature, whatever the loss",
        "n",
        sp.solve(current, n)[0],
        eta * deviation**2 / (2 * m),
    )
    d.add(
        "so that it solves the Fokker-Planck equation; the prefactor 1/n keeps n P continuous where the noise"
        " changes from well to well",
        "(dJ/dx)/p",
        residual(density.subs(n, found), [drift], [[gained]], [x]),
        sp.Integer(0),
    )
    return found


def mass(d: Derivation) -> sp.Expr:
    """Derive the integral of exp(-(L - L_rim)/n)/n over a well of curvature h, flare kappa and barrier B."""
    distance = (s + kappa * s**3 / 2) / sp.sqrt(h)
    rim = sp.sqrt(2 * B)
    whole = 2 * sp.integrate(sp.expand(sp.exp(-(s**2) / (2 * n)) * sp.diff(distance, s)), (s, 0, rim))
    d.add(
        "At the distance (s + kappa s^3/2)/sqrt(h) the loss is s^2/2; its curvature at the bottom",
        "curvature",
        _curvature(distance),
        h,
    )
    return sp.exp(B / n) * whole / n


def gaussian_mass() -> sp.Expr:
    """Return the same integral of the Gaussian of the curvature at the bottom, which has no rims."""
    distance = sp.Symbol("y", real=True)
    return sp.exp(B / n) * sp.integrate(sp.exp(-h * distance**2 / (2 * n)), (distance, -sp.oo, sp.oo)) / n


def gaussian_log_odds(d: Derivation, found: sp.Expr) -> sp.Expr:
    """Derive the log-odds of two Gaussians, n being the temperature that was found."""
    mass = d.add(
        "Near the bottom L = h y^2/2 at the distance y. If that held everywhere, L_rim being B above the bottom,",
        "integral of exp(-(L - L_rim)/n)/n",
        gaussian_mass(),
        sp.exp(B / n) * sp.sqrt(2 * sp.pi / (n * h)),
    ).subs(n, found)
    n_A, n_B = (found.subs(well) for well in (A, B_))
    return d.add(
        "The logarithm of the ratio of the two wells",
        "log(p_A/p_B)",
        sp.log(mass.subs(A)) - sp.log(mass.subs(B_)),
        B_A / n_A - B_B / n_B + sp.log(s_B * sp.sqrt(h_B) / (s_A * sp.sqrt(h_A))),
        numerically=True,
    )


def filling(d: Derivation) -> sp.Expr:
    """Derive the integral over a well, from rim to rim, over that of the Gaussian."""
    return d.add(
        "Exactly, with s for the variable and from rim to rim, the integral is more or less by the factor",
        "f",
        mass(d) / gaussian_mass(),
        (1 + 3 * kappa * n / 2) * sp.erf(sp.sqrt(B / n)) - 3 * kappa * sp.sqrt(n * B / sp.pi) * sp.exp(-B / n),
        numerically=True,
    )


def _curvature(distance: sp.Expr) -> sp.Expr:
    """Return the second derivative by the distance of the loss s^2/2 at s = 0."""
    slope = s / sp.diff(distance, s)
    return (sp.diff(slope, s) / sp.diff(distance, s)).subs(s, 0)
