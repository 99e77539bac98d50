"""From merged statistics to the numbers of a run, each with its standard error."""

from __future__ import annotations

from typing import Any

import numpy as np

from sgdtheory.numeric.batch_noise import batch_share
from sgdtheory.numeric.engine.control_variate import corrected, expected_products
from sgdtheory.numeric.engine.plan import Plan
from sgdtheory.numeric.engine.statistics import JointSums, root_of
from sgdtheory.problems import Problem


def summary(plan: Plan, problem: Problem, statistics: dict[str, Any], *, lost: bool) -> dict[str, Any]:
    """Return the averages of a run and their standard errors, by the names that ``Run`` gives them.

    With replicas lost, nothing is known of the last averages, and of the loss where its square overflowed.
    """
    curve = statistics["curve"]
    curve_loss, curve_error = curve.averages[0], curve.standard_errors[0]
    found = _of_chains(plan, problem, statistics) if "products" in statistics else _of_states(statistics)
    if lost:
        found = {name: (value * np.nan, error * np.nan) for name, (value, error) in found.items()}
    found["mean"] = (problem.minimum + found["mean"][0], found["mean"][1])
    return {
        "curve_steps": np.array(plan.recorded),
        "curve_loss": np.where(np.isfinite(curve_error), curve_loss, np.inf),
        "curve_standard_error": np.where(np.isfinite(curve_error), curve_error, np.inf),
        **{name: value for name, (value, _) in found.items()},
        **{f"{name}_standard_error": error for name, (_, error) in found.items()},
    }


def _of_states(statistics: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return averages over the replicas' last states."""
    now, *lagged = statistics["states"]
    d = len(now.products)
    covariances = [moments.covariance for moments in lagged]
    return {
        "mean": now.averages,
        "covariance": now.covariance,
        "lagged_covariance": tuple(np.array([pair[i] for pair in covariances]).reshape(-1, d, d) for i in (0, 1)),
        **{
            name: (float(sums.averages[0]), float(sums.standard_errors[0]))
            for name, sums in (("excess_loss", statistics["loss"]), ("gradient_norm_squared", statistics["norm"]))
        },
    }


def _of_chains(plan: Plan, problem: Problem, statistics: dict[str, JointSums]) -> dict[str, tuple[Any, Any]]:
    """Return averages over chains of their time averages, corrected by their companions if they have any."""
    exact = _expected(plan, problem) if plan.companion else None
    H = plan.hessian
    covariance, error = covariance_of(statistics["products"], exact)
    expected = {
        "mean": np.zeros(len(H)),
        "loss": None if exact is None else np.trace(H @ exact[0]) / 2,
        "norm": None if exact is None else np.trace(H @ H @ exact[0]),
    }
    found = {}
    for name, value in expected.items():
        sums = statistics[name]
        means, spread = corrected(sums, None if exact is None else np.asarray(value)[None])
        found[name] = means[0], root_of(spread[0, 0] / sums.count)
    return {
        "mean": found["mean"],
        "covariance": (covariance[0], error[0]),
        "lagged_covariance": (covariance[1:], error[1:]),
        "excess_loss": tuple(map(float, found["loss"])),
        "gradient_norm_squared": tuple(map(float, found["norm"])),
    }


def covariance_of(sums: JointSums, exact: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Return E[xy'] - E[x]E[y]' (1 + lags, d, d), unbiased, and its standard error by linearisation."""
    if exact is not None:
        exact = np.stack([exact, 0 * exact, 0 * exact])  # the companion's mean is zero
    (products, x, y), spread = corrected(sums, exact)
    covariance = products - x * y + spread[1, 2] / sums.count
    weights = np.stack([np.ones_like(products), -y, -x])
    variance = np.einsum("a...,ab...,b...->...", weights, spread, weights) / sums.count
    return covariance, root_of(variance)


def _expected(plan: Plan, problem: Problem) -> np.ndarray:
    """Return the companion's expected products (1 + lags, d, d), averaged over the looks."""
    gradients = plan.model.gradients  # type: ignore[union-attr]
    noise = float(batch_share(problem, plan.optimizer)) * (gradients.T @ gradients) / len(gradients)
    if plan.averaging is None:
        return _after_last_step(plan, noise)
    looks = plan.averaging
    return expected_products(plan.hessian, noise, plan.optimizer, looks.burn_in, looks.looks, looks.stride, plan.lags)


def _after_last_step(plan: Plan, noise: np.ndarray) -> np.ndarray:
    """Return E[y(T) y(T - lag)'] for lag 0 and the others."""
    found = [
        expected_products(plan.hessian, noise, plan.optimizer, plan.steps - lag, 1, 1, (lag,) * (lag > 0))[-1]
        for lag in (0, *plan.lags)
    ]
    return np.stack(found)
