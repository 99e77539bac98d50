"""The second moment of SGD in rational arithmetic, by going through every batch: no formula is shared."""

from fractions import Fraction
from itertools import combinations, product

import numpy as np
import sympy as sp


def rationals(rng, shape, *, largest=5):
    """Return an array of small Fractions."""
    numbers = rng.integers(-largest, largest + 1, shape)
    return np.vectorize(lambda n: Fraction(int(n), 4), otypes=[object])(numbers)


def floats(values):
    return np.vectorize(float, otypes=[float])(values)


def batches(n, m, sampling):
    return list(product(range(n), repeat=m) if sampling == "replacement" else combinations(range(n), m))


def share(n, m, sampling):
    return Fraction(1, m) if sampling == "replacement" else Fraction(n - m, m * (n - 1))


def steps(matrices, eta, m, sampling):
    """Return M = 1 - eta * (mean curvature) of every batch."""
    unit = np.array([[Fraction(i == j) for j in range(len(matrices[0]))] for i in range(len(matrices[0]))])
    return [unit - eta * sum(matrices[i] for i in batch) / m for batch in batches(len(matrices), m, sampling)]


def fixed_point(matrices, eta, m, sampling, added):
    """Return S = E[M S M'] + Q, solved in rational arithmetic."""
    every, d = steps(matrices, eta, m, sampling), len(added)
    whole = sum(np.kron(M, M) for M in every) / len(every)
    system = sp.eye(d * d) - sp.Matrix(d * d, d * d, [sp.Rational(x.numerator, x.denominator) for x in whole.ravel()])
    right = sp.Matrix(d * d, 1, [sp.Rational(x.numerator, x.denominator) for x in added.ravel()])
    found = system.LUsolve(right)
    return np.array([Fraction(int(x.p), int(x.q)) for x in found], dtype=object).reshape(d, d)
