"""Derivation of the circulation of a stirred diffusion: its density, from a step's mean and variance, and integrals."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.fokker_planck import residual
from sgdtheory.algebra.moments import covariance, expectation
from sgdtheory.processes.prescribed_current import LOSS, flow, slope, stirred_wells, x, y
from sgdtheory.symbols import c_iso, eta, m, w

kicks, push = sp.symbols("n_1 n_2", real=True), sp.symbols("j_1 j_2", real=True)
n, r = sp.symbols("n r", positive=True)  # a temperature, a distance from the origin
angle = sp.Symbol("phi", real=True)
CENTRED = dict.fromkeys(kicks, 0)
NOISE = {(first, second): c_iso / m if first == second else 0 for first in kicks for second in kicks}
quarter = sp.Rational(1, 4)


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(stirred_wells)
    place = sp.Matrix([x, y])
    after = stirred_wells.step(place, sp.Matrix(kicks), learning_rate=eta, slope=slope(), flow=sp.Matrix(push))
    drift = [sp.expand((expectation(new, CENTRED, {}) - old) / eta) for new, old in zip(after, place, strict=True)]
    across = d.add("Mean change along y per unit of the time eta t, j being the flow", "E[dy]", drift[1], push[1] - y)
    gained = d.add(
        "and the variance that the noise adds, the same along x",
        "Var[dy]",
        covariance(after[1], after[1], CENTRED, NOISE) / eta,
        eta * c_iso / m,
    )
    found = d.add(
        "Without a flow a density p = exp(-L/n) has no current along y, j_2 = 0, for one temperature",
        "n",
        sp.cancel(-gained / 2 * sp.diff(LOSS, y) / across.subs(push[1], 0)),
        eta * c_iso / (2 * m),
    )
    density = sp.exp(-LOSS / found)
    stirred = [part.subs(dict(zip(push, flow(w, found), strict=True))) for part in drift]
    d.add(
        "With the flow that is meant the same density solves the Fokker-Planck equation, whatever w",
        "-(div of the current)/p",
        residual(density, stirred, gained * sp.eye(2), [x, y]),
        sp.Integer(0),
    )
    return _swept(d, drift, found)


def _swept(d: Derivation, drift: list[sp.Expr], found: sp.Expr) -> Derivation:
    """Derive the mean of x dy - y dx; the noise is independent of the place and adds nothing."""
    turned = sp.expand(x * drift[1] - y * drift[0])
    slopes = turned.subs(dict.fromkeys(push, 0))
    d.add("Of x E[dy] - y E[dx] the slope's part is odd in y", "f(x, y) + f(x, -y)", slopes + slopes.subs(y, -y))
    polar = {x: r * sp.cos(angle), y: r * sp.sin(angle)}
    pushed = (turned - slopes).subs(dict(zip(push, flow(w, n), strict=True)))
    shared = sp.powsimp(sp.expand(pushed * sp.exp(-LOSS / n)))
    radial = sp.trigsimp(shared.subs(polar))
    flux = d.add(
        "The flow's part times the density, in polar coordinates, and over the plane",
        "integral of (x j_2 - y j_1) p",
        sp.integrate(2 * sp.pi * r * radial, (r, 0, sp.oo)),
        2 * sp.pi * n * w,
    )
    mass = d.add(
        "The density itself: a Gaussian along y",
        "integral of exp(-y^2/(2n))",
        sp.integrate(sp.exp(-LOSS.subs(x, 1) / n), (y, -sp.oo, sp.oo)),
        sp.sqrt(2 * sp.pi * n),
    )
    mass *= d.add(
        "and two wells along x",
        "integral of exp(-(x^2 - 1)^2/(4n))",
        sp.gammasimp(2 * sp.integrate(sp.exp(-LOSS.subs({x: r, y: 0}) / n), (r, 0, sp.oo))),
        sp.pi / 2 * sp.exp(-1 / (8 * n)) * (sp.besseli(-quarter, 1 / (8 * n)) + sp.besseli(quarter, 1 / (8 * n))),
        numerically=True,
    )
    d.add("So the mean, at the temperature of the noise", "E[x dy - y dx]", (flux / mass).subs(n, found))
    return d
