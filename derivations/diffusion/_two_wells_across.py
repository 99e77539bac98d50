"""What derivations about wells along two parameters start from: their temperature, and the sum of two log-odds."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.fokker_planck import probability_current
from sgdtheory.algebra.moments import covariance, expectation
from sgdtheory.derivations.diffusion._two_wells import B, L, gaussian_mass, h, kappa, n, x
from sgdtheory.processes.two_wells import two_wells_across
from sgdtheory.symbols import (
    B_A,
    B_A2,
    B_B,
    B_B2,
    eta,
    h_A,
    h_A2,
    h_B,
    h_B2,
    kappa_A,
    kappa_A2,
    kappa_B,
    kappa_B2,
    m,
    s_g,
)

y, n_x, n_y = sp.symbols("y n_x n_y", real=True)
M = sp.Function("M")
PAIRS = (
    ({h: h_A, kappa: kappa_A, B: B_A}, {h: h_B, kappa: kappa_B, B: B_B}),
    ({h: h_A2, kappa: kappa_A2, B: B_A2}, {h: h_B2, kappa: kappa_B2, B: B_B2}),
)


def temperature(d: Derivation) -> sp.Expr:
    """Derive the temperature of a loss L(x) + M(y), whatever these are, from a step."""
    place, noise, slope = sp.Matrix([x, y]), sp.Matrix([n_x, n_y]), sp.Matrix([sp.diff(L(x), x), sp.diff(M(y), y)])
    after = two_wells_across.step(place, noise, learning_rate=eta, slope=slope)
    centred, spread = {n_x: 0, n_y: 0}, {(n_x, n_x): s_g**2 / m, (n_y, n_y): s_g**2 / m, (n_x, n_y): 0}
    drift = [sp.expand((expectation(after[i], centred, {}) - place[i]) / eta) for i in range(2)]
    d.add("Mean change of x per unit of the time eta t, for a loss L(x) + M(y)", "(E[x'] - x)/eta", drift[0], -slope[0])
    d.add("and of y", "(E[y'] - y)/eta", drift[1], -slope[1])
    gained = [[covariance(after[i], after[j], centred, spread) / eta for j in range(2)] for i in range(2)]
    d.add("The variance that the noise adds to x", "Var[x' given x]/eta", gained[0][0], eta * s_g**2 / m)
    d.add("is added to y as well, and no covariance", "Cov[x', y']/eta", gained[0][1], sp.Integer(0))
    density = sp.exp(-(L(x) + M(y)) / n)
    current = sp.expand(probability_current(density, drift, gained, [x, y]) / density)
    found = d.add(
        "The density exp(-(L + M)/n) has no current along x for one temperature",
        "n",
        sp.solve(current[0], n)[0],
        eta * s_g**2 / (2 * m),
    )
    d.add("nor has it along y for this one", "J_y/p", sp.expand(current[1].subs(n, found)), sp.Integer(0))
    return found


def gaussian_log_odds(d: Derivation) -> sp.Expr:
    """Derive the log-odds of two Gaussians at the temperature n."""
    mass = d.add(
        "The density is a product, and so is its integral over a basin. Of each factor, if L = h x^2/2 held everywhere,"
        " L_rim being B above the bottom,",
        "integral of exp(-(L - L_rim)/n)/n",
        gaussian_mass(),
        sp.exp(B / n) * sp.sqrt(2 * sp.pi / (n * h)),
    )
    return d.add(
        "The logarithm of the ratio of the basin of both first wells to that of both second ones",
        "log(p_A/p_B)",
        sum(sp.log(mass.subs(first) / mass.subs(second)) for first, second in PAIRS),
        (B_A + B_A2 - B_B - B_B2) / n + sp.log(h_B * h_B2 / (h_A * h_A2)) / 2,
        numerically=True,
    )
