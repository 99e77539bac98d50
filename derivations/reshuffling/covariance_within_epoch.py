"""Derivation of the covariance within an epoch: the course of an epoch that starts from its own end."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.reshuffling._epoch import START, course_of_the_epoch, end_and_course
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.symbols import C_ij, D, M, eta, lambda_i, lambda_j, r


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    end, recursion = end_and_course(d)
    after = course_of_the_epoch(d, recursion, r)
    (a, b), (A, B) = (((1 - eta * lambda_i) ** n, (1 - eta * lambda_j) ** n) for n in (r, M))
    d.add(
        "An epoch starts where the one before it ended",
        "Sigma_ij(r)",
        after.subs(START, end),
        C_ij
        / (D - 1)
        * (
            eta * M / (lambda_i + lambda_j - eta * lambda_i * lambda_j)
            - ((1 - a) * (1 - b) + a * b * (1 - A) * (1 - B) / (1 - A * B)) / (lambda_i * lambda_j)
        ),
    )
    return d
