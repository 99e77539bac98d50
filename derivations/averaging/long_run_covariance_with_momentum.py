"""Derivation of the sum of all autocovariances with momentum: a resolvent of the matrix of one step."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.momentum._moments import UNKNOWN
from sgdtheory.derivations.momentum._premises import TURNED, pair_of_modes, v_i, x_i, x_j
from sgdtheory.derivations.quadratic._premises import n_i
from sgdtheory.momentum import position_velocity_covariance, stationary_covariance
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import C_ij, eta, lambda_i, lambda_j, m, mu


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise_with_momentum)
    after = pair_of_modes(d)
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
    S, Z = UNKNOWN[x_i * x_j], UNKNOWN[v_i * x_j]
    solution = sp.solve([moved[0] + S - G, moved[1] + Z - U], [G, U])
    later = d.add(
        "Two linear equations, in which S and Z are the moments at lag zero; their solution is put back",
        "G_ij",
        moved[0].subs(solution) + S,
        (S * (1 - mu) - eta * mu * Z) / (eta * lambda_i),
    )
    still = stationary_covariance.value
    turned = position_velocity_covariance.value.subs(TURNED, simultaneous=True)
    known = d.add(
        "The moments at lag zero, results of their own, put in; Z_ij is the covariance of x_j with v_i",
        "G_ij",
        later.subs({S: still, Z: turned}),
    )
    d.add(
        "Gamma_ij(-k) = Gamma_ji(k) gives the other side; lag zero counts once",
        "sum of Gamma_ij(k) over all lags",
        known + known.subs(TURNED, simultaneous=True) - still,
        C_ij / (m * lambda_i * lambda_j),
    )
    return d
