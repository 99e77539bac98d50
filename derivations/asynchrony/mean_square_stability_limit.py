"""Derivation of the mean-square limit with asynchronous workers: where the map of four second moments keeps one."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.asynchrony._premises import A, B, Q, R, noise_of_bowls, second_moments
from sgdtheory.processes.old_parameters import asynchronous
from sgdtheory.symbols import W, eta, lambda_


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(asynchronous)
    after = second_moments(d, noise_of_bowls(d))
    matrix = sp.Matrix([[sp.expand(after[row]).coeff(column) for column in (A, B, Q, R)] for row in (A, B, Q, R)])
    still = sp.factor((sp.eye(4) - matrix).det())
    d.add(
        "A step maps second moments to second moments, so its largest eigenvalue is real and positive. It leaves the"
        " unit circle at one, where the determinant of one minus the map vanishes",
        "det(1 - T)",
        still,
        2 * eta * lambda_ * (2 + eta * lambda_ - W * eta**2 * lambda_**2) / W**3,
    )
    (limit,) = (root for root in sp.solve(still, eta) if root.is_positive)
    d.add("Its only positive root", "eta_ms", limit, (1 + sp.sqrt(1 + 8 * W)) / (2 * W * lambda_))
    return d
