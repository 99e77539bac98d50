"""Derivation of the antisymmetric lag-one covariance with momentum: the last step hands its own part on."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.momentum._premises import pair_of_modes, v_i, v_j, x_i, x_j
from sgdtheory.derivations.quadratic._premises import n_i, n_j
from sgdtheory.momentum import stationary_covariance
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import eta

S, Z_ij, Z_ji, G_ij, G_ji, K, y_i, y_j = sp.symbols("S_ij Z_ij Z_ji G_ij G_ji K_ij y_i y_j", real=True)
CENTRED = dict.fromkeys((x_i, x_j, v_i, v_j, y_i, y_j, n_i, n_j), 0)


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise_with_momentum)
    first, faster, second, _ = pair_of_modes(d)
    later = d.add(
        "The later along one mode times the earlier along the other, less the two exchanged; the new noise is"
        " independent of the earlier. Write S_ij for E[x_i x_j], Z_ij for E[v_i x_j]",
        "K_ij = E[x_i' x_j] - E[x_i x_j']",
        expectation(
            sp.expand(first * x_j - x_i * second), CENTRED, {(x_i, x_j): S, (v_i, x_j): Z_ij, (x_i, v_j): Z_ji}
        ),
    )
    moved = d.add("A step moves by its new velocity", "(x_i' - x_i)/v_i'", (first - x_i) / faster, -eta)
    before = {(x_i, x_j): S, (x_i, y_j): G_ij, (y_i, x_j): G_ji}
    turned = d.add(
        "so that the present velocity is that from the parameters y before, which have G_ij = E[x_i y_j]",
        "Z_ij - Z_ji",
        expectation(sp.expand(((x_i - y_i) * x_j - x_i * (x_j - y_j)) / moved), CENTRED, before),
        (G_ji - G_ij) / eta,
    )
    balance = d.add(
        "At stationarity the step before has the same K_ij = G_ij - G_ji",
        "K_ij",
        sp.expand(later.subs(Z_ij, Z_ji + turned.subs(G_ij, G_ji + K))),
    )
    solved = d.add("Solve for it", "K_ij", sp.solve(balance - K, K)[0])
    known = stationary_covariance.value
    covariance = d.add("The stationary covariance, a result of its own", "Sigma_ij", known, known)
    d.add("Put it in", "Gamma_ij(1) - Gamma_ji(1)", solved.subs(S, covariance), solved.subs(S, known))
    return d
