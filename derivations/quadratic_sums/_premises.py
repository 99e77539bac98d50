"""What derivations of this family start from: the step of one mode, and the moments of a batch's curvature."""

import sympy as sp

from sgdtheory.algebra.batches import batch_cumulant
from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import MomentRecursion, moment_recursion
from sgdtheory.symbols import D, c, eta, kappa, lambda_, m, mu, p, v

# Displacement and velocity; a batch's curvature and gradient at the minimum; those of sample k; the mean square.
x, w = sp.symbols("x w", real=True)
h, g = sp.symbols("h_B g_B", real=True)
h_k, g_k = sp.symbols("h_k g_k", real=True)
S = sp.Symbol("S", nonnegative=True)

SAMPLES = {h_k: lambda_, g_k: sp.Integer(0), h_k**2: lambda_**2 + v, h_k * g_k: kappa, g_k**2: c}
MEANS = {h: lambda_, g: sp.Integer(0)}

Covariances = dict[tuple[sp.Symbol, sp.Symbol], sp.Expr]


def step_of_one_mode(d: Derivation) -> tuple[sp.Expr, ...]:
    """State the step of the derivation's process in one dimension; return the displacement, then the velocity."""
    origin = sp.Matrix([sp.Symbol("theta*", real=True)])
    place, batch = origin + sp.Matrix([x]), (sp.Matrix([[h]]), sp.Matrix([g]))
    if not d.process.momentum:
        after = d.process.step(place, batch, learning_rate=eta, minimum=origin)
        return (
            d.add(
                "The step for the displacement x = theta - theta*; the batch has the curvature h_B, and the gradient"
                " g_B at the minimum",
                "x'",
                (after - origin)[0],
                (1 - eta * h) * x - eta * g,
            ),
        )
    parameters, velocity = d.process.move(place, sp.Matrix([w]), batch, learning_rate=eta, momentum=mu, minimum=origin)
    faster = d.add(
        "The step for the velocity w, for a batch of curvature h_B with the gradient g_B at the minimum, x being the"
        " displacement theta - theta*",
        "w'",
        velocity[0],
        mu * w + h * x + g,
    )
    slope = h * x + g
    moved = slope + mu * (mu * w + slope) if d.process.nesterov else mu * w + slope
    return d.add("and for the displacement", "x'", (parameters - origin)[0], x - eta * moved), faster


def moments_of_a_batch(d: Derivation) -> Covariances:
    """Derive the covariances of a batch's curvature and gradient from averages over the samples."""
    found: Covariances = {}
    for first, second, drawn, written in ((h, h, (h_k, h_k), v), (h, g, (h_k, g_k), kappa), (g, g, (g_k, g_k), c)):
        apart = batch_cumulant(drawn, SAMPLES, D, m, replacement=True)
        subset = batch_cumulant(drawn, SAMPLES, D, m, replacement=False)
        shown = f"Cov[{first}, {second}]"
        if not found:
            d.add(
                "Draws with replacement are independent; the curvatures' variance over the samples is v", shown, apart
            )
            d.add("of a subset they are different samples", shown, subset, written * (D - m) / (m * (D - 1)))
            reason = "Either way it is that of one sample times p = 1/m, or p = (D - m)/(m (D - 1))"
        else:
            reason = "likewise, kappa being the mean of h_k g_k" if written is kappa else "and c that of g_k^2"
        by_share = subset.subs(m, D / (1 + (D - 1) * p))
        found[first, second] = d.add(reason, shown, apart.subs(m, 1 / p), written * p)
        d.add("the same for subsets", shown, by_share, found[first, second])
    return found


def one_mode(d: Derivation) -> tuple[tuple[sp.Expr, ...], MomentRecursion]:
    """Derive the step and the recursion of its moments."""
    after = step_of_one_mode(d)
    covariances = moments_of_a_batch(d)
    return after, moment_recursion(after, (x, w)[: len(after)], lambda e: expectation(e, MEANS, covariances))
