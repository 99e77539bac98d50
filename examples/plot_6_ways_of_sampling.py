"""
With replacement, without, or in epochs
=======================================

How a batch is drawn matters. For the full data set a fresh subset has no noise at all. Shuffled epochs, which most
training loops use, have even less: within an epoch the batches add up to the whole data set, so their noise cancels at
its end. Each way has its own law; for shuffled epochs it depends on where in the epoch one looks.
"""

import matplotlib.pyplot as plt
import numpy as np

import sgdtheory as st

rng = np.random.default_rng(0)
size, curvature, learning_rate, runs, steps = 24, 1.0, 0.2, 8000, 48
centres = rng.normal(0, 1, size)  # sample k has the loss (theta - centre_k)^2 / 2
centres -= centres.mean()
problem = st.QuadraticSums([[curvature]], curvature * centres[:, None])  # one curvature, a slope for each sample
batch_sizes = [1, 2, 3, 4, 6, 8, 12, 24]  # whole epochs fit into 48 steps


def batch_means(way, batch_size):
    """Yield the mean of one batch after another, for all runs: (runs,)."""
    while True:
        if way == "replacement":
            yield centres[rng.integers(size, size=(runs, batch_size))].mean(axis=1)
            continue
        order = rng.permuted(np.tile(centres, (runs, 1)), axis=1)
        for first in range(0, size if way == "reshuffle" else 1, batch_size):
            yield order[:, first : first + batch_size].mean(axis=1)


def simulated_variance(way, batch_size):
    """Return the variance of the parameter over the runs after the last step, and its standard error."""
    theta = np.zeros(runs)
    for _, mean in zip(range(steps), batch_means(way, batch_size), strict=False):
        theta = theta - learning_rate * curvature * (theta - mean)
    square = theta**2
    return square.mean(), square.std(ddof=1) / np.sqrt(runs)


# %%
# Theory beside numeric. A law of shuffled epochs is that at the end of an epoch.

theory, numeric = {}, {}
for way in ("replacement", "without_replacement", "reshuffle"):
    for m in batch_sizes:
        theory[way, m] = st.stationary_law(problem, st.SGD(learning_rate, m, sampling=way)).covariance[0, 0]
        numeric[way, m], error = simulated_variance(way, m)
        print(f"{way:20} m = {m:2d}: theory {theory[way, m]:.5f} | numeric {numeric[way, m]:.5f} +- {error:.5f}")
        assert abs(numeric[way, m] - theory[way, m]) <= 5 * error + 1e-12

figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
for way, color, mark in (
    ("replacement", "#0b5394", "o"),
    ("without_replacement", "#c2410c", "s"),
    ("reshuffle", "#64748b", "^"),
):
    shown = batch_sizes[: None if way == "replacement" else -1]  # a logarithmic axis has no zero
    axes.plot(shown, [theory[way, m] for m in shown], color=color, label=f"{way.replace('_', ' ')}, theory")
    axes.plot(shown, [numeric[way, m] for m in shown], mark, color=color, label="numeric")
axes.set(
    xscale="log",
    yscale="log",
    xlabel="batch size",
    ylabel="variance after 48 steps",
    title=f"{size} samples, drawn in three ways",
)
axes.set_xticks(batch_sizes, map(str, batch_sizes))
axes.minorticks_off()
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False, fontsize="small")
plt.show()
