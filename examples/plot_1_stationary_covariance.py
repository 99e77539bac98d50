"""
A cloud of runs and its ellipse
===============================

With a constant learning rate SGD never stops: after a while the parameters of many runs form a cloud around the
minimum. The exact law gives its covariance at any learning rate; the diffusion limit, which most papers use, is only
right for small ones. The runs below are a plain NumPy loop that knows no theory.
"""

import matplotlib.pyplot as plt
import numpy as np

import sgdtheory as st

hessian = np.array([[0.7, 0.4], [0.4, 2.0]])
noise = np.array([[2.0, -0.7], [-0.7, 1.0]])  # covariance of one sample's gradient
learning_rate, batch_size, runs, steps = 0.6, 8, 40_000, 100

rng = np.random.default_rng(0)
root = np.linalg.cholesky(noise / batch_size)
theta = np.zeros((runs, 2))
for _ in range(steps):
    gradient = theta @ hessian + rng.standard_normal((runs, 2)) @ root.T
    theta -= learning_rate * gradient

# %%
# Theory beside numeric. The standard error of each simulated entry follows from Isserlis' theorem.

problem, optimizer = st.Quadratic(hessian, noise), st.SGD(learning_rate, batch_size)
theory = st.stationary_law(problem, optimizer).covariance
numeric = np.cov(theta.T)
error = np.sqrt((np.outer(theory.diagonal(), theory.diagonal()) + theory**2) / (runs - 1))

for i, j in ((0, 0), (0, 1), (1, 1)):
    print(f"covariance [{i}, {j}]: theory {theory[i, j]:+.5f} | numeric {numeric[i, j]:+.5f} +- {error[i, j]:.5f}")
assert np.all(np.abs(numeric - theory) < 5 * error)

# %%
# The diffusion limit is far outside the error at this learning rate.

diffusion = st.stationary_law(problem, optimizer, limit="diffusion").covariance
print(f"covariance [1, 1]: diffusion limit {diffusion[1, 1]:.5f} | numeric {numeric[1, 1]:.5f} +- {error[1, 1]:.5f}")
assert abs(diffusion[1, 1] - numeric[1, 1]) > 20 * error[1, 1]


def outline(covariance, share=0.95):
    """Return the outline of the region that holds a share of a centred Gaussian."""
    angle = np.linspace(0, 2 * np.pi, 200)
    return np.sqrt(-2 * np.log(1 - share)) * np.linalg.cholesky(covariance) @ [np.cos(angle), np.sin(angle)]


figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
axes.plot(*theta[:4000].T, ".", markersize=2, color="#94a3b8", label="4000 of the runs")
axes.plot(*outline(theory), color="#0b5394", linewidth=2, label="exact law, 95 %")
axes.plot(*outline(diffusion), "--", color="#c2410c", label="diffusion limit, 95 %")
axes.set_aspect("equal")
axes.set(xlabel=r"$\theta_1 - \theta_1^*$", ylabel=r"$\theta_2 - \theta_2^*$")
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False, markerscale=5, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3)
plt.show()
