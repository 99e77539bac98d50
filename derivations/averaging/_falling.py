"""Steps of the learning rates b/1, b/2, b/3, ... and what they make of a pair of modes."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.falling_rates_sum import FallingRatesSum
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.quadratic._premises import S, n_i, n_j, x_i, x_j
from sgdtheory.processes.scheduled import scheduled
from sgdtheory.symbols import C_ij, b, eta_t, lambda_i, lambda_j, m, t

ORIGIN = sp.Matrix(sp.symbols("theta*_i theta*_j", real=True))
PAIR = b * lambda_i, b * lambda_j
k = sp.Symbol("k", integer=True, positive=True)


def covariance(d: Derivation) -> sp.Expr:
    """Derive the covariance of a pair of modes after t steps from the minimum, with b = t eta_t."""
    knobs = {"rates": (b / k,), "curvature": sp.diag(lambda_i, lambda_j), "minimum": ORIGIN}
    start, noise = ORIGIN + sp.Matrix([x_i, x_j]), sp.Matrix([n_i, n_j])
    after = scheduled.step(start, (noise,), learning_rate=1, **knobs) - ORIGIN
    places = [
        d.add(f"Step k, in the eigenbasis of H, along mode {name}", f"x_{name}'", found, wanted)
        for name, found, wanted in zip(
            "ij",
            after,
            ((1 - a / k) * x - b * n / k for a, x, n in zip(PAIR, (x_i, x_j), (n_i, n_j), strict=True)),
            strict=True,
        )
    ]
    centred = dict.fromkeys((x_i, x_j, n_i, n_j), 0)
    moment = d.add(
        "Multiply and take the expectation; the noise is independent of x. A fixed start moves the means only",
        "S'",
        expectation(places[0] * places[1], centred, {(n_i, n_j): C_ij / m, (x_i, x_j): S}),
        (1 - PAIR[0] / k) * (1 - PAIR[1] / k) * S + b**2 * C_ij / (k**2 * m),
    )
    a, c = (sp.simplify(k * (1 - sp.diff(place, x))) for place, x in zip(places, (x_i, x_j), strict=True))
    level = sp.simplify(k**2 * moment.subs(S, 0))
    before, here = (level * FallingRatesSum(a, c, steps) for steps in (k - 1, k))
    d.add(
        "So S is b^2 C_ij/m times the sum of the noise of all steps, each times what those after it leave: the sum"
        " obeys this recursion",
        "S(k) - S'",
        sp.expand(sp.expand_func(here) - moment.subs(S, before)),
        sp.Integer(0),
    )
    d.add("and starts from", "S(0)", level * FallingRatesSum(a, c, 0), sp.Integer(0))
    value = (level * FallingRatesSum(a, c, t)).subs(b, eta_t * t)
    return d.add("Hence after t steps, the last of which has the rate eta_t = b/t", "S(t)", value, value)
