"""The stationary covariance: ours beside scipy.linalg.solve_discrete_lyapunov, in one run.

python benchmarks/stationary_covariance.py
"""

import statistics
import time

import numpy as np
import scipy.linalg

import sgdtheory as st

ETA, BATCH = 0.1, 8


def problem(d: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return a random Hessian with largest eigenvalue one, and a random noise covariance."""
    A, B = rng.standard_normal((2, d, 2 * d))
    H = A @ A.T
    return H / np.linalg.eigvalsh(H)[-1], B @ B.T / (2 * d)


def ours(H: np.ndarray, C: np.ndarray) -> np.ndarray:
    """Return the covariance by the library, checks of the input included."""
    return st.stationary_law(st.Quadratic(H, C), st.SGD(ETA, BATCH)).covariance


def scipys(H: np.ndarray, C: np.ndarray) -> np.ndarray:
    """Return the covariance by SciPy's discrete solver."""
    M = np.eye(len(H)) - ETA * H
    return scipy.linalg.solve_discrete_lyapunov(M, ETA**2 / BATCH * C, method="bilinear")


def residual(H: np.ndarray, C: np.ndarray, S: np.ndarray) -> float:
    """Return how far a covariance is from solving its equation, relative to the right-hand side."""
    right = ETA / BATCH * C
    return float(np.abs(H @ S + S @ H - ETA * H @ S @ H - right).max() / np.abs(right).max())


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    print(f"{'d':>5} {'ours ms':>9} {'scipy ms':>9} {'ratio':>6} {'residual':>9} {'scipy':>9}")
    for d in (2, 10, 50, 200, 500):
        H, C = problem(d, rng)
        times: dict[str, list[float]] = {"ours": [], "scipy": []}
        for _ in range(9):
            for name, solve in (("ours", ours), ("scipy", scipys)):
                began = time.perf_counter()
                solution = solve(H, C)
                times[name].append(time.perf_counter() - began)
                if name == "ours":
                    mine = solution
        a, b = (1e3 * statistics.median(times[name]) for name in ("ours", "scipy"))
        print(f"{d:>5} {a:>9.2f} {b:>9.2f} {b / a:>6.2f} {residual(H, C, mine):>9.1e} {residual(H, C, solution):>9.1e}")
