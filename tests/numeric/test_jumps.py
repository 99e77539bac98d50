"""Exact jumps: the joint law of several looks, against a recursion of matrices that is written here once more.

Statistical tests run with fixed seeds. Each compares averages over R replicas with their exact expectations in exact
standard errors; |z| > 6 has probability 2e-9, so that all of them together (fewer than 500 comparisons) raise a false
alarm with probability 1e-6. With R = 200,000 a variance that is 5 % off is missed with probability below 1e-12, one
that is 3 % off with probability 2e-4.
"""

import numpy as np
import pytest
import scipy.linalg
import scipy.sparse
import scipy.stats
import sympy as sp

import sgdtheory as st
from sgdtheory.errors import DomainError, NonFiniteError, ShapeError, StabilityError

R, CRITICAL = 200_000, 6.0
H = np.array([[2.0, 0.5, 0.1], [0.5, 1.0, -0.2], [0.1, -0.2, 0.6]])
C = np.array([[2.0, 0.75, 0.3], [0.75, 1.0, 0.0], [0.3, 0.0, 0.5]])
LINE = np.outer([1.0, -2.0, 0.5], [1.0, -2.0, 0.5])  # noise along one direction only
MINIMUM, START = np.array([1.0, -2.0, 0.5]), np.array([2.0, -1.0, 0.0])

# problem, optimizer, limit
CASES = {
    "coupled": (st.Quadratic(H, C, MINIMUM), st.SGD(0.3, 4), None),
    "commuting": (st.Quadratic(H, H @ H, MINIMUM), st.SGD(0.3, 4), None),
    "diagonal": (st.Quadratic(np.diag([3.0, 1.0, 2.0]), np.diag([1.0, 4.0, 2.0]), MINIMUM), st.SGD(0.3, 4), None),
    "equal curvatures": (st.Quadratic(np.eye(3), C, MINIMUM), st.SGD(0.3, 4), None),
    "singular noise": (st.Quadratic(H, LINE, MINIMUM), st.SGD(0.3, 1), None),
    "unstable": (st.Quadratic(H, C, MINIMUM), st.SGD(1.1, 4), None),
    "edge of stability": (st.Quadratic(np.diag([4.0, 1.0, 2.0]), C, MINIMUM), st.SGD(0.5, 4), None),
    "flat direction": (st.Quadratic(np.diag([1.0, 0.5, 0.0]), C, MINIMUM), st.SGD(0.3, 4), None),
    "subsets": (st.Quadratic(H, C, MINIMUM, dataset_size=10), st.SGD(0.3, 4, sampling="without_replacement"), None),
    "diffusion": (st.Quadratic(H, C, MINIMUM), st.SGD(0.3, 4), "diffusion"),
}
LOOKS = {"near": [1, 3], "far": [7, 30], "each step": range(1, 13)}


def one_jump(problem, optimizer, limit, length):
    """Return the matrix on the offset and the covariance that is added: by steps, or by Ito's isometry."""
    eta, m, D = optimizer.learning_rate, optimizer.batch_size, problem.dataset_size
    noise = problem.noise / m * (1 if D is None else (D - m) / (D - 1))
    if limit == "diffusion":
        M = scipy.linalg.expm(-eta * length * problem.hessian)
        stationary = scipy.linalg.solve_continuous_lyapunov(problem.hessian, eta * noise)
        return M, stationary - M @ stationary @ M.T
    step, M, covariance = np.eye(3) - eta * problem.hessian, np.eye(3), np.zeros((3, 3))
    for _ in range(length):
        M, covariance = step @ M, step @ covariance @ step.T + eta**2 * noise
    return M, covariance


def joint_law(case, first, last):
    """Return mean and covariance of the states at two looks, stacked."""
    problem, optimizer, limit = CASES[case]
    M, early = one_jump(problem, optimizer, limit, first)
    between, added = one_jump(problem, optimizer, limit, last - first)
    late, cross = between @ early @ between.T + added, between @ early
    begin = M @ (START - MINIMUM)
    mean = np.concatenate([MINIMUM + begin, MINIMUM + between @ begin])
    return mean, np.block([[early, cross.T], [cross, late]])


def z_scores(stacked, mean, covariance):
    """Return z of the means and of the second moments about the exact means."""
    offsets, variances = stacked - mean, np.diag(covariance)
    first = offsets.mean(axis=0) / np.sqrt(variances / len(stacked))
    error = np.sqrt((np.outer(variances, variances) + covariance**2) / len(stacked))
    return np.concatenate([first, np.ravel((offsets.T @ offsets / len(stacked) - covariance) / error)])


def paths_of(case, looks, replicas=R, seed=0):
    problem, optimizer, limit = CASES[case]
    return st.sample_paths(problem, optimizer, START, looks, replicas, limit=limit, seed=seed)


@pytest.mark.parametrize("looks", LOOKS)
@pytest.mark.parametrize("case", CASES)
def test_joint_law_of_two_looks(case, looks):
    """Means, covariances and the covariance across looks, M^k Sigma, whatever lies between the looks."""
    steps = LOOKS[looks]
    paths = paths_of(case, steps)
    stacked = np.concatenate([paths[:, 0], paths[:, -1]], axis=1)
    assert np.abs(z_scores(stacked, *joint_law(case, steps[0], steps[-1]))).max() < CRITICAL


@pytest.mark.parametrize("case", [case for case in CASES if case not in ("singular noise", "unstable")])
def test_the_law_is_normal(case):
    """Whitened by the exact joint law the numbers are independent standard normal: Kolmogorov-Smirnov, alarm 1e-7."""
    paths = paths_of(case, [2, 9])
    mean, covariance = joint_law(case, 2, 9)
    stacked = paths.reshape(R, -1) - mean
    white = scipy.linalg.solve_triangular(np.linalg.cholesky(covariance), stacked.T, lower=True)
    assert scipy.stats.kstest(np.ravel(white), "norm").pvalue > 1e-7


@pytest.mark.parametrize("case", CASES)
def test_laws_here_are_those_of_transient_law(case):
    problem, optimizer, limit = CASES[case]
    mean, covariance = joint_law(case, 3, 7)
    law = st.transient_law(problem, optimizer, START, 7, limit)
    assert np.allclose(law.mean, mean[3:], rtol=1e-12, atol=1e-13)
    assert np.allclose(law.covariance, covariance[3:, 3:], rtol=1e-12, atol=1e-13)


def test_a_law_that_is_five_percent_off_is_seen():
    """The power of the z scores: noise of 1.05 times the variance, and a learning rate of 1.05 times the rate."""
    problem, optimizer, _ = CASES["coupled"]
    mean, covariance = joint_law("coupled", 7, 30)
    for wrong in (
        (st.Quadratic(H, 1.05 * C, MINIMUM), optimizer),
        (problem, st.SGD(1.05 * optimizer.learning_rate, 4)),
    ):
        stacked = st.sample_paths(*wrong, START, [7, 30], R).reshape(R, -1)
        assert np.abs(z_scores(stacked, mean, covariance)).max() > CRITICAL


def test_a_jump_has_the_law_of_the_steps():
    """One jump of 12 steps beside 12 simulated steps: two independent estimates, exact errors of both."""
    problem, optimizer, _ = CASES["coupled"]
    run = st.simulate(problem, optimizer, 12, R, start=START, seed=5)
    end = paths_of("coupled", 12)[:, 0]
    covariance = joint_law("coupled", 1, 12)[1][3:, 3:]
    variances = np.diag(covariance)
    error = np.sqrt(2 * (np.outer(variances, variances) + covariance**2) / R)
    assert np.abs((end.mean(axis=0) - run.mean) / np.sqrt(2 * variances / R)).max() < CRITICAL
    assert np.abs((np.cov(end.T) - run.covariance) / error).max() < CRITICAL


@pytest.mark.parametrize("limit", [None, "diffusion"])
def test_without_noise_paths_are_the_mean(limit):
    """To rounding: each replica follows the mean of its own start."""
    problem, optimizer = st.Quadratic(H, 0 * C, MINIMUM), st.SGD(0.3, 4)
    starts = np.array([START, 10 * START, -START, 1e-3 * START])
    paths = st.sample_paths(problem, optimizer, starts, [0, 1, 5, 40], 4, limit=limit)
    assert np.allclose(paths[:, 0], starts, rtol=1e-14, atol=1e-14)
    for place, length in ((1, 1), (2, 5), (3, 40)):
        M, _ = one_jump(problem, optimizer, limit, length)
        assert np.allclose(paths[:, place], MINIMUM + (starts - MINIMUM) @ M.T, rtol=1e-13, atol=1e-13)


def test_noise_stays_in_the_directions_that_it_reaches():
    """After one step the state moves along the one direction of the noise, to rounding."""
    problem = CASES["singular noise"][0]
    moved = paths_of("singular noise", 1, replicas=1000)[:, 0] - (
        MINIMUM + (np.eye(3) - 0.3 * problem.hessian) @ (START - MINIMUM)
    )
    across = np.linalg.svd(moved, compute_uv=False)
    assert across[1] < 1e-6 * across[0]  # the root of rounding: covariances are right to 1e-16


def test_modes_of_very_different_variance_keep_their_digits():
    """Curvatures over twelve orders, coupled noise: every mode's variance to its own standard error."""
    curvatures = np.array([1e-10, 1e-5, 1.0])
    problem = st.Quadratic(np.diag(curvatures), C)
    end = st.sample_paths(problem, st.SGD(0.3, 1), np.zeros(3), 10**13, R)[:, 0]
    exact = 0.3 * C / (curvatures[:, None] + curvatures - 0.3 * np.outer(curvatures, curvatures))
    assert np.abs(z_scores(end, np.zeros(3), exact)).max() < CRITICAL


def test_shape_and_seed():
    assert paths_of("coupled", [1, 4, 9, 10], replicas=5).shape == (5, 4, 3)
    assert paths_of("coupled", 4, replicas=1).shape == (1, 1, 3)
    assert np.array_equal(paths_of("coupled", [1, 4], seed=3), paths_of("coupled", [1, 4], seed=3))
    assert not np.array_equal(paths_of("coupled", [1, 4], seed=3), paths_of("coupled", [1, 4], seed=4))
    assert np.allclose(paths_of("coupled", 0, replicas=2), START, rtol=1e-15)


@pytest.mark.parametrize("first", [1000, 2**62, 2**63, 2**64, 10**30])
def test_any_number_of_steps_lies_before(first):
    """The second look is one step after the first, though no float or fixed-size integer can tell them apart."""
    problem, optimizer, _ = CASES["coupled"]
    step, _ = one_jump(problem, optimizer, None, 1)
    pair = paths_of("coupled", [first, first + 1]) - MINIMUM
    S = st.stationary_law(problem, optimizer).covariance
    exact = np.block([[S, S @ step.T], [step @ S, S]])
    assert np.abs(z_scores(pair.reshape(R, 6), np.zeros(6), exact)).max() < CRITICAL


def test_what_diverges_is_named_by_its_look():
    saddle = st.Quadratic(np.diag([1.0, -1.0, 1.0]), np.eye(3))
    for steps, named in ((range(0, 12_000, 3000), 9000), ([1, 10_000], 10_000)):
        with pytest.raises(StabilityError, match=f"by step {named}[.]"):
            st.sample_paths(saddle, st.SGD(0.1, 1), np.zeros(3), steps, 3)


def test_sparse_matrices_are_told_how_to_become_dense():
    sparse = scipy.sparse.eye_array(3)
    with pytest.raises(DomainError, match="toarray"):
        st.sample_paths(st.Quadratic(sparse, sparse), st.SGD(0.1, 1), np.zeros(3), 1, 3)
    with pytest.raises(DomainError, match="toarray"):
        st.simulate(st.Quadratic(sparse, sparse), st.SGD(0.1, 1), 10, 3)


def test_inputs_stay_as_they_are():
    starts = np.tile(START, (4, 1))
    problem, optimizer, _ = CASES["diagonal"]
    st.sample_paths(problem, optimizer, starts, [1, 2], 4)
    assert np.array_equal(starts, np.tile(START, (4, 1)))


@pytest.mark.parametrize(
    "steps",
    [[3, 1], [2, 2], [], 10**400, [1, 10**301], -1, True, 1.0, [1, 2.0], "12", None, [[1, 2]], np.array([[1, 2]])],
)
def test_steps_that_are_no_times_are_refused(steps):
    with pytest.raises(DomainError):
        paths_of("coupled", steps, replicas=2)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"start": [1.0, np.nan, 0.0]}, NonFiniteError),
        ({"start": [[1.0, 2.0, 3.0], [1.0, np.inf, 3.0]]}, NonFiniteError),
        ({"start": [1.0, 2.0]}, ShapeError),
        ({"start": np.zeros((3, 3))}, ShapeError),
        ({"start": np.zeros((2, 2))}, ShapeError),
        ({"start": [[1.0], [1.0, 2.0]]}, ShapeError),
        ({"start": None}, DomainError),
        ({"start": [True, True, False]}, DomainError),
        ({"replicas": 0}, DomainError),
        ({"replicas": True}, DomainError),
        ({"replicas": 2.0}, DomainError),
        ({"seed": -1}, DomainError),
        ({"seed": None}, DomainError),
        ({"steps": [1, np.nan]}, NonFiniteError),
        ({"limit": "difusion"}, DomainError),
        ({"optimizer": CASES["coupled"][0]}, DomainError),
        ({"optimizer": st.SGD(0.1, 1, momentum=0.5)}, NotImplementedError),
        ({"optimizer": st.SGD(0.1, 1, sampling="reshuffle")}, NotImplementedError),
        ({"optimizer": st.SGD(0.1, 1, sampling="without_replacement")}, DomainError),
        ({"optimizer": st.SGD(100.0, 1), "steps": 400}, StabilityError),
        ({"optimizer": st.SGD(100.0, 1), "steps": 70}, StabilityError),
        ({"optimizer": st.SGD(100.0, 1), "steps": range(0, 400, 10)}, StabilityError),
        ({"problem": H}, DomainError),
    ],
)
def test_other_wrong_arguments_are_refused(change, error):
    arguments = {"problem": CASES["coupled"][0], "optimizer": st.SGD(0.1, 1), "start": START, "steps": [1, 2]}
    with pytest.raises(error):
        st.sample_paths(**{**arguments, "replicas": 2, **change})


def test_problems_that_are_not_gaussian_are_refused_with_their_gaussian_model():
    X, y = np.array([[1.0, 0.0], [1.0, 1.0], [2.0, -1.0]]), np.array([1.0, 0.0, 2.0])
    with pytest.raises(DomainError, match="Gaussian model, Quadratic"):
        st.sample_paths(st.LeastSquares(X, y), st.SGD(0.1, 1), [0.0, 0.0], 3, 2)


def test_symbols_are_refused():
    with pytest.raises(DomainError, match="NumPy numbers only"):
        st.sample_paths(st.Quadratic(sp.eye(2), sp.eye(2)), st.SGD(0.1, 1), [0, 0], 3, 2)
    with pytest.raises(DomainError, match="NumPy numbers only"):
        st.sample_paths(st.Quadratic(np.eye(2), np.eye(2)), st.SGD(sp.Symbol("eta"), 1), [0.0, 0.0], 3, 2)
