"""Derivation of the covariance averaged over an epoch: the running total of the second moments, one more moment."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.reshuffling._epoch import START, course_of_the_epoch, recursion_of, stationary
from sgdtheory.derivations.reshuffling._premises import S, U_ij, U_ji, step_of_the_moments
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.symbols import C_ij, D, M, eta, lambda_i, lambda_j

R = sp.Symbol("R_ij", real=True)


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    after = step_of_the_moments(d)
    end = stationary(d, course_of_the_epoch(d, recursion_of((U_ij, U_ji, S), after), M))
    total = d.add("Add up the second moments as the epoch goes on; R_ij is their running total", "R_ij'", R + S, R + S)
    A, B = (1 - eta * lambda_i) ** M, (1 - eta * lambda_j) ** M
    decay = lambda_i + lambda_j - eta * lambda_i * lambda_j
    kept = (1 - A * B) / (eta * decay)
    course = d.add(
        "A linear recursion of four moments; its total over the M batches of an epoch",
        "R_ij(M)",
        recursion_of((U_ij, U_ji, S, R), (*after, total)).transient({U_ij: 0, U_ji: 0, S: START, R: 0}, M)[R],
        kept * START
        + C_ij
        / (D - 1)
        * (
            eta * M * (M - kept) / decay
            - (M + kept - (1 - A) / (eta * lambda_i) - (1 - B) / (eta * lambda_j)) / (lambda_i * lambda_j)
        ),
    )
    d.add(
        "An epoch starts where the one before it ended; the total over its M batches is divided by M",
        "Sigma_ij averaged",
        course.subs(START, end) / M,
        C_ij
        / (D - 1)
        * (
            eta * M / decay
            - 1 / (lambda_i * lambda_j)
            + ((1 - eta * lambda_i) * (1 - A) / lambda_i**2 + (1 - eta * lambda_j) * (1 - B) / lambda_j**2)
            / (eta * M * decay)
        ),
    )
    return d
