"""The course of the second moments over an epoch, and what an epoch leaves as it is."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.recursion import MomentRecursion, coefficients, fixed_point
from sgdtheory.derivations.reshuffling._premises import S, U_ij, U_ji, step_of_the_moments
from sgdtheory.symbols import C_ij, D, M, eta, lambda_i, lambda_j

# The second moment when the epoch begins.
START = sp.Symbol("S_ij(0)", real=True)
# The second moment at the end of an epoch, as it is written when it has been derived.
END = (
    C_ij
    / (D - 1)
    * (
        eta * M / (lambda_i + lambda_j - eta * lambda_i * lambda_j)
        - (1 - (1 - eta * lambda_i) ** M)
        * (1 - (1 - eta * lambda_j) ** M)
        / (lambda_i * lambda_j * (1 - (1 - eta * lambda_i) ** M * (1 - eta * lambda_j) ** M))
    )
)


def within_an_epoch(d: Derivation, batches: sp.Symbol) -> sp.Expr:
    """Derive the second moment after so many batches of an epoch, from what it was when the epoch began."""
    recursion = recursion_of((U_ij, U_ji, S), step_of_the_moments(d))
    return course_of_the_epoch(d, recursion, batches)


def course_of_the_epoch(d: Derivation, recursion: MomentRecursion, batches: sp.Symbol) -> sp.Expr:
    """Solve the recursion of the moments of an epoch."""
    kept = (1 - eta * lambda_i) ** batches, (1 - eta * lambda_j) ** batches
    return d.add(
        "A linear recursion of three moments. What came before the epoch knows nothing of its order: it starts from"
        f" U_ij = U_ji = 0. Its solution after {batches} batches",
        f"S_ij({batches})",
        recursion.transient(dict.fromkeys(recursion.moments, 0) | {S: START}, batches)[S],
        kept[0] * kept[1] * START
        + C_ij
        / (D - 1)
        * (
            eta * M * (1 - kept[0] * kept[1]) / (lambda_i + lambda_j - eta * lambda_i * lambda_j)
            - (1 - kept[0]) * (1 - kept[1]) / (lambda_i * lambda_j)
        ),
    )


def stationary(d: Derivation, after: sp.Expr) -> sp.Expr:
    """Derive the second moment that an epoch leaves as it is, from that after the M batches of one."""
    factor, added = coefficients(sp.expand(after), START)
    d.add(
        "An epoch multiplies what it found by the factors (1 - eta lambda)^M of both modes, below one in size where"
        " 0 < eta lambda < 2: from every start the second moment at the end of an epoch tends to one value",
        "part of S_ij(M) with S_ij(0)",
        after - after.subs(START, 0),
        ((1 - eta * lambda_i) * (1 - eta * lambda_j)) ** M * START,
    )
    return d.add("the one that an epoch leaves as it is", "Sigma_ij", fixed_point(sp.factor(factor), added), END)


def end_and_course(d: Derivation) -> tuple[sp.Expr, MomentRecursion]:
    """Derive the second moment at the end of an epoch; return it and the recursion within an epoch."""
    recursion = recursion_of((U_ij, U_ji, S), step_of_the_moments(d))
    return stationary(d, course_of_the_epoch(d, recursion, M)), recursion


def recursion_of(unknowns: tuple[sp.Symbol, ...], after: tuple[sp.Expr, ...]) -> MomentRecursion:
    """Return the linear recursion of unknown moments from what a step makes of each."""
    rows, added = [], []
    for expression in after:
        rest, row = expression, []
        for unknown in unknowns:
            factor, rest = coefficients(sp.expand(rest), unknown)
            row.append(sp.factor(factor))
        rows.append(row)
        added.append(rest)
    return MomentRecursion(unknowns, unknowns, sp.ImmutableMatrix(rows), sp.ImmutableMatrix(added))
