"""``stability_report``: its rows against the verbs, its bounds against what they bound, and how it prints."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as some

import sgdtheory as st
from sgdtheory.errors import DomainError
from sgdtheory.numeric.moments.modes import moving_modes
from sgdtheory.numeric.solvers.sampled_curvature import MatrixCurvature, RankOneCurvature
from sgdtheory.numeric.stability.bounds import bounds
from sgdtheory.numeric.stability.mean_square import mean_square_limit
from sgdtheory.verbs.stability_report import stability_report


def data(seed=0, n=30, d=3):
    rng = np.random.default_rng(seed)
    return st.LeastSquares(rng.standard_normal((n, d)) * [1.0, 2.0, 0.5], rng.standard_normal(n))


@pytest.mark.parametrize("sampling", ["replacement", "without_replacement"])
def test_rows_are_the_limits(sampling):
    report = stability_report(data(), [4, 30], sampling=sampling, seed=3)
    for row in report.rows:
        limits = {
            kind: st.stability_limit(data(), row.batch_size, kind=kind, sampling=sampling, seed=3)
            for kind in ("mean_square", "mean", "batch_sharpness", "almost_sure")
        }
        for kind, value in limits.items():
            assert getattr(row, kind) == pytest.approx(value, rel=1e-12)
    last = report.rows[-1]
    if sampling == "without_replacement":  # the whole data set: nothing is random
        assert last.mean_square == last.mean == last.almost_sure
        assert last.bounds.sufficient == pytest.approx(last.mean, rel=1e-12)
    assert report.simulated
    quick = stability_report(data(), [1], simulate=False)
    assert quick.rows[0].almost_sure is None
    assert "almost sure  " not in str(quick)


@given(some.integers(0, 10**6), some.integers(1, 4), some.floats(0.01, 1))
def test_bounds_bound(seed, d, share):
    rng = np.random.default_rng(seed)
    roots = rng.standard_normal((5, d, d)) * rng.uniform(0.1, 2, (5, 1, 1))
    A = roots @ roots.swapaxes(1, 2)
    found, H = bounds(moving_modes(MatrixCurvature(A)), share), A.mean(axis=0)

    def stable(rate):
        unit = np.eye(d)
        whole = (1 - share) * np.kron(unit - rate * H, unit - rate * H)
        whole += share * sum(np.kron(unit - rate * a, unit - rate * a) for a in A) / len(A)
        return np.abs(np.linalg.eigvals(whole)).max() < 1

    for name in ("sufficient", "sufficient_patel", "sufficient_jain"):
        assert stable(getattr(found, name) * (1 - 1e-6))
        assert getattr(found, name) <= found.sufficient * (1 + 1e-9)
    for name in ("divergent_mulayoff", "divergent_patel"):
        assert not stable(getattr(found, name) * (1 + 1e-6))
    # Below Wu, Ma and E's rate E|e|^2 falls in one step from every start, beyond it not from all, beyond Patel's
    # from none.
    R = (A @ A).mean(axis=0) - H @ H
    for rate, falls in ((found.sufficient * (1 - 1e-9), True), (found.sufficient * (1 + 1e-6), False)):
        change = (np.eye(d) - rate * H) @ (np.eye(d) - rate * H) + rate**2 * share * R
        assert (np.linalg.eigvalsh(change)[-1] < 1) == falls
    rate = found.divergent_patel * (1 + 1e-9)
    change = (np.eye(d) - rate * H) @ (np.eye(d) - rate * H) + rate**2 * share * R
    assert np.linalg.eigvalsh(change)[0] >= 1 - 1e-6


def test_bounds_meet_the_limit_in_one_parameter():
    report = stability_report(st.QuadraticSums([[[0.5]], [[2.0]]], [[1.0], [0.0]]), [1, 3])
    for row in report.rows:
        assert row.bounds[:6] == pytest.approx([row.mean_square] * 6, rel=1e-12)


def test_critical_batch_size_is_where_the_limit_is_half_of_the_means():
    for sampling in ("replacement", "without_replacement"):
        m, X = stability_report(data(), [1], sampling=sampling, simulate=False).critical_batch_size, data().X
        share = 1 / m if sampling == "replacement" else (30 - m) / (m * 29)
        found = mean_square_limit(RankOneCurvature(X), share, st.SGD(1, 1))
        assert found == pytest.approx(st.stability_limit(data(), 1, kind="mean") / 2, rel=1e-10)
    for sampling in ("replacement", "without_replacement"):
        report = stability_report(data(), [1], sampling=sampling, momentum=0.5, simulate=False)
        critical = report.critical_batch_size
        below, above = (
            st.stability_limit(data(), int(size), sampling=sampling, momentum=0.5)
            for size in (np.floor(critical), np.ceil(critical))
        )
        half = st.stability_limit(data(), 1, kind="mean", momentum=0.5) / 2
        assert below <= half <= above
    stream = stability_report(st.GaussianFeatures(np.eye(6), 1.0), [1])
    assert stream.critical_batch_size == pytest.approx(7, rel=1e-12)  # d + 1
    assert stability_report(st.Quadratic(np.eye(2), np.eye(2)), [2]).critical_batch_size is None


def test_a_shared_curvature_and_momentum_have_their_rows():
    shared = stability_report(st.Quadratic(np.diag([1.0, 4.0]), np.eye(2)), [2])
    row = shared.rows[0]
    assert row.mean == row.mean_square == row.almost_sure == row.batch_sharpness == 0.5
    assert row.bounds.divergent_mulayoff == pytest.approx(0.5)
    with_momentum = stability_report(data(), [2], momentum=0.5, nesterov=True, simulate=False)
    assert with_momentum.rows[0].bounds is None
    assert with_momentum.rows[0].batch_sharpness is None
    assert "Nesterov momentum 0.5" in str(with_momentum)
    assert "bounds" not in str(with_momentum)


def test_it_prints_and_draws():
    report = stability_report(data(), [1, 8])
    text = str(report)
    assert "batch sharpness" in text
    assert "critical batch size" in text
    assert f"{report.rows[0].mean_square:.4g}" in text
    assert "+-" in text
    assert all(len(line) <= 120 for line in text.splitlines())
    heads = {"Wu-Ma-E", "Patel below", "Jain", "Mulayoff", "Patel above", "diagram"}
    assert any(all(head in line for head in heads) for line in text.splitlines())  # on one line,
    assert all(f"{head}: " in text or f"{head}, " in text for head in heads)  # and explained
    assert text.count("\n8 ") == 2
    assert "<table" in report._repr_html_()
    axes = report.plot().axes[0]
    drawn = {line.get_label(): line.get_ydata() for line in axes.get_lines()}
    assert list(drawn["mean square, exact"]) == [row.mean_square for row in report.rows]
    assert list(drawn["mean"]) == [row.mean for row in report.rows]
    assert len(axes.get_yticklabels()) >= 3


@pytest.mark.parametrize("sizes", [[], "1,2", 4, [0], [1.5], [True]])
def test_batch_sizes_are_checked(sizes):
    with pytest.raises(DomainError, match="batch size"):
        stability_report(data(), sizes)


def test_usual_sizes_fit_the_data_without_replacement():
    found = [
        [row.batch_size for row in stability_report(data(), sampling=sampling, simulate=False).rows]
        for sampling in ("replacement", "without_replacement")
    ]
    assert found == [[1, 2, 4, 8, 16, 32, 64], [1, 2, 4, 8, 16, 30]]


def test_refusals():
    with pytest.raises(DomainError, match="larger than the data set"):
        stability_report(data(), [31], sampling="without_replacement")
    with pytest.raises(NotImplementedError, match="reshuffle"):
        stability_report(data(), [2], sampling="reshuffle")
    with pytest.raises(NotImplementedError, match="symbols"):
        stability_report(st.Quadratic(sp.eye(2), sp.eye(2)), [2])
    with pytest.raises(DomainError, match="wrong kind"):
        stability_report(3, [2])
