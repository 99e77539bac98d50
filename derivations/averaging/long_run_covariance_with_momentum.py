"""Derivation of the sum of all autocovariances with momentum: a resolvent of the matrix of one step."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.averaging._premises import TURNED
from sgdtheory.derivations.momentum._moments import stationary_moments
from sgdtheory.derivations.momentum._premises import pair_of_modes, v_i, x_i, x_j
from sgdtheory.derivations.quadratic._premises import n_i
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import C_ij, eta, lambda_i, lambda_j, m, mu


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise_with_momentum)
    after = pair_of_modes(d)
    moments = stationary_moments(d, after)
    G, U = sp.symbols("G_ij U_ij", real=True)
    sums = {(x_i, x_j): G, (v_i, x_j): U}
    means = {x_i: 0, v_i: 0, n_i: 0, x_j: 0}
    moved = [expectation(part * x_j, means, sums) for part in after[:2]]
    d.add(
        "Let G and U be the sums over lags from zero on of the moments of later x_i and v_i with x_j. One step, which"
        " adds noise that is independent of x_j, takes each sum to the same without lag zero",
        "G_ij - E[x_i x_j]",
        moved[0],
        (1 - eta * lambda_i) * G - eta * mu * U,
    )
    d.add("likewise", "U_ij - E[v_i x_j]", moved[1], lambda_i * G + mu * U)
    first = (moments[x_i * x_j], moments[v_i * x_j])
    solution = sp.solve([moved[0] + first[0] - G, moved[1] + first[1] - U], [G, U])
    later = d.add(
        "These are two linear equations; their solution is put back", "G_ij", moved[0].subs(solution) + first[0]
    )
    d.add(
        "Gamma_ij(-k) = Gamma_ji(k) gives the other side; lag zero counts once",
        "sum of Gamma_ij(k) over all lags",
        later + later.subs(TURNED, simultaneous=True) - first[0],
        C_ij / (m * lambda_i * lambda_j),
    )
    return d
