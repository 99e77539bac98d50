"""How a stationary run circulates: forms that tell it from its time reversal, and what is worked out from them.

Divergence, frequency and determinant are no expectations of quadratic forms. They become one by matrices that the
recursion's second moments give; where the claim holds, the form's expectation is the claim itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from sgdtheory.processes.forms import (
    STATIONARY,
    Arm,
    Branch,
    Form,
    all_products,
    product,
    products,
    squared,
    weighted,
)
from sgdtheory.processes.observables import DIGITS, Recursion
from sgdtheory.processes.process import Environment, Process


def commutator_products(learning_rate: Any, batch_size: Any) -> Callable[[Environment], tuple[Form, ...]]:
    """Return the entries of (m/eta)(H x x' - x x' H), with x the displacement from the minimum."""

    def forms(env: Environment) -> tuple[Form, ...]:
        d, scale, hessian = len(env.minimum), batch_size / learning_rate, env.hessian
        unit = sp.eye(d)
        return tuple(
            squared(scale * (hessian[:, a] * unit[b, :] - unit[:, a] * hessian[b, :]), env.minimum)
            for a in range(d)
            for b in range(d)
        )

    return forms


def antisymmetric_products(env: Environment) -> tuple[Form, ...]:
    """Return, for each pair of coordinates, the later one times the earlier other, less the two exchanged."""
    d, found = len(env.minimum), all_products(env.minimum, first=1, copies=2)
    return tuple(weighted([(1, found[d * a + b]), (-1, found[d * b + a])]) for a in range(d) for b in range(d))


def squared_displacement(env: Environment) -> tuple[Form, ...]:
    """Return the squared distance between the parameters at two looks."""
    d = len(env.minimum)
    difference = sp.Matrix.hstack(-sp.eye(d), sp.eye(d))
    return (Form(difference.T * difference, sp.zeros(2 * d, 1), sp.Integer(0)),)


@dataclass(frozen=True)
class EntropyProduction:
    """The Kullback-Leibler divergence, per step, of a stationary Gaussian run from its time reversal.

    It is that of two successive looks from the same two exchanged: log-densities of whole runs add up over steps, and
    those of the first look and of the last have the same expectation.
    """

    description: str = "divergence per step of the stationary run from its time reversal"

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the expectation of the log-likelihood ratio."""
        return recursion.expectations(process, self.arms(process, point, (), recursion))

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return two looks, with the log-likelihood ratio of the recursion's own covariance of them."""
        (env,) = process.environments(point)
        d = len(env.minimum)
        joint = sp.Matrix(
            sp.BlockMatrix(
                [[_second(process, env, point, recursion, row, column) for column in range(2)] for row in range(2)]
            )
        )
        swap = sp.Matrix(sp.BlockMatrix([[sp.zeros(d), sp.eye(d)], [sp.eye(d), sp.zeros(d)]]))
        precision = joint.inv()
        ratio = (swap * precision * swap - precision) / 2  # both have one determinant
        centre = sp.Matrix.vstack(env.minimum, env.minimum)
        return [_settled(env, point, (squared(ratio, centre),), (1,))]

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return the claim: it is the expectation itself."""
        return list(claim)


@dataclass(frozen=True)
class OrbitFrequency:
    """The angle per step by which the stationary mean motion turns, in the coordinates in which its orbits are circles.

    With K the antisymmetric lag-one covariance the mean motion E[theta_(t+1) - theta_(t-1) | theta_t]/2 is
    K Sigma^-1 theta_t/2, which turns by |K_12|/(2 sqrt(det Sigma)).
    """

    description: str = "angle per step by which the stationary mean motion turns, two parameters"

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the angle, which is positive."""
        return recursion.expectations(process, self.arms(process, point, (), recursion))

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return two looks, with the area between them in units of that of the recursion's own covariance."""
        (env,) = process.environments(point)
        turn = sp.Matrix([[0, 1], [-1, 0]])
        area = product(turn, env.minimum, first=1, second=0, copies=2)
        (mean,) = recursion.expectations(process, [_settled(env, point, (area,), (1,))])
        unit = 2 * sp.sqrt(_second(process, env, point, recursion).det())
        scale = _rounded((1 if mean > 0 else -1) / unit)
        return [_settled(env, point, (weighted([(scale, area)]),), (1,))]

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return the claim: it is the expectation itself."""
        return list(claim)


@dataclass(frozen=True)
class CovarianceDeterminant:
    """The determinant of the stationary covariance, from its own slope: d det S = x' adj(S) x on the average."""

    description: str = "determinant of the covariance of the parameters, stationary"

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the determinant."""
        return recursion.expectations(process, self.arms(process, point, (), recursion))

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return stationary runs, with the form of the adjugate of the recursion's own covariance."""
        (env,) = process.environments(point)
        adjugate = _second(process, env, point, recursion).adjugate()
        return [_settled(env, point, (squared(adjugate / len(env.minimum), env.minimum),))]

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return the claim: it is the expectation itself."""
        return list(claim)


def _second(
    process: Process, env: Environment, point: Mapping[str, Any], recursion: Recursion, first: int = 0, second: int = 0
) -> sp.Matrix:
    """Return the recursion's covariance of the parameters at one look with those at another, one step apart."""
    d = len(env.minimum)
    if first == second:  # stationary
        arm = _settled(env, point, products(env))
    else:
        forms = all_products(env.minimum, first=first, second=second, copies=2)
        arm = _settled(env, point, forms, (1,))
    found = recursion.expectations(process, [arm])
    return sp.Matrix(d, d, [sp.Rational(entry.numerator, entry.denominator) for entry in found])


def _settled(env: Environment, point: Mapping[str, Any], forms: tuple[Form, ...], lags: tuple[int, ...] = ()) -> Arm:
    return Arm(env, (Branch(point["learning_rate"], env.minimum),), STATIONARY, forms, lags)


def _rounded(entry: sp.Expr) -> sp.Rational:
    return sp.Rational(str(sp.N(entry, DIGITS)))
