"""Merged statistics are those of the whole, to a few units in the last place, wherever the mean lies."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from sgdtheory.numeric.engine.statistics import CrossMoments, Curve, JointSums, merge_all, root_of

N, d, ULP = 60, 2, np.finfo(float).eps


def data(far):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(d, N)) * np.array([[1.0], [3.0]])
    return x + far, 0.5 * x + rng.exponential(size=(d, N)) - far


def exact(far):
    """Means and centred sums in rationals: products, x^2 y, x y^2, x^2 y^2, and the sizes of the terms summed up."""
    x, y = ([[Fraction(v) for v in row] for row in rows.tolist()] for rows in data(far))
    means = [[sum(row) / N for row in rows] for rows in (x, y)]
    dx, dy = (
        [[v - mean for v in row] for row, mean in zip(rows, mean_of, strict=True)]
        for rows, mean_of in zip((x, y), means, strict=True)
    )
    powers = {"products": (1, 1), "first": (2, 1), "second": (1, 2), "fourths": (2, 2)}
    sums, sizes = {}, {}
    for name, (p, q) in powers.items():
        terms = [[[a**p * b**q for a, b in zip(u, v, strict=True)] for v in dy] for u in dx]
        sums[name] = np.array([[float(sum(t)) for t in row] for row in terms])
        sizes[name] = np.array([[float(sum(map(abs, t))) for t in row] for row in terms])
    return np.array(means, dtype=float), sums, sizes


EXACT = {far: exact(far) for far in (0.0, 1e6)}
PARTITIONS = some.lists(some.integers(1, N - 1), max_size=12).map(lambda cuts: [0, *sorted(set(cuts)), N])


@pytest.mark.parametrize("far", list(EXACT))
@given(cuts=PARTITIONS)
def test_any_partition_gives_the_centred_sums_of_the_whole(far, cuts):
    """Within 8 units in the last place of the terms that are summed, though mean / deviation is 1e6."""
    x, y = data(far)
    means, sums, sizes = EXACT[far]
    merged = merge_all([CrossMoments.of(x[:, a:b], y[:, a:b]) for a, b in itertools.pairwise(cuts)])
    found = {
        "products": merged.products,
        "first": merged.thirds[0],
        "second": merged.thirds[1],
        "fourths": merged.fourths,
    }
    assert merged.count == N
    np.testing.assert_allclose(merged.origin + merged.mean, means, rtol=2 * ULP, atol=8 * ULP)
    for name, value in found.items():
        assert (np.abs(value - sums[name]) <= 8 * ULP * sizes[name]).all(), name


@pytest.mark.parametrize("far", list(EXACT))
@given(cuts=PARTITIONS)
def test_joint_sums_of_any_partition(far, cuts):
    x, y = data(far)
    means, sums, sizes = EXACT[far]
    pieces = [(x[:, a:b], y[:, a:b]) for a, b in itertools.pairwise(cuts)]
    # x_i for each i, and y_j for each j, broadcast to all pairs.
    merged = merge_all([JointSums.of(a[:, None], b[None]) for a, b in pieces])
    np.testing.assert_allclose(merged.averages[0], np.repeat(means[0][:, None], d, axis=1), rtol=2 * ULP, atol=8 * ULP)
    np.testing.assert_allclose(merged.averages[1], np.repeat(means[1][None], d, axis=0), rtol=2 * ULP, atol=8 * ULP)
    assert (np.abs(merged.cross[0, 1] - sums["products"]) <= 8 * ULP * sizes["products"]).all()
    np.testing.assert_array_equal(merged.cross[0, 1], merged.cross[1, 0])


def test_averages_and_standard_errors_are_the_usual_ones():
    x, y = data(5.0)
    moments = CrossMoments.of(x, y)
    mean, error = moments.averages
    np.testing.assert_allclose(mean, x.mean(axis=1), rtol=1e-15)
    np.testing.assert_allclose(error, x.std(axis=1, ddof=1) / np.sqrt(N), rtol=1e-14)
    covariance, error = moments.covariance
    u, v = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    products = u[:, None] * v[None]
    np.testing.assert_allclose(covariance, products.sum(axis=-1) / (N - 1), rtol=1e-13)
    np.testing.assert_allclose(error, products.std(axis=-1, ddof=1) / np.sqrt(N), rtol=1e-12)
    joint = JointSums.of(x, y)
    np.testing.assert_allclose(joint.averages, [x.mean(axis=1), y.mean(axis=1)], rtol=1e-14)
    np.testing.assert_allclose(joint.standard_errors[1], y.std(axis=1, ddof=1) / np.sqrt(N), rtol=1e-14)


@pytest.mark.parametrize("far", [0.0, 1e6])
def test_few_replicas_are_never_sure_of_a_covariance(far):
    """Deviations of three replicas have no common size, of two always: the latter show nothing of the error."""
    x, y = data(far)
    moments = CrossMoments.of(x[:, :3], y[:, :3])
    u, v = x[:, :3] - x[:, :3].mean(axis=1, keepdims=True), y[:, :3] - y[:, :3].mean(axis=1, keepdims=True)
    error = (u[:, None] * v[None]).std(axis=-1, ddof=1) / np.sqrt(3)
    assert (error > 0).all()
    np.testing.assert_allclose(moments.covariance[1], error, rtol=1e-6)
    assert (CrossMoments.of(x[:, :2], y[:, :2]).covariance[1] == np.inf).all()
    assert (CrossMoments.of(x[:, :1], y[:, :1]).merged(CrossMoments.of(x[:, 1:2], y[:, 1:2])).covariance[1] > 1).all()


def test_rounding_below_zero_is_no_error_and_nan_stays():
    np.testing.assert_array_equal(root_of(np.array([-1e-30, 0.0, 4.0, np.inf, np.nan])), [0, 0, 2, np.inf, np.nan])


def test_a_curve_is_merged_point_by_point():
    x, _ = data(1e6)
    halves = []
    for part in (x[:, :25], x[:, 25:]):
        curve = Curve()
        assert [curve.add(values) for values in part] == [True, True]
        halves.append(curve.sums())
    sums = merge_all(halves)
    np.testing.assert_allclose(sums.averages[0], EXACT[1e6][0][0], rtol=2 * ULP)
    x -= 1e6
    np.testing.assert_allclose(sums.standard_errors[0], x.std(axis=1, ddof=1) / np.sqrt(N), rtol=1e-9)
    with np.errstate(over="ignore"):
        assert not Curve().add(np.array([1.0, 1e160]))  # a square overflows, and so may it where all are alike
        assert not Curve().add(np.full(3, 1e160))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_lost_replica_is_never_averaged_away(bad):
    x, y = data(0.0)
    x[0, 7] = bad
    with np.errstate(invalid="ignore"):
        merged = merge_all([CrossMoments.of(x[:, :20], y[:, :20]), CrossMoments.of(x[:, 20:], y[:, 20:])])
        joint = JointSums.of(x[:, :20], y[:, :20]).merged(JointSums.of(x[:, 20:], y[:, 20:]))
        covariance, error = merged.covariance
    assert not np.isfinite(merged.averages[0][0])
    assert np.isfinite(merged.averages[0][1])
    assert not np.isfinite(covariance[0]).any()
    assert not np.isfinite(error[0]).any()
    assert not np.isfinite(joint.averages[0, 0])
