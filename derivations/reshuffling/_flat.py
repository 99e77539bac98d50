"""Steps that results on directions without curvature share: the moments of an epoch, with and without momentum."""

import itertools

import sympy as sp

from sgdtheory.algebra.batches import batch_mean_covariance
from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.reshuffling._epoch import recursion_of
from sgdtheory.symbols import C_ij, D, M, eta, mu, t

# Displacement and velocity along a pair of modes, the gradient of the next batch, and that of another one to come.
x_i, x_j, v_i, v_j = sp.symbols("x_i x_j v_i v_j", real=True)
g_i, g_j, e_i, e_j = sp.symbols("g_i g_j e_i e_j", real=True)


def displacement_products(d: Derivation) -> sp.Expr:
    """Derive E[x_i x_j] after t batches of an epoch that starts at the minimum, without curvature."""
    first, second = _states_after(d)
    single, shared = _batches(d)
    state = {**first, **second}
    after = {**state, e_i: e_i, e_j: e_j}
    pairs = [*itertools.product(first, second), *((one, e_j) for one in first), *((one, e_i) for one in second)]
    unknown = {pair: sp.Symbol(f"E[{pair[0]} {pair[1]}]", real=True) for pair in pairs}
    known = dict(unknown)
    for (one, other), moment in unknown.items():  # the next batch is like any other to come
        if other in (e_i, e_j):
            known[one, {e_i: g_i, e_j: g_j}[other]] = moment
    known |= {(g_i, g_j): single, (g_i, e_j): shared, (g_j, e_i): shared}
    centred = dict.fromkeys((*after, g_i, g_j), 0)
    steps = []
    for place, (one, other) in enumerate(pairs):
        product = expectation(after[one] * after[other], centred, known)
        step = d.add(
            "likewise"
            if place
            else "Products after a step, e being the gradient of a batch still to come; all of these are alike, so that"
            " the next one has with x what e has",
            f"E[{one}' {other}{chr(39) * (other in state)}]",
            product,
            sp.collect(sp.expand(product), (*unknown.values(), C_ij), sp.factor),
        )
        steps.append(step)
    recursion = recursion_of(tuple(unknown.values()), tuple(steps))
    return recursion.transient(dict.fromkeys(unknown.values(), 0), t)[unknown[x_i, x_j]]


def _states_after(d: Derivation) -> tuple[dict[sp.Symbol, sp.Expr], dict[sp.Symbol, sp.Expr]]:
    """State the step along two modes; return what becomes of the displacement, and of the velocity if there is one."""
    origin = sp.Matrix(sp.symbols("theta*_i theta*_j", real=True))
    batch = sp.zeros(2, 2), sp.Matrix([g_i, g_j])
    where = origin + sp.Matrix([x_i, x_j])
    if not d.process.momentum:
        after = d.process.step(where, batch, learning_rate=eta, minimum=origin) - origin
        one = d.add("The step along mode i, g being the gradient of the batch", "x_i'", after[0], x_i - eta * g_i)
        return {x_i: one}, {x_j: d.add("and along mode j", "x_j'", after[1], x_j - eta * g_j)}
    place, velocity = d.process.move(
        where, sp.Matrix([v_i, v_j]), batch, learning_rate=eta, momentum=mu, minimum=origin
    )
    after = place - origin
    faster = d.add("The step along mode i, g being the batch's gradient", "v_i'", velocity[0], mu * v_i + g_i)
    one = d.add("and the displacement", "x_i'", after[0], x_i - eta * (mu * v_i + g_i))
    return {x_i: one, v_i: faster}, {x_j: after[1], v_j: velocity[1]}


def _batches(d: Derivation) -> tuple[sp.Expr, sp.Expr]:
    single = d.add(
        "Covariance of a batch's gradient: the mean over a subset of m = D/M samples",
        "Cov[g_i, g_j]",
        batch_mean_covariance(D * C_ij, D, D / M, replacement=False),
        C_ij * (M - 1) / (D - 1),
    )
    other = sp.Symbol("w", real=True)
    shared = d.add(
        "The gradients of the M batches of an epoch add up to zero, and all pairs of them are alike",
        "Cov[g_i, e_j]",
        sp.solve(M * single + M * (M - 1) * other, other)[0],
        -C_ij / (D - 1),
    )
    return single, shared
