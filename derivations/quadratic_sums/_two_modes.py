"""Two modes that all samples share, with either momentum: the step, and how a batch varies along them."""

import sympy as sp

from sgdtheory.algebra.batches import batch_cumulant
from sgdtheory.algebra.derivation import Derivation
from sgdtheory.symbols import D, c_12, eta, lambda_1, lambda_2, m, mu, p, v_12

x_1, x_2, w_1, w_2 = sp.symbols("x_1 x_2 w_1 w_2", real=True)
h_1, h_2, g_1, g_2 = sp.symbols("h_B1 h_B2 g_B1 g_B2", real=True)
h_k1, h_k2, g_k1, g_k2 = sp.symbols("h_k1 h_k2 g_k1 g_k2", real=True)
BATCH = {h_1: lambda_1, h_2: lambda_2, g_1: sp.Integer(0), g_2: sp.Integer(0)}

# Products of what the first mode holds with what the second one does, and their expectations before a step.
PAIRS = {
    (x_1, x_2): sp.Symbol("S_12", real=True),
    (x_1, w_2): sp.Symbol("Y_12", real=True),
    (w_1, x_2): sp.Symbol("Z_12", real=True),
    (w_1, w_2): sp.Symbol("W_12", real=True),
}

Moments = dict[tuple[sp.Symbol, sp.Symbol], sp.Expr]


def step_of_two_modes(d: Derivation) -> dict[sp.Symbol, sp.Expr]:
    """State the step of the derivation's process along two shared eigenvectors; return what becomes of the state."""
    origin = sp.Matrix(sp.symbols("theta*_1 theta*_2", real=True))
    place, faster = d.process.move(
        origin + sp.Matrix([x_1, x_2]),
        sp.Matrix([w_1, w_2]),
        (sp.diag(h_1, h_2), sp.Matrix([g_1, g_2])),
        learning_rate=eta,
        momentum=mu,
        minimum=origin,
    )
    slope = h_1 * x_1 + g_1
    along = d.add(
        "The step along one shared eigenvector, for the displacement x = theta - theta*, the velocity w and a batch of"
        " curvature h_B with the gradient g_B at the minimum: the velocity",
        "w_1'",
        faster[0],
        mu * w_1 + slope,
    )
    pushed = slope + mu * (mu * w_1 + slope) if d.process.nesterov else mu * w_1 + slope
    moved = d.add("and the displacement", "x_1'", place[0] - origin[0], x_1 - eta * pushed)
    turn = {x_1: x_2, w_1: w_2, h_1: h_2, g_1: g_2}
    other = d.add("Along another likewise", "w_2'", faster[1], along.xreplace(turn))
    return {x_1: moved, w_1: along, x_2: d.add("and", "x_2'", place[1] - origin[1], moved.xreplace(turn)), w_2: other}


def batch_of_two_modes(d: Derivation) -> Moments:
    """Derive how a batch's curvatures vary together along two modes, and its gradients, from averages over samples."""
    averages = {
        h_k1: lambda_1,
        h_k2: lambda_2,
        g_k1: sp.Integer(0),
        g_k2: sp.Integer(0),
        h_k1 * h_k2: lambda_1 * lambda_2 + v_12,
        g_k1 * g_k2: c_12,
    }
    found: Moments = {}
    for names, pair, written in (((h_1, h_2), (h_k1, h_k2), v_12), ((g_1, g_2), (g_k1, g_k2), c_12)):
        apart = batch_cumulant(pair, averages, D, m, replacement=True)
        subset = batch_cumulant(pair, averages, D, m, replacement=False)
        shown = f"Cov[{names[0]}, {names[1]}]"
        found[names] = d.add(
            "Draws with replacement are independent; p stands for 1/m", shown, apart.subs(m, 1 / p), p * written
        )
        d.add("for subsets p stands for (D - m)/(m (D - 1))", shown, subset.subs(m, D / (1 + (D - 1) * p)), p * written)
    return found
