"""The exact moment recursion of a process, without Monte-Carlo noise.

The process's own step is applied to basis vectors of exact rationals to read off its affine map
``z' = A z + B noise + c``; means and covariances then follow in exact arithmetic, and third and fourth cumulants,
which only set the size of a statistical error, in floating point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp
from sympy.polys.domains import QQ
from sympy.polys.matrices import DomainMatrix

from sgdtheory.processes.forms import STATIONARY, Arm
from sgdtheory.processes.noise import GaussianNoise, NoiseLaw
from sgdtheory.processes.process import Process


@dataclass(frozen=True)
class Cumulants:
    """Mean (d,), covariance (d, d) exact; third and fourth cumulants (d,)*3 and (d,)*4 in floats, None if zero."""

    mean: np.ndarray
    covariance: np.ndarray
    third: np.ndarray | None = None
    fourth: np.ndarray | None = None


def fraction(value: Any) -> Fraction:
    """Return a number as a fraction: exact if it is rational, else to 50 digits."""
    number = sp.sympify(value)
    if not number.is_Rational:
        number = sp.Rational(str(sp.N(number, 50)))
    return Fraction(int(number.p), int(number.q))


def fractions(matrix: sp.Matrix) -> np.ndarray:
    """Return a SymPy matrix as an object array of fractions."""
    return np.array([[fraction(entry) for entry in row] for row in matrix.tolist()], dtype=object)


@lru_cache(maxsize=512)
def noise_cumulants(noise: NoiseLaw) -> Cumulants:
    """Return the cumulants of one draw of the noise; batches are enumerated."""
    if isinstance(noise, GaussianNoise):
        covariance = fractions(noise.covariance)
        return Cumulants(np.full(len(covariance), Fraction(0), dtype=object), covariance)
    columns = [fractions(sample)[:, 0] for sample in noise.samples]
    draws = np.array([sum(columns[i] for i in batch) / Fraction(noise.batch_size) for batch in noise.batches()])
    count = Fraction(len(draws))
    mean = draws.sum(axis=0) / count
    centred = draws - mean
    covariance = centred.T @ centred / count
    x, s = centred.astype(float), covariance.astype(float)
    third = np.einsum("ni,nj,nk->ijk", x, x, x) / len(x)
    fourth = np.einsum("ni,nj,nk,nl->ijkl", x, x, x, x) / len(x)
    fourth -= np.einsum("ij,kl->ijkl", s, s) + np.einsum("ik,jl->ijkl", s, s) + np.einsum("il,jk->ijkl", s, s)
    return Cumulants(mean, covariance, third, fourth)


def affine_map(process: Process, arm: Arm) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return A, B, c of the stacked branches, read off the process's own step."""
    model = {word: fractions(value) for word, value in arm.environment.model.items()}
    d = len(arm.environment.minimum)
    zero, unit = (
        np.full((d, 1), Fraction(0), dtype=object),
        np.array([[Fraction(int(i == j)) for j in range(d)] for i in range(d)], dtype=object),
    )
    n = d * len(arm.branches)
    A, B, c = (np.full(shape, Fraction(0), dtype=object) for shape in ((n, n), (n, d), (n, 1)))
    for number, branch in enumerate(arm.branches):
        rows = slice(number * d, (number + 1) * d)
        rate, scale = fraction(branch.learning_rate), fraction(branch.noise_scale)

        def step(state: np.ndarray, noise: np.ndarray, rate: Fraction = rate) -> np.ndarray:
            return process.step(state, noise, learning_rate=rate, **model)

        c[rows] = step(zero, zero)
        A[rows, rows] = np.hstack([step(unit[:, [i]], zero) - c[rows] for i in range(d)])
        B[rows] = np.hstack([step(zero, unit[:, [i]]) - c[rows] for i in range(d)]) * scale
    return A, B, c[:, 0]


def spectral_radius(process: Process, arm: Arm) -> float:
    """Return the contraction rate of the mean."""
    return float(max(abs(np.linalg.eigvals(affine_map(process, arm)[0].astype(float)))))


def cumulants(process: Process, arm: Arm) -> Cumulants:
    """Return the cumulants of the stacked states z that the arm looks at."""
    A, B, c = affine_map(process, arm)
    noise = noise_cumulants(arm.environment.noise)
    shift, added = c + B @ noise.mean, B @ noise.covariance @ B.T
    if arm.time == STATIONARY:
        mean = _solve(_identity(len(A)) - A, shift)
        lifted = np.kron(A, A)
        covariance = _solve(_identity(len(lifted)) - lifted, added.reshape(-1)).reshape(A.shape)
    else:
        mean = np.concatenate([fractions(sp.Matrix(branch.start))[:, 0] for branch in arm.branches])
        covariance = np.full(A.shape, Fraction(0), dtype=object)
        for _ in range(arm.time):
            mean, covariance = A @ mean + shift, A @ covariance @ A.T + added
    third, fourth = (
        None if order is None else _propagate(A.astype(float), B.astype(float), order, arm.time)
        for order in (noise.third, noise.fourth)
    )
    if arm.lag is None:
        return Cumulants(mean, covariance, third, fourth)
    if third is not None:
        raise NotImplementedError("a second look at a process with non-Gaussian noise")
    cross, later_mean, later = covariance, mean, covariance
    for _ in range(arm.lag):
        later_mean, later, cross = A @ later_mean + shift, A @ later @ A.T + added, A @ cross
    joint = np.block([[covariance, cross.T], [cross, later]])
    return Cumulants(np.concatenate([mean, later_mean]), joint)


def expectations(process: Process, arms: Sequence[Arm]) -> list[Any]:
    """Return the exact expectations of the arms' forms, averaged over the settings by their weight."""
    total = [Fraction(0)] * len(arms[0].forms)
    for arm in arms:
        law, weight = cumulants(process, arm), fraction(arm.environment.weight)
        for number, (Q, slope, constant) in enumerate(_forms(arm)):
            mean = law.mean
            value = (Q * law.covariance).sum() + mean @ Q @ mean + slope @ mean + constant
            total[number] += weight * value
    return total


def variances(process: Process, arms: Sequence[Arm]) -> np.ndarray:
    """Return the variances of the forms of one replica whose setting is drawn by its weight."""
    first, second = 0.0, 0.0
    for arm in arms:
        law, weight = cumulants(process, arm), float(fraction(arm.environment.weight))
        S, mean = law.covariance.astype(float), law.mean.astype(float)
        within, centre = [], []
        for form in _forms(arm):
            Q, linear, constant = form[0].astype(float), form[1].astype(float), float(form[2])
            slope = 2 * Q @ mean + linear
            value = 2 * np.trace(Q @ S @ Q @ S) + slope @ S @ slope
            if law.third is not None:
                value += 2 * np.einsum("ijk,ij,k->", law.third, Q, slope)
                value += np.einsum("ijkl,ij,kl->", law.fourth, Q, Q)
            within.append(value)
            centre.append(np.trace(Q @ S) + mean @ Q @ mean + linear @ mean + constant)
        first = first + weight * np.array(centre)
        second = second + weight * (np.array(within) + np.square(centre))
    return second - first**2


def _forms(arm: Arm) -> list[tuple[np.ndarray, np.ndarray, Fraction]]:
    return [(fractions(f.quadratic), fractions(f.linear)[:, 0], fraction(f.constant)) for f in arm.forms]


def _propagate(A: np.ndarray, B: np.ndarray, noise: np.ndarray, time: int | str) -> np.ndarray:
    """Return the cumulant tensor after ``time`` steps: cumulants of independent terms add up."""

    def transform(matrix: np.ndarray, tensor: np.ndarray) -> np.ndarray:
        for _ in range(tensor.ndim):  # acts on the last axis and turns it to the front, once for each axis
            tensor = np.moveaxis(tensor @ matrix.T, -1, 0)
        return tensor

    added = transform(B, noise)
    total = np.zeros_like(added)
    if time == STATIONARY:
        power = A
        for _ in range(noise.ndim - 1):
            power = np.kron(power, A)
        return np.linalg.solve(np.eye(len(power)) - power, added.reshape(-1)).reshape(added.shape)
    for _ in range(time):
        total = transform(A, total) + added
    return total


def _identity(n: int) -> np.ndarray:
    return np.array([[Fraction(int(i == j)) for j in range(n)] for i in range(n)], dtype=object)


def _solve(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    def rational(value: Fraction) -> Any:
        return QQ(value.numerator, value.denominator)

    left = DomainMatrix([[rational(x) for x in row] for row in matrix], matrix.shape, QQ)
    column = DomainMatrix([[rational(x)] for x in right], (len(right), 1), QQ)
    solution = left.lu_solve(column).to_list()
    return np.array([Fraction(int(row[0].numerator), int(row[0].denominator)) for row in solution], dtype=object)
