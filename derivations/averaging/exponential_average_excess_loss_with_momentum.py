"""Derivation of the excess loss at an exponential average of SGD with momentum."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.averaging._premises import averaged, second_moments, w_i
from sgdtheory.derivations.momentum._premises import pair_of_modes, v_i
from sgdtheory.derivations.quadratic._expected_forms import excess_loss
from sgdtheory.derivations.quadratic._premises import n_i, x_i
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import C_ii, alpha, eta, lambda_i, m, mu


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise_with_momentum)
    after = pair_of_modes(d)
    average, _ = averaged(d, (after[0], after[2]))
    state = (x_i, v_i, w_i)
    primed = (after[0], after[1], average)
    moments = second_moments(primed, state)
    pairs = {one * other: (one, other) for place, one in enumerate(state) for other in state[place:]}
    known = {(n_i, n_i): C_ii / m, **{pair: moments[moment] for moment, pair in pairs.items()}}
    variance = d.add(
        "Stationary: the six second moments of displacement, velocity and average are as they were. The solution of"
        " these linear equations, put into a step, comes back",
        "E[w_i' w_i']",
        sp.factor(expectation(average**2, dict.fromkeys((*state, n_i), 0), known)),
        sp.factor(moments[w_i**2]),
    )
    shown, part = excess_loss(d)
    kept = 1 - alpha
    d.add(
        "The loss at the average, of mean zero, is the same function of w_i",
        shown,
        expectation(part.subs(x_i, w_i), {w_i: 0}, {(w_i, w_i): variance}),
        eta
        * alpha
        * C_ii
        * ((1 + mu) * (1 + kept) * (1 - kept * mu) - kept * (1 - mu) * eta * lambda_i)
        / (
            2
            * m
            * (2 - alpha)
            * (1 - mu)
            * (2 * (1 + mu) - eta * lambda_i)
            * (alpha * (1 - kept * mu) + kept * eta * lambda_i)
        ),
    )
    return d
