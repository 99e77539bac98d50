"""What derivations on saddle points start from: the step along modes of either sign, and along an unstable one."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, course
from sgdtheory.processes.saddle import saddle
from sgdtheory.symbols import C_ii, C_ij, C_jj, c_u, delta_u, eta, gamma_u, h_i, h_j, m, t

# Displacement from the saddle point and gradient noise of a pair of modes; a second moment of the displacement.
x_i, x_j, n_i, n_j = sp.symbols("x_i x_j n_i n_j", real=True)
S = sp.Symbol("S_ij", real=True)
NOISE = {(n_i, n_i): C_ii / m, (n_i, n_j): C_ij / m, (n_j, n_j): C_jj / m}

# One direction: displacement, noise, mean square.
x, n = sp.symbols("x n", real=True)
X = sp.Symbol("X", real=True)


def step_of(displacements: sp.Matrix, noise: sp.Matrix, curvatures: sp.Matrix) -> sp.Matrix:
    """Return the displacements from the saddle point after a step."""
    origin = sp.Matrix([sp.Symbol(f"theta*_{k}", real=True) for k in range(len(displacements))])
    after = saddle.step(origin + displacements, noise, learning_rate=eta, curvature=curvatures, minimum=origin)
    return after - origin


def pair_of_modes(d: Derivation) -> tuple[sp.Expr, sp.Expr]:
    """State the step for two modes; return their displacements after it."""
    after = step_of(sp.Matrix([x_i, x_j]), sp.Matrix([n_i, n_j]), sp.diag(h_i, h_j))
    first = d.add(
        "The step, in the eigenbasis of H, for the displacement x from the saddle point along mode i, of curvature h_i"
        " of either sign, and the noise n",
        "x_i'",
        after[0],
        (1 - eta * h_i) * x_i - eta * n_i,
    )
    second = d.add("and along mode j", "x_j'", after[1], (1 - eta * h_j) * x_j - eta * n_j)
    return first, second


def unstable_mode(d: Derivation) -> sp.Expr:
    """State the step along an unstable direction; return the displacement after it."""
    after = step_of(sp.Matrix([x]), sp.Matrix([n]), sp.Matrix([[-gamma_u]]))[0]
    return d.add(
        "The step along a direction of curvature -gamma, for the displacement x from the saddle point and the noise n",
        "x'",
        after,
        (1 + eta * gamma_u) * x - eta * n,
    )


def mean_square(d: Derivation) -> tuple[sp.Expr, sp.Expr]:
    """Derive the recursion of the mean square along an unstable direction; return its factor and what is added."""
    after = unstable_mode(d)
    square = d.add(
        "Square and take the expectation; the noise is independent of x, has mean zero and variance c/m",
        "E[x'^2]",
        expectation(after**2, {x: 0, n: 0}, {(x, x): X, (n, n): c_u / m}),
        (1 + eta * gamma_u) ** 2 * X + eta**2 * c_u / m,
    )
    factor, added = coefficients(square, X)
    return sp.factor(factor), added


def mean_square_course(d: Derivation) -> sp.Expr:
    """Derive the mean square after t steps from a start at delta."""
    factor, added = mean_square(d)
    solution = course(factor, added, delta_u**2, t)
    d.add("A fixed start", "E[x_0^2]", solution.subs(t, 0), delta_u**2)
    d.add("The solution, put into the recursion", "E[x_(t+1)^2]", factor * solution + added, solution.subs(t, t + 1))
    return solution


def mean_square_drift(d: Derivation) -> sp.Expr:
    """Derive the drift of the mean square in the time s = eta t, in the symbol X."""
    factor, added = mean_square(d)
    temperature = sp.Symbol("epsilon", positive=True)
    rate = d.add(
        "Rate of change of the mean square X per unit of the time s = eta t; the noise level epsilon = eta/m is kept",
        "(E[x'^2] - X)/eta",
        ((factor * X + added - X) / eta).expand().subs(m, eta / temperature),
        2 * gamma_u * X + temperature * c_u + eta * gamma_u**2 * X,
    )
    limit = d.add(
        "The learning rate goes to zero at fixed epsilon",
        "dX/ds",
        rate.subs(eta, 0),
        2 * gamma_u * X + temperature * c_u,
    )
    return d.add("With epsilon = eta/m", "dX/ds", limit.subs(temperature, eta / m), 2 * gamma_u * X + eta * c_u / m)


def drift_and_variance(d: Derivation) -> tuple[sp.Expr, sp.Expr]:
    """Derive mean and variance of a step along the unstable direction, per unit of the time eta t."""
    after = step_of(sp.Matrix([x]), sp.Matrix([n]), sp.Matrix([[-gamma_u]]))[0]
    mean = expectation(after, {n: 0}, {})
    drift = d.add(
        "Mean of a step from x, per unit of the time s = eta t", "(E[x'] - x)/eta", (mean - x) / eta, gamma_u * x
    )
    variance = d.add(
        "and its variance",
        "Var[x']/eta",
        expectation((after - mean) ** 2, {n: 0}, {(n, n): c_u / m}) / eta,
        eta * c_u / m,
    )
    return drift, variance
