"""Expectations over mini-batches drawn from a finite data set, exact and of any order.

A product of batch means is a sum over the draws of its factors. Draws that coincide are one sample, so the sum splits
by the set partitions of the factors. With replacement different draws are independent. Without, they are different
samples: the sum over different samples is one over all samples less those that coincide, by Moebius inversion on set
partitions. Either way the expectation is a polynomial in averages over the data set, with rational weights in the
batch size m and the number of samples D.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import factorial, prod

import sympy as sp
from sympy.functions.combinatorial.numbers import stirling
from sympy.polys.fields import FracElement, sfield
from sympy.utilities.iterables import multiset_partitions

from sgdtheory.algebra.expressions import checked_expression
from sgdtheory.errors import DomainError

Average = Callable[[sp.Expr], sp.Expr] | Mapping[sp.Expr, sp.Expr]
Sizes = tuple[int, ...]


def batch_expectation(
    factors: Sequence[sp.Expr], average: Average, size: sp.Expr, batch: sp.Expr, *, replacement: bool
) -> sp.Expr:
    """Return the expectation of a product of batch means.

    Parameters
    ----------
    factors
        The per-sample quantities whose batch means are multiplied, such as ``(a, a, b)``. The work grows with the
        number of their set partitions: 203 for six factors, 4140 for eight.
    average
        From a product of factors, such as ``a**2*b``, to its average over the data set: a function or a mapping.
    size, batch
        Samples D in the data set and m in the batch, numbers or symbols. With replacement D does not matter.
    replacement
        Whether the batch's samples are independent draws or a fresh subset.

    Returns
    -------
    sympy.Expr
        A sum of products of averages, each with its weight in lowest terms.

    Raises
    ------
    DomainError
        If a size is not a positive whole number, a subset is larger than the data set, or an average is missing.

    Examples
    --------
    >>> a = sp.Symbol("a")
    >>> batch_expectation((a, a), {a: 0, a**2: 1}, 10, 4, replacement=False)
    1/6
    >>> batch_expectation((a, a, a), {a: 0, a**2: 1, a**3: 8}, 10, 2, replacement=True)
    2
    """
    weights, factors = _Weights(size, batch, replacement), _listed(factors)
    return _sum_over_partitions(factors, average, weights.product) if factors else sp.Integer(1)


def batch_cumulant(
    factors: Sequence[sp.Expr], average: Average, size: sp.Expr, batch: sp.Expr, *, replacement: bool
) -> sp.Expr:
    """Return the joint cumulant of batch means: for one factor the mean, for two the covariance, and so on.

    The arguments and errors are those of :func:`batch_expectation`.

    Examples
    --------
    A covariance is that of one sample times p, with p = 1/m, or (D - m)/(m (D - 1)) without replacement:

    >>> a, b, m, D = sp.symbols("a b m D")
    >>> mean = sp.Function("mean")
    >>> batch_cumulant((a, b), mean, D, m, replacement=True)
    -mean(a)*mean(b)/m + mean(a*b)/m
    >>> batch_cumulant((a, b), {a: 0, b: 0, a * b: 9}, 10, 4, replacement=False)
    3/2

    A third cumulant with replacement falls like 1/m^2:

    >>> batch_cumulant((a, a, a), {a: 0, a**2: 1, a**3: 8}, D, m, replacement=True)
    8/m**2
    """
    weights, factors = _Weights(size, batch, replacement), _listed(factors)
    if not factors:
        raise DomainError("a cumulant of nothing", got="no factors", allowed="one or more", mend="name a quantity")
    return _sum_over_partitions(factors, average, weights.connected)


def batch_mean_covariance(square_sum: sp.Expr, size: sp.Expr, batch: sp.Expr, *, replacement: bool) -> sp.Expr:
    """Return the covariance of a batch mean of centred samples.

    Parameters
    ----------
    square_sum
        Sum over the data set of the product of two centred coordinates, sum_k x_k y_k.
    size, batch
        Samples in the data set and in the batch.
    replacement
        Whether the batch's samples are independent draws or a subset.

    Raises
    ------
    DomainError
        If the sum is no expression, or a size as for :func:`batch_expectation`.

    Examples
    --------
    >>> batch_mean_covariance(sp.Integer(4), sp.Integer(4), sp.Integer(4), replacement=False)
    0
    """
    x, y = sp.symbols("x y")
    mean = checked_expression("the sum of products", square_sum) / _whole("size of the data set", size)
    averages = {x: sp.Integer(0), y: sp.Integer(0), x * y: mean}
    return batch_cumulant((x, y), averages, size, batch, replacement=replacement)


class _Weights:
    """The weight of a product of averages, by the numbers of factors that are averaged together."""

    def __init__(self, size: sp.Expr, batch: sp.Expr, replacement: bool) -> None:
        size, batch = _whole("size of the data set", size), _whole("batch size", batch)
        self.replacement = replacement
        if not replacement and (size - batch).is_negative:
            raise DomainError(
                "a batch without replacement is larger than the data set",
                got=f"batch {batch}, data set {size}",
                allowed="batch sizes up to the number of samples",
                mend="make the batch smaller or draw with replacement",
            )
        # rational functions as elements of their field; the symbol beside them is there in case both are numbers
        self.size, self.batch, _ = sfield([size, batch, sp.Dummy("none")])[1]
        self._products: dict[Sizes, FracElement] = {}
        self._connected: dict[Sizes, FracElement] = {}

    def product(self, sizes: Sizes) -> FracElement:
        """Return the weight in the expectation of the product."""
        if sizes not in self._products:
            drawn = self._drawn_apart(len(sizes)) if self.replacement else self._subset(sizes)
            self._products[sizes] = drawn / self.batch ** sum(sizes)
        return self._products[sizes]

    def connected(self, sizes: Sizes) -> FracElement:
        """Return the weight in the joint cumulant: a sum over the ways to split the product into expectations."""
        if sizes not in self._connected:
            total = 0 * self.batch
            for split in multiset_partitions(list(range(len(sizes)))):
                parts = [self.product(tuple(sorted(sizes[place] for place in part))) for part in split]
                total += prod(parts) * _moebius(len(parts))
            self._connected[sizes] = total
        return self._connected[sizes]

    def _drawn_apart(self, count: int) -> FracElement:
        """Return the number of ways to choose ``count`` different draws of the batch, in order."""
        return prod(self.batch - k for k in range(count))

    def _subset(self, sizes: Sizes) -> FracElement:
        """Return the sum over finer partitions of the chance that their parts are drawn, times Moebius' function."""
        unknown = sp.Dummy("parts")
        ways = sp.Poly(1, unknown)
        for count in sizes:
            splits = sum(stirling(count, parts) * _moebius(parts) * unknown**parts for parts in range(1, count + 1))
            ways *= sp.Poly(splits, unknown)
        total = 0 * self.batch
        for (parts,), number in ways.terms():
            drawn, samples = self._drawn_apart(parts), prod(self.size - k for k in range(parts))
            if drawn != 0 and samples != 0:  # a batch has no more different samples than the data set
                total += drawn / samples * int(number)
        return total * self.size ** len(sizes)


def _moebius(parts: int) -> int:
    """Return Moebius' function between a partition into so many parts and the one into a single part."""
    return (-1) ** (parts - 1) * factorial(parts - 1)


def _sum_over_partitions(
    factors: Sequence[sp.Expr], average: Average, weight: Callable[[Sizes], FracElement]
) -> sp.Expr:
    """Return the sum over set partitions of the factors of a weight times the averages of the parts' products."""
    known: dict[sp.Expr, sp.Expr] = {}

    def averaged(product: sp.Expr) -> sp.Expr:
        if product not in known:
            known[product] = checked_expression(f"the average of {product}", _look_up(average, product))
        return known[product]

    totals: dict[sp.Expr, FracElement] = {}
    for partition in multiset_partitions(list(range(len(factors)))):
        product = sp.prod([averaged(sp.prod([factors[place] for place in part])) for part in partition])
        if product != 0:
            part_weight = weight(tuple(sorted(len(part) for part in partition)))
            totals[product] = part_weight + totals[product] if product in totals else part_weight
    written = {total: sp.factor(total.as_expr()) for total in set(totals.values())}
    return sp.Add(*(written[total] * product for product, total in totals.items()))


def _listed(factors: Sequence[sp.Expr]) -> list[sp.Expr]:
    if isinstance(factors, str) or not isinstance(factors, Iterable):
        raise DomainError(
            "the factors must come in a sequence", got=factors, allowed="(a, b)", mend="write (a,) for a single factor"
        )
    return [checked_expression("a factor", factor) for factor in factors]


def _look_up(average: Average, product: sp.Expr) -> sp.Expr:
    if not isinstance(average, Mapping):
        return average(product)
    if product not in average:
        raise DomainError(
            "an average over the data set is missing",
            got=f"no average of {product}",
            allowed="the average of every product of factors",
            mend="add it to the mapping, or hand in a function",
        )
    return average[product]


def _whole(what: str, count: sp.Expr) -> sp.Expr:
    count = checked_expression(f"the {what}", count)
    if count.is_number and not (count.is_Integer and count.is_positive):
        raise DomainError(
            f"the {what} is no number of samples",
            got=count,
            allowed="positive whole numbers and symbols",
            mend="count samples, not a fraction of the data",
        )
    return count
