r"""
Twenty thousand parameters without a matrix
===========================================

Ridge regression on random features has more parameters than samples: here :math:`d = 20\,000` and :math:`n = 500`. Its
Hessian :math:`H = X^\top X/n + \rho` and gradient noise :math:`C` would be matrices of 400 million entries, yet their
products with vectors only take :math:`X`. Handed in as ``LinearOperator``, they give the noise floor of SGD with an
error bar. The exact answer, from the eigenvectors in the space of the samples, is the check.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.sparse.linalg import LinearOperator

import sgdtheory as st

samples, parameters, ridge, batch_size = 500, 20_000, 1e-3, 8

# %%
# The data: random Fourier features of a smooth function with noise, and the ridge solution.

rng = np.random.default_rng(0)
inputs = rng.standard_normal((samples, 20))
targets = np.sin(inputs[:, 0]) + inputs[:, 1] * inputs[:, 2] / 2 + 0.3 * rng.standard_normal(samples)
phases = rng.uniform(0, 2 * np.pi, parameters)
X = np.cos(inputs @ rng.normal(0, 0.3, (20, parameters)) + phases) * np.sqrt(2 / parameters)
gram = X @ X.T / samples
minimum = X.T @ np.linalg.solve(gram + ridge * np.eye(samples), targets) / samples
residuals = X @ minimum - targets
slope = X.T @ residuals / samples  # mean of the samples' gradients, without the ridge that is the same for all

# %%
# Hessian and gradient noise by their products with blocks of vectors.


def hessian(block):
    """Return H times a block (d, p)."""
    return X.T @ (X @ block) / samples + ridge * block


def noise(block):
    """Return C times a block (d, p)."""
    return X.T @ (residuals[:, None] ** 2 * (X @ block)) / samples - np.outer(slope, slope @ block)


def operator(product):
    """Return a LinearOperator from a product with blocks."""
    shape = (parameters, parameters)
    return LinearOperator(shape, matvec=lambda v: product(v.reshape(-1, 1)), matmat=product, dtype=float)


problem = st.Quadratic(operator(hessian), operator(noise), minimum, dataset_size=samples)
limit = st.stability_limit(problem, batch_size)
print(f"largest stable learning rate {limit:.3f}")

# %%
# The noise floor at four learning rates, beside the exact one. All noise lies in the span of the samples.

eigenvalues, vectors = np.linalg.eigh(gram)
along = np.sqrt(samples * eigenvalues) * vectors  # X times the eigenvectors of H, per sample
strength = (along**2 * residuals[:, None] ** 2).mean(axis=0) - (along.T @ residuals / samples) ** 2


def exact(learning_rate):
    """Return the noise floor from the eigenvalues of the samples' space."""
    bent = 2 - learning_rate * (eigenvalues + ridge)
    return learning_rate / (2 * batch_size) * np.sum(strength / bent)


shares = [0.1, 0.3, 0.6, 0.9]
floors = [st.stationary_law(problem, st.SGD(share * limit, batch_size)).excess_loss for share in shares]
for share, floor in zip(shares, floors, strict=True):
    print(f"{share:.1f} of the limit: theory {floor} ({floor.matvecs} products) | numeric {exact(share * limit):.6g}")
    assert abs(floor.value - exact(share * limit)) < 5 * floor.standard_error

# %%
# The floor rises faster than the learning rate, because the steepest direction amplifies its noise near the limit.

fine = np.linspace(0.01, 0.97, 200)
figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
axes.plot(fine, [exact(share * limit) for share in fine], color="#0b5394", label="exact, in the space of the samples")
axes.errorbar(
    shares,
    [floor.value for floor in floors],
    yerr=[2 * floor.standard_error for floor in floors],
    fmt="o",
    capsize=4,
    color="#c2410c",
    label="by products with vectors, two standard errors",
)
axes.set(xlabel="learning rate / largest stable one", ylabel="excess loss", yscale="log", title="noise floor of SGD")
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False, fontsize="small")
plt.show()
