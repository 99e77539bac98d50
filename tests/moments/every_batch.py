"""The moments of SGD by going through every batch: parameters, velocity and averages as a person would code them."""

from itertools import combinations, product

import numpy as np


def samples(n=4, d=2, seed=0):
    """Return curvatures (n, d, d) and gradients at the minimum (n, d), correlated with one another."""
    rng = np.random.default_rng(seed)
    roots = rng.normal(size=(n, d, d))
    curvatures = roots @ roots.swapaxes(1, 2) + 0.3 * np.eye(d)
    gradients = rng.normal(size=(n, d)) + curvatures[:, 0]
    return curvatures, gradients - gradients.mean(axis=0)


def batches(n, m, sampling):
    return list(product(range(n), repeat=m) if sampling == "replacement" else combinations(range(n), m))


def means(curvatures, gradients, optimizer):
    """Return the mean curvature and gradient of every batch."""
    every = [list(batch) for batch in batches(len(gradients), optimizer.batch_size, optimizer.sampling)]
    return [(curvatures[batch].mean(axis=0), gradients[batch].mean(axis=0)) for batch in every]


def torch_step(A, g, optimizer):
    """Return M and q of (e, v) <- M (e, v) + q for one batch, as ``torch.optim.SGD`` does it."""
    d, eta, mu = len(g), optimizer.learning_rate, optimizer.momentum
    one, zero = np.eye(d), np.zeros((d, d))
    gradient, slope = np.hstack([A, zero]), g
    velocity, constant = gradient + np.hstack([zero, mu * one]), slope
    direction, moved = velocity, constant
    if optimizer.nesterov:
        direction, moved = gradient + mu * velocity, slope + mu * constant
    M = np.vstack([np.hstack([one, zero]) - eta * direction, velocity])
    return M, np.concatenate([-eta * moved, constant])


def stationary(steps):
    """Return S = E[M S M' + q q'] and the spectral radius of its map; the mean of q is zero."""
    K = np.mean([np.kron(M, M) for M, _ in steps], axis=0)
    Q = np.mean([np.outer(q, q) for _, q in steps], axis=0)
    size = len(Q)
    S = np.linalg.solve(np.eye(size * size) - K, Q.ravel()).reshape(size, size)
    return S, np.abs(np.linalg.eigvals(K)).max()


def transient(steps, begin, count):
    """Return mean and covariance of the state after some steps, with all that gradient and curvature share."""
    mean, covariance = begin, np.zeros((len(begin), len(begin)))
    for _ in range(count):
        ends = [M @ mean + q for M, q in steps]
        later = np.mean(ends, axis=0)
        spread = np.mean([np.outer(end - later, end - later) for end in ends], axis=0)
        covariance = np.mean([M @ covariance @ M.T for M, _ in steps], axis=0) + spread
        mean = later
    return mean, covariance
