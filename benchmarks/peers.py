"""What a competent user would write instead, without this library.

Each function makes a call without arguments. All take batches with replacement from the rows of X and y, and run SGD on
the mean of (x'theta - y)^2 / 2 for many replicas at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg


def numpy_sgd(
    X: np.ndarray, y: np.ndarray, learning_rate: float, batch_size: int, steps: int, replicas: int
) -> Callable[[], np.ndarray]:
    """SGD in NumPy, vectorised over replicas, float64; returns the last states (replicas, d)."""
    rng = np.random.default_rng(0)
    minimum = np.linalg.lstsq(X, y)[0]

    def one_sample() -> np.ndarray:
        theta = np.repeat(minimum[None], replicas, axis=0)
        for _ in range(steps):
            drawn = rng.integers(len(y), size=replicas)
            x = X[drawn]
            residual = np.einsum("rd,rd->r", x, theta) - y[drawn]
            theta -= learning_rate * residual[:, None] * x
        return theta

    def batches() -> np.ndarray:
        theta = np.repeat(minimum[None], replicas, axis=0)
        for _ in range(steps):
            drawn = rng.integers(len(y), size=(replicas, batch_size))
            x = X[drawn]
            residual = np.einsum("rmd,rd->rm", x, theta) - y[drawn]
            theta -= learning_rate / batch_size * np.einsum("rmd,rm->rd", x, residual)
        return theta

    return one_sample if batch_size == 1 else batches


def jax_sgd(
    X: np.ndarray, y: np.ndarray, learning_rate: float, batch_size: int, steps: int, replicas: int
) -> Callable[[], Any]:
    """SGD in JAX as its tutorials write it: ``scan`` over steps, ``vmap`` over replicas, ``jit``; float32."""
    import jax
    import jax.numpy as jnp

    features, targets = jnp.asarray(X, jnp.float32), jnp.asarray(y, jnp.float32)
    start = jnp.asarray(np.linalg.lstsq(X, y)[0], jnp.float32)

    def update(theta: Any, drawn: Any) -> Any:
        x = features[drawn]
        residual = x @ theta - targets[drawn]
        return theta - learning_rate / batch_size * (residual @ x)

    def step(theta: Any, key: Any) -> tuple[Any, None]:
        drawn = jax.random.randint(key, (replicas, batch_size), 0, len(targets))
        return jax.vmap(update)(theta, drawn), None

    @jax.jit
    def run(key: Any) -> Any:
        return jax.lax.scan(step, jnp.tile(start, (replicas, 1)), jax.random.split(key, steps))[0]

    key = jax.random.key(0)
    return lambda: run(key).block_until_ready()


def torch_sgd(
    X: np.ndarray, y: np.ndarray, learning_rate: float, batch_size: int, steps: int, replicas: int
) -> Callable[[], Any]:
    """SGD in PyTorch, eager, vectorised over replicas, float32."""
    import torch

    torch.set_num_threads(1)
    features, targets = torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
    start = torch.tensor(np.linalg.lstsq(X, y)[0], dtype=torch.float32)

    def one_sample() -> Any:
        theta = start.repeat(replicas, 1)
        for _ in range(steps):
            drawn = torch.randint(len(targets), (replicas,))
            x = features[drawn]
            residual = (x * theta).sum(1) - targets[drawn]
            theta -= learning_rate * residual[:, None] * x
        return theta

    def batches() -> Any:
        theta = start.repeat(replicas, 1)
        for _ in range(steps):
            drawn = torch.randint(len(targets), (replicas, batch_size))
            x = features[drawn]
            residual = torch.bmm(x, theta[:, :, None])[:, :, 0] - targets[drawn]
            theta -= learning_rate / batch_size * torch.bmm(residual[:, None], x)[:, 0]
        return theta

    return one_sample if batch_size == 1 else batches


def diffrax_euler(
    hessian: np.ndarray, root: np.ndarray, duration: float, step: float, paths: int, looks: int
) -> Callable[[], Any]:
    """dx = -H x dt + B dW by diffrax's Euler method from x = 0, seen ``looks`` times; float32."""
    import diffrax
    import jax
    import jax.numpy as jnp

    H, B = jnp.asarray(hessian, jnp.float32), jnp.asarray(root, jnp.float32)
    d = len(hessian)
    times = jnp.linspace(0.0, duration, looks + 1)[1:]

    def one_path(key: Any) -> Any:
        noise = diffrax.UnsafeBrownianPath(shape=(d,), key=key)
        terms = diffrax.MultiTerm(
            diffrax.ODETerm(lambda t, x, args: -H @ x), diffrax.ControlTerm(lambda t, x, args: B, noise)
        )
        solution = diffrax.diffeqsolve(
            terms,
            diffrax.Euler(),
            t0=0.0,
            t1=duration,
            dt0=step,
            y0=jnp.zeros(d),
            saveat=diffrax.SaveAt(ts=times),
            adjoint=diffrax.DirectAdjoint(),
            max_steps=int(duration / step) + 8,
        )
        return solution.ys

    run = jax.jit(jax.vmap(one_path))
    keys = jax.random.split(jax.random.key(0), paths)
    return lambda: run(keys).block_until_ready()


def dense_second_moment(X: np.ndarray, y: np.ndarray, learning_rate: float) -> Callable[[], np.ndarray]:
    """The exact stationary covariance of SGD with batch size 1, by one dense Cholesky factorisation of size d(d+1)/2.

    In the eigenbasis of the Hessian, H S + S H - eta E[x x' S x x'] = eta C is a diagonal matrix less a Gram matrix of
    the products x_i x_j.
    """
    D, d = X.shape
    rows, columns = np.triu_indices(d)
    weights = np.where(rows == columns, 1.0, np.sqrt(2.0))

    def solve() -> np.ndarray:
        eigenvalues, vectors = np.linalg.eigh(X.T @ X / D)
        features = X @ vectors
        residual = X @ np.linalg.lstsq(X, y)[0] - y
        noise = (features * residual[:, None] ** 2).T @ features / D
        products = features[:, rows] * features[:, columns] * weights
        operator = products.T @ products
        operator *= -learning_rate / D
        operator[np.diag_indices(len(rows))] += eigenvalues[rows] + eigenvalues[columns]
        found = scipy.linalg.solve(
            operator, learning_rate * noise[rows, columns] * weights, assume_a="pos", overwrite_a=True
        )
        covariance = np.zeros((d, d))
        covariance[rows, columns] = covariance[columns, rows] = found / weights
        return vectors @ covariance @ vectors.T

    return solve
