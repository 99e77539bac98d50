"""The recursion of the first two moments of SGD on a stated loss, in symbols."""

from __future__ import annotations

import sympy as sp

from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import MomentRecursion, moment_recursion
from sgdtheory.errors import DomainError
from sgdtheory.numeric.second_moments import GradientNoise
from sgdtheory.processes.update import update

# Symbols with which a stationary law of so many coupled parameters was solved within half a minute.
MOST_SYMBOLS = {3: 3, 4: 2, 5: 1}


def check_solvable(hessian: sp.Matrix, noise: GradientNoise, rate: sp.Expr, share: sp.Expr) -> None:
    """Refuse a stationary law whose exact solution would not end: many coupled parameters with many symbols."""
    group = _largest_group(hessian, noise)
    if group < min(MOST_SYMBOLS):
        return
    tables = (hessian.free_symbols, noise.spread.free_symbols, rate.free_symbols, sp.sympify(share).free_symbols)
    symbols, most = set().union(*tables), MOST_SYMBOLS.get(group, 0)
    if len(symbols) > most:
        raise DomainError(
            "the stationary law is too long to be solved in symbols",
            got=f"{group} coupled parameters with {', '.join(sorted(map(str, symbols)))}",
            allowed=f"at most {most} symbols for {group} parameters that the Hessian couples",
            mend="give numbers, for example problem.at({...}), the learning rate and batch size too if need be; or"
            " state uncorrelated features",
        )


def _largest_group(hessian: sp.Matrix, noise: GradientNoise) -> int:
    """Return the number of parameters in the largest group that Hessian and noise couple."""
    places, groups = range(hessian.rows), []
    for i in places:
        coupled = [j for j in places if hessian[i, j] != 0 or any(noise.spread[i, j, k, k] != 0 for k in places)]
        joined = {i, *coupled}
        for group in [group for group in groups if group & joined]:
            groups.remove(group)
            joined |= group
        groups.append(joined)
    return max(map(len, groups))


def recursion_in_symbols(
    hessian: sp.Matrix, noise: GradientNoise, rate: sp.Expr, share: sp.Expr, injected: sp.Expr = sp.S.Zero
) -> tuple[MomentRecursion, tuple[sp.Symbol, ...]]:
    """Return the recursion of the moments of e = theta - theta* up to degree two, and the symbols of e.

    ``injected`` is the variance that injected noise adds to each entry of a step's gradient.
    """
    d = hessian.rows
    e, n = (sp.Matrix([sp.Dummy(f"{letter}_{i + 1}", real=True) for i in range(d)]) for letter in "en")
    after, _ = update(e, 0 * e, hessian * e + n, learning_rate=rate)
    covariance = share * noise.expected(e, e * e.T) + injected * sp.eye(d)
    pairs = {(n[i], n[j]): covariance[i, j] for i in range(d) for j in range(i, d)}
    centred = dict.fromkeys(n, sp.Integer(0))
    return moment_recursion(list(after), list(e), lambda part: expectation(part, centred, pairs)), tuple(e)
