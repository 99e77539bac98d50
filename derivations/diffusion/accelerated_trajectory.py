"""Derivation of the mean of accelerated SGD: a sum whose terms solve the recursion one by one."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.hypergeometric import from_ratio
from sgdtheory.derivations.diffusion._accelerated import growing, mean_of, one_mode, w, x
from sgdtheory.processes.accelerated import accelerated
from sgdtheory.symbols import h, lambda_i, mu, t

j = sp.Symbol("j", integer=True, nonnegative=True)


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(accelerated)
    after, _ = one_mode(d)
    mean = d.add(
        "Take the expectation; the noise has mean zero", "E[x']", mean_of(after), (1 - h**2 * lambda_i) * (x + mu * w)
    )
    a = d.add("A gradient step at the look-ahead point multiplies by a", "a", sp.diff(mean, x), 1 - h**2 * lambda_i)
    now, before = sp.symbols("x_t x_(t-1)", real=True)
    d.add(
        "The last step is w = x_t - x_(t-1)",
        "(t + 2) x_(t+1)",
        (t + 2) * mean.subs({mu: growing(t), w: now - before, x: now}),
        (1 - h**2 * lambda_i) * ((2 * t + 1) * now - (t - 1) * before),
    )
    # c_j(t): the coefficient of a^(t - j) (a - 1)^j in x_t/x_0, as multiples of each other.
    next_ratio = (t - 1 - 2 * j) * (t - 2 - 2 * j) / (4 * (j + 1) * (j + 2))
    later, earlier = t / (t - 2 * j), (t - 1 - 2 * j) / (t - 1)
    one_before = 4 * j * (j + 1) / ((t - 1) * (t - 2 * j))
    d.add(
        "Try x_t = x_0 sum_j c_j(t) a^(t-j) (a - 1)^j, c_j(t) = (t - 1)!/((t - 1 - 2 j)! 4^j j! (j + 1)!): of each j"
        " the recursion asks, with a^(t-j) = a^(t+1-j) - a^(t-j) (a - 1), that (t + 2) c_j(t+1)/c_j(t) be this",
        "(2 t + 1) - (t - 1)(c_j(t-1) - c_(j-1)(t-1))/c_j(t)",
        (2 * t + 1) - (t - 1) * (earlier - one_before),
        (t + 2) * later,
    )
    d.add(
        "Neighbours agree: c_(j+1)(t+1)/c_(j+1)(t) is the ratio at j + 1",
        "c_(j+1)(t+1)/c_(j+1)(t)",
        later * next_ratio.subs(t, t + 1) / next_ratio,
        later.subs(j, j + 1),
    )
    share = a**t * from_ratio(next_ratio * (a - 1) / a, j)
    one, two = (sp.hyperexpand(share.subs(t, steps)) for steps in (1, 2))
    d.add("The first step has no last step: a, as it must be", "x_1/x_0", one, mean.subs({w: 0, x: 1}))
    first = mean.subs({w: 0, x: 1})
    d.add(
        "and so has the second, whose momentum is zero",
        "x_2/x_0",
        two,
        mean.subs({mu: growing(sp.Integer(1)), x: first}),
    )
    d.add("The sum of the terms, whose ratio is c_(j+1)(t)/c_j(t) (a - 1)/a", "E[x_t]/x_0", share, share)
    return d
