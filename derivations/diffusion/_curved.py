"""What derivations on a bowl that is not quadratic start from: its flow, and how runs scatter about it."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import covariance, expectation
from sgdtheory.derivations.quadratic._premises import flow
from sgdtheory.processes.curved_flow import DRAWN, bend, curved_bowl, step, tilt, tilt_across, x, y
from sgdtheory.symbols import c_iso, delta, eta, kappa_4, lambda_, m, t, v

s, z, S, epsilon = sp.symbols("s z S epsilon", positive=True)  # time eta t; x^-2; a variance; eta/m
excess = delta**2 * kappa_4
NOISE = {(bend, bend): v / m, (tilt, tilt): c_iso / m, (tilt_across, tilt_across): c_iso / m}
CENTRED = dict.fromkeys(DRAWN, 0)


def moved(d: Derivation) -> tuple[sp.Expr, sp.Expr]:
    """State the step for the displacements x along the flow and y across it; return them after it."""
    after = step(curved_bowl, eta, {"curvature": lambda_, "quartic_coefficient": kappa_4})
    slope = lambda_ + bend + kappa_4 * (x**2 + y**2)
    along = d.add(
        "The step from x along the flow and y across it, with the bend b and the tilts n of the batch",
        "x'",
        after[0],
        x - eta * (slope * x + tilt),
    )
    return along, d.add("and across", "y'", after[1], y - eta * (slope * y + tilt_across))


def flow_square(d: Derivation, along: sp.Expr, across: sp.Expr, *, flat: bool = False) -> sp.Expr:
    """Derive the squared displacement of gradient flow after the time s; a flat minimum has no curvature."""
    d.add("A run at y = 0 stays there but for noise", "E[y']", expectation(across, CENTRED, {}).subs(y, 0), sp.S.Zero)
    drift = d.add(
        "Mean change of x per unit of the time s = eta t",
        "dx/ds",
        sp.expand((expectation(along, CENTRED, {}).subs(y, 0) - x) / eta),
        -lambda_ * x - kappa_4 * x**3,
    )
    rate = d.add(
        "For z = x^-2 the equation is linear",
        "dz/ds",
        sp.expand((sp.diff(x**-2, x) * drift).subs(x, 1 / sp.sqrt(z))),
        2 * lambda_ * z + 2 * kappa_4,
    )
    if flat:
        rate = d.add("At a flat minimum", "dz/ds", rate.subs(lambda_, 0), 2 * kappa_4)
    solution = flow(rate, z, delta**-2, s)
    d.add("Its solution, put back", "dz/ds", sp.diff(solution, s), rate.subs(z, solution))
    d.add("It starts from delta", "z(s = 0)", solution.subs(s, 0), delta**-2)
    grown = sp.exp(2 * lambda_ * s)
    wanted = 1 + 2 * delta**2 * kappa_4 * s if flat else grown * (1 + excess * (1 - 1 / grown) / lambda_)
    growth = d.add("Over what it is at the start", "delta^2 z(s)", sp.cancel(solution * delta**2), wanted)
    return delta**2 / growth


def position(d: Derivation, *, flat: bool = False) -> sp.Expr:
    """Derive the displacement of gradient flow after t steps."""
    square = flow_square(d, *moved(d), flat=flat)
    growth = (delta**2 / square).subs(s, eta * t)
    return d.add("The flow does not cross the minimum: at s = eta t", "X(t)", delta / sp.sqrt(growth))


def variance(d: Derivation, *, across: bool = False, flat: bool = False) -> sp.Expr:
    """Derive the variance about gradient flow after t steps, to the first order in eta/m, along it or across it."""
    after = moved(d)
    square = flow_square(d, *after, flat=flat)
    direction = y if across else x
    growth, gained = _deviation(d, after[across], direction)
    if flat:
        growth = growth.subs(lambda_, 0)
    growth, gained = (part.subs(x**2, square) for part in (growth, gained))
    stretched = square / delta**2 if across else sp.cancel(sp.diff(square, delta) ** 2 / (4 * square))
    d.add(
        "A run that is pushed aside stays at its angle: a deviation from X(s) across the flow goes as phi = X/delta"
        if across
        else "The distance of two flows from neighbouring starts is a deviation from X(s) too: phi = dX/d delta",
        f"(d phi^2/ds)/phi^2 - 2 (d {direction}'/d {direction} - 1)/eta",
        sp.cancel(sp.diff(stretched, s) / stretched - 2 * growth),
        sp.S.Zero,
        numerically=True,
    )
    added = sp.integrate(sp.expand(sp.cancel(gained / stretched)), (s, 0, s))
    found = stretched * added
    d.add(
        "So phi^2 times the integral of what is gained over phi^2 solves the equation",
        f"dS/ds - 2 (d {direction}'/d {direction} - 1) S/eta",
        sp.diff(found, s) - 2 * growth * found,
        gained,
        numerically=True,
    )
    d.add("All start from one place", "S(s = 0)", found.subs(s, 0), sp.S.Zero)
    return found.subs(s, eta * t).subs(epsilon, eta / m)


def _deviation(d: Derivation, after: sp.Expr, direction: sp.Symbol) -> tuple[sp.Expr, sp.Expr]:
    """Derive how fast a small deviation grows, and what variance is gained per unit of s, at x on the flow."""
    factor = d.add(
        "Large batches keep runs near the flow: to the first order a step multiplies a deviation from it by",
        f"d {direction}'/d {direction}",
        sp.diff(after, direction).subs({y: 0, **CENTRED}),
        1 - eta * (lambda_ + (1 if direction == y else 3) * kappa_4 * x**2),
    )
    noise = d.add(
        "and adds noise, taken on the flow, of the variance",
        f"Var[{direction}' given x]",
        covariance(after.subs(y, 0), after.subs(y, 0), CENTRED, NOISE),
        eta**2 * (c_iso if direction == y else c_iso + v * x**2) / m,
    )
    rate = sp.expand((factor**2 * S + noise - S) / eta).subs(m, eta / epsilon).subs(eta, 0)
    law = d.add(
        "So a variance S changes per unit of s, for small eta at a fixed epsilon = eta/m, by",
        "dS/ds",
        rate,
        2 * S * sp.expand((factor - 1) / eta) + epsilon * sp.expand(noise * m / eta**2),
    )
    return sp.expand(law).coeff(S) / 2, law.subs(S, 0)
