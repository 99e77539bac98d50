"""Laws of the data: moments, draws and quadrature nodes of each family against SciPy."""

import math
from fractions import Fraction

import numpy as np
import pytest
import scipy.integrate
import scipy.stats
import sympy as sp
from sympy import stats

from sgdtheory.errors import DomainError
from sgdtheory.losses.data_law import DataLaw
from sgdtheory.losses.known_moments import MOMENTS, moment_of
from sgdtheory.losses.laws_given import block_of, rationalised
from sgdtheory.numeric.data_sampling import FAMILIES, sampler_of
from sgdtheory.numeric.nodes import RULES, nodes_of

x, y, z = sp.symbols("x y z")
HALF = sp.Rational(1, 2)
# Family -> (sympy.stats variable, the same law in SciPy).
LAWS = {
    "Normal": (stats.Normal("x", 1, 2), scipy.stats.norm(1, 2)),
    "Uniform": (stats.Uniform("x", -1, 3), scipy.stats.uniform(-1, 4)),
    "Exponential": (stats.Exponential("x", 2), scipy.stats.expon(scale=0.5)),
    "Gamma": (stats.Gamma("x", 3, HALF), scipy.stats.gamma(3, scale=0.5)),
    "ChiSquared": (stats.ChiSquared("x", 5), scipy.stats.chi2(5)),
    "Beta": (stats.Beta("x", 2, 5), scipy.stats.beta(2, 5)),
    "Laplace": (stats.Laplace("x", 1, HALF), scipy.stats.laplace(1, 0.5)),
    "Logistic": (stats.Logistic("x", 1, HALF), scipy.stats.logistic(1, 0.5)),
    "LogNormal": (stats.LogNormal("x", 0, HALF), scipy.stats.lognorm(0.5)),
    "Rayleigh": (stats.Rayleigh("x", 2), scipy.stats.rayleigh(scale=2)),
    "Triangular": (stats.Triangular("x", 0, 4, 1), scipy.stats.triang(0.25, 0, 4)),
    "Poisson": (stats.Poisson("x", 3), scipy.stats.poisson(3)),
    "Geometric": (stats.Geometric("x", sp.Rational(1, 3)), scipy.stats.geom(1 / 3)),
    "Bernoulli": (stats.Bernoulli("x", sp.Rational(1, 4)), scipy.stats.bernoulli(0.25)),
    "Binomial": (stats.Binomial("x", 4, sp.Rational(1, 3)), scipy.stats.binom(4, 1 / 3)),
    "Die": (stats.Die("x", 6), scipy.stats.randint(1, 7)),
}


def test_every_family_is_tested():
    assert set(FAMILIES) <= set(LAWS)
    assert set(RULES) <= set(LAWS)


# Only their moments are known: nobody draws from them, or integrates over them.
MORE = {
    "Maxwell": (stats.Maxwell("x", 2), scipy.stats.maxwell(scale=2)),
    "Weibull": (stats.Weibull("x", 2, 3), scipy.stats.weibull_min(3, scale=2)),
    "StudentT": (stats.StudentT("x", 9), scipy.stats.t(9)),
    "Pareto": (stats.Pareto("x", 2, 9), scipy.stats.pareto(9, scale=2)),
    "GammaInverse": (stats.GammaInverse("x", 6, 2), scipy.stats.invgamma(6, scale=2)),
    "BetaBinomial": (stats.BetaBinomial("x", 6, 2, 3), scipy.stats.betabinom(6, 2, 3)),
    "Rademacher": (stats.Rademacher("x"), scipy.stats.rv_discrete(values=([-1, 1], [0.5, 0.5]))),
    "Hypergeometric": (stats.Hypergeometric("x", 10, 4, 3), scipy.stats.hypergeom(10, 4, 3)),
}


def test_every_formula_is_tested():
    assert set(MOMENTS) <= set(LAWS) | set(MORE)


@pytest.mark.parametrize("family", sorted(set(LAWS) | set(MORE)))
def test_moments(family):
    variable, known = (LAWS | MORE)[family]
    block = block_of((x,), variable)
    for order in (1, 2, 3, 4):
        assert float(block.moment((order,))) == pytest.approx(known.moment(order), rel=1e-10)


@pytest.mark.parametrize("values", [(2, -1), (1, 0)])
def test_finite_laws_by_their_sums(values):
    """Binomial laws with other values than one and zero, and an urn with fewer balls than the moment's order."""
    chance, urn = sp.Rational(1, 3), stats.Hypergeometric("x", 3, 2, 2)
    for variable in (stats.Binomial("x", 3, chance, *values), stats.Bernoulli("x", chance, *values), urn):
        atoms = block_of((x,), variable).atoms
        for order in (1, 2, 3, 4):
            expected = sum(p * v**order for v, p in atoms.items())
            assert block_of((x,), variable).moment((order,)) == expected


def test_moments_in_symbols():
    """A formula in symbols gives what it gives for the numbers."""
    for family in sorted(MOMENTS):
        variable, _ = (LAWS | MORE)[family]
        numbers = variable.pspace.distribution.args
        letters = sp.symbols(f"p:{len(numbers)}", positive=True)
        for order in (1, 4):
            found = moment_of(family, order, letters)
            if found is None:
                assert family in ("StudentT", "Pareto", "GammaInverse")  # exists for some values only
                continue
            difference = found.subs(dict(zip(letters, numbers, strict=True))) - moment_of(family, order, numbers)
            assert sp.simplify(difference) == 0


def test_a_moment_that_does_not_exist_or_is_not_known_is_refused():
    for variable in (stats.StudentT("x", 3), stats.Pareto("x", 1, 4), stats.VonMises("x", 0, 1)):
        with pytest.raises(DomainError, match=r"the moment E\[x\*\*4\] of .* could not be worked out"):
            block_of((x,), variable).moment((4,))


def test_long_moments_with_symbols_are_refused():
    p = sp.Symbol("p", positive=True)
    with pytest.raises(DomainError, match="numbers for p"):
        block_of((x,), stats.Beta("x", p, 1)).moment((9,))
    assert block_of((x,), stats.Beta("x", 2, 1)).moment((40,)) == sp.Rational(2, 42)


def test_moments_of_samples_are_exact():
    """Moments are subtracted from each other, so that with a large mean their rounding would be all that is left."""
    rng = np.random.default_rng(2)
    rows = np.column_stack([1e8 + rng.normal(size=300), rng.normal(size=300) * 1e-30, rng.integers(-3, 4, size=300)])
    block = block_of((x, y, z), rows)
    exact = [[Fraction(float(entry)) for entry in row] for row in rows]
    for powers in ((1, 0, 0), (2, 0, 0), (4, 0, 0), (1, 2, 1), (0, 0, 3), (0, 1, 0)):
        total = sum(math.prod(entry**power for entry, power in zip(row, powers, strict=True)) for row in exact)
        assert block.moment(powers) == sp.Rational(total.numerator, total.denominator * 300)


@pytest.mark.parametrize("family", sorted(LAWS))
def test_draws(family):
    """Kolmogorov-Smirnov (continuous) or chi-squared test of 20,000 draws at 1e-7.

    A distribution function that is off by 0.021 somewhere is rejected, which a rate taken for a scale exceeds by far.
    """
    variable, known = LAWS[family]
    draws = sampler_of(block_of((x,), variable))(np.random.default_rng(8), 20_000)
    assert draws.shape == (1, 20_000)
    if hasattr(known, "pdf"):
        p_value = scipy.stats.kstest(draws[0], known.cdf).pvalue
    else:
        values, counts = np.unique(draws[0], return_counts=True)
        kept = known.pmf(values) * 20_000 >= 5
        seen, expected = counts[kept], known.pmf(values[kept]) * 20_000
        seen, expected = np.append(seen, 20_000 - seen.sum()), np.append(expected, 20_000 - expected.sum())
        enough = expected > 1e-6
        p_value = scipy.stats.chisquare(
            seen[enough], expected[enough] * seen[enough].sum() / expected[enough].sum()
        ).pvalue
    assert p_value > 1e-7


@pytest.mark.parametrize("family", sorted(RULES))
def test_nodes(family):
    """Gauss nodes integrate a smooth function that is no polynomial as SciPy's adaptive rule does."""
    variable, known = LAWS[family]
    nodes, weights = nodes_of([block_of((x,), variable)])
    assert weights.sum() == pytest.approx(1, rel=1e-13)
    found = weights @ np.cos(nodes[:, 0])
    low, high = known.support()
    low, high = max(low, known.ppf(1e-16)), min(high, known.isf(1e-16))
    expected = scipy.integrate.quad(lambda u: np.cos(u) * known.pdf(u), low, high, epsabs=1e-13, limit=200)[0]
    assert found == pytest.approx(expected, abs=1e-11)


def test_nodes_of_two_laws_together():
    blocks = [block_of((x,), LAWS["Die"][0]), block_of((y,), LAWS["Binomial"][0]), block_of((z,), LAWS["Normal"][0])]
    nodes, weights = nodes_of(blocks)
    assert nodes.shape == (6 * 5 * 128, 3)
    expected = float(sp.prod([block.moment((2,)) for block in blocks]))
    assert weights @ (nodes**2).prod(axis=1) == pytest.approx(expected, rel=1e-13)


def test_too_many_nodes_are_refused_before_they_are_made():
    many = stats.Binomial("x", 3000, sp.Rational(1, 3))
    with pytest.raises(DomainError, match="9006001 combinations"):
        nodes_of([block_of((x,), many), block_of((y,), many)])
    with pytest.raises(DomainError, match="too many values"):
        nodes_of([block_of((x,), stats.Die("x", 10**12))])
    with pytest.raises(DomainError, match="1000000000001 combinations"):
        nodes_of([block_of((x,), stats.Binomial("x", 10**12, sp.Rational(1, 3)))])


def test_gaussian_vectors_drawn_and_integrated():
    mean, covariance = [1, -1], [[2, HALF], [HALF, 1]]
    block = block_of((x, y), stats.MultivariateNormal("v", mean, covariance))
    assert block.moment((2, 1)) == -1 * (2 + 1) + 2 * 1 * HALF  # E[x^2] E[y] + 2 E[x] Cov[x, y]
    draws = sampler_of(block)(np.random.default_rng(9), 50_000)
    error = np.sqrt(3 * 2**2 / 50_000)
    np.testing.assert_allclose(np.cov(draws), np.array(covariance, dtype=float), atol=5 * error)
    np.testing.assert_allclose(draws.mean(axis=1), mean, atol=5 * np.sqrt(2 / 50_000))
    nodes, weights = nodes_of([block])
    assert weights @ (nodes[:, 0] ** 2 * nodes[:, 1]) == pytest.approx(float(block.moment((2, 1))), rel=1e-12)


def test_a_singular_gaussian_is_drawn():
    block = block_of((x, y), stats.MultivariateNormal("v", [0, 0], [[1, 1], [1, 1]]))
    draws = sampler_of(block)(np.random.default_rng(1), 100)
    np.testing.assert_allclose(draws[0], draws[1], atol=1e-12)


def test_blocks_are_independent():
    law = DataLaw((block_of((x,), stats.Normal("x", 1, 2)), block_of((y, z), sp.Matrix([[3, 1], [1, 2]]))))
    assert law.symbols == (x, y, z)
    assert law.expectation(x**2 * y * z + 7 * x) == 5 * 1 + 7
    # A third moment that is not known does not matter beside a zero, and is asked for elsewhere.
    assert law.expectation(sp.expand((x - 1) * 0 + y * x)) == 0
    with pytest.raises(DomainError, match=r"the moment E\[y\*\*3\] is needed"):
        law.expectation(x * y**3)


def test_moments_in_every_notation():
    for table in ({1: 2, 2: 5}, {x: 2, x**2: 5}, {"x": 2, "x**2": 5}, {sp.Integer(1): 2, (2,): 5}):
        block = block_of((x,), table)
        assert [block.moment((k,)) for k in (1, 2)] == [2, 5]
    block = block_of((x, y), {x * y: 3, (2, 0): 1, "y**2": 10})
    assert [block.moment(p) for p in ((1, 1), (2, 0), (0, 2))] == [3, 1, 10]


def test_decimals_are_read_as_they_are_written():
    assert rationalised(sp.Float(0.1) * x) == x / 10
    assert block_of((x,), stats.Normal("x", 0.1, 0.2)).moment((2,)) == sp.Rational(5, 100)


def test_samples_in_every_container():
    import pandas

    rows = [[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]]
    for value in (rows, np.array(rows), pandas.DataFrame(rows), np.array(rows, dtype=np.float32)):
        block = block_of((x, y), value)
        assert float(block.moment((1, 1))) == pytest.approx((2 + 12 + 35) / 3, rel=1e-15)
    assert float(block_of((x,), pandas.Series([1, 2, 6])).moment((2,))) == pytest.approx(41 / 3, rel=1e-15)
