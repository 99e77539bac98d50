"""Derivation of the least divergence with a diagonal preconditioner, for two modes with noise in proportion."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, fixed_point
from sgdtheory.derivations.posterior._premises import preconditioned_modes
from sgdtheory.derivations.quadratic._premises import CENTRED, n_i, n_j, x_i, x_j
from sgdtheory.processes.preconditioned import preconditioned
from sgdtheory.symbols import R_12, D, eta, lambda_i, lambda_j, m

P_i, P_j, k, r_i, r_j, a = sp.symbols("P_i P_j k r_i r_j a", positive=True)
z = sp.Symbol("z", nonnegative=True)
S = sp.Symbol("S", real=True)
VARIANCES = {(n_i, n_i): k * lambda_i / m, (n_j, n_j): k * lambda_j / m}
NOISE = {**VARIANCES, (n_i, n_j): k * sp.sqrt(R_12 * lambda_i * lambda_j) / m}


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(preconditioned)
    correlation = _squared_correlation(d)
    volume = d.add(
        "At a given sum a = r_i + r_j of the shares, with z the square of their difference, the determinant of the"
        " covariance over that of the posterior",
        "r_i r_j (1 - squared correlation)",
        sp.cancel((r_i * r_j * (1 - correlation)).subs({r_i: (a + sp.sqrt(z)) / 2, r_j: (a - sp.sqrt(z)) / 2})),
        (a**2 - z) / 4 - R_12 * (a**2 - z) ** 2 / (4 * a**2),
    )
    (best,) = sp.solve(sp.diff(volume, z), z)
    largest = d.add(
        "It is concave in z and largest at z = a^2 (1 - 1/(2 R_12)), which is no square where R_12 < 1/2",
        "r_i r_j (1 - squared correlation)",
        volume.subs(z, best),
        a**2 / (16 * R_12),
    )
    energy = a - 2 - sp.log(largest)
    (total,) = sp.solve(sp.diff(energy, a), a)
    d.add(
        "Twice the divergence is a - 2 less the logarithm of this determinant, and so no smaller than with the largest;"
        " it is convex in a, and its slope vanishes where the shares add up to two",
        "d/da",
        sp.diff(energy, a),
        1 - total / a,
    )
    d.add("Half of it there", "KL", energy.subs(a, total) / 2, sp.log(4 * R_12) / 2, numerically=True)
    return d


def _squared_correlation(d: Derivation) -> sp.Expr:
    """Derive the squared correlation of two modes in terms of their shares of the posterior's variances."""
    after = preconditioned_modes(sp.diag(sp.sqrt(P_i), sp.sqrt(P_j)))
    first = d.add(
        "The step for theta = R phi along mode i, in the eigenbasis of H, where R and P = R R' are diagonal",
        "x_i'",
        after[0],
        (1 - eta * P_i * lambda_i) * x_i - eta * P_i * n_i,
    )
    second = d.add("and along mode j", "x_j'", after[1], (1 - eta * P_j * lambda_j) * x_j - eta * P_j * n_j)
    moments = []
    for name, one, other, pair in (
        ("ii", first, first, (x_i, x_i)),
        ("jj", second, second, (x_j, x_j)),
        ("ij", first, second, (x_i, x_j)),
    ):
        stationary = fixed_point(*coefficients(expectation(one * other, CENTRED, {**NOISE, pair: S}), S))
        shown = "The stationary solution of the second moment's recursion, for noise C_ii = k lambda_i" * (name == "ii")
        moments.append(d.add(shown or "likewise", f"S_{name}", stationary))
    shares = [D * curvature * moment for curvature, moment in zip((lambda_i, lambda_j), moments, strict=False)]
    places = {P_i: sp.solve(shares[0] - r_i, P_i)[0], P_j: sp.solve(shares[1] - r_j, P_j)[0]}
    return d.add(
        "Preconditioners are counted by the shares r of the posterior's variances that they give; the squared"
        " correlation then holds nothing else than these and that of the noise",
        "S_ij^2/(S_ii S_jj)",
        sp.factor((moments[2] ** 2 / (moments[0] * moments[1])).subs(places)),
        4 * R_12 * r_i * r_j / (r_i + r_j) ** 2,
    )
