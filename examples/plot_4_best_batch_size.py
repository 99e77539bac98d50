"""
The best batch size for a cost
==============================

A large batch makes a better step, but costs more. If a step costs ``c0`` and each of its samples ``c1``, the expected
decrease of the loss per cost has a maximum at a batch size that has a closed form. Here for linear regression on the
diabetes data, at the first step from zero; the numeric side draws real mini-batches.
"""

import matplotlib.pyplot as plt
import numpy as np

import sgdtheory as st
from sgdtheory.data import load_dataset

data = load_dataset("diabetes", intercept=True)
problem, theta = st.LeastSquares(data.X, data.y), np.zeros(data.X.shape[1])
cost_per_step, cost_per_sample = 10, 1
best = st.optimal_step(problem, theta, cost=(cost_per_step, cost_per_sample))
print(f"best batch size {best.batch_size}, at learning rate {best.learning_rate:.4f}")

# %%
# Theory beside numeric: the mean decrease of the loss over 20,000 first steps, at each batch size's best rate.

rng = np.random.default_rng(0)
per_sample = -data.X * data.y[:, None]  # each sample's gradient at zero
sizes, draws = np.array([1, 2, 4, 8, best.batch_size, 16, 32, 64, 128]), 20_000
numeric, errors = [], []
for size in sizes:
    step = st.optimal_step(problem, theta, batch_size=int(size))
    gradient = np.zeros((draws, len(theta)))
    for _ in range(size):
        gradient += per_sample[rng.integers(len(data.y), size=draws)] / size
    moved = -step.learning_rate * gradient
    decrease = -(moved @ problem.gradient(theta)) - np.einsum("ki,ij,kj->k", moved, problem.hessian, moved) / 2
    numeric.append(decrease.mean())
    errors.append(decrease.std(ddof=1) / np.sqrt(draws))
    print(
        f"batch size {size:3d}: theory {step.expected_decrease:7.1f} | numeric {numeric[-1]:7.1f} +- {errors[-1]:.1f}"
    )
    assert abs(numeric[-1] - step.expected_decrease) < 5 * errors[-1]

# %%
# Decrease per cost. The maximum is flat: half or twice the best batch size loses little.

fine = np.unique(np.geomspace(1, 200, 80).astype(int))
cost = cost_per_step + cost_per_sample * fine
theory = [st.optimal_step(problem, theta, batch_size=int(size)).expected_decrease for size in fine] / cost
assert theory.max() <= best.expected_decrease / (cost_per_step + cost_per_sample * best.batch_size)

figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
axes.plot(fine, theory, color="#0b5394", linewidth=2, label="theory")
paid = cost_per_step + cost_per_sample * sizes
axes.errorbar(sizes, numeric / paid, 2 * np.array(errors) / paid, fmt="o", color="#334155", label="numeric")
axes.axvline(best.batch_size, color="#c2410c", linestyle="--", label=f"best batch size, {best.batch_size}")
axes.set(
    xscale="log",
    ylim=(0, None),
    xlabel="batch size",
    ylabel="expected decrease of the loss per cost",
    title=f"a step costs {cost_per_step}, each sample {cost_per_sample}",
)
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False)
plt.show()
