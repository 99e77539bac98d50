"""
Where SGD converges: learning rate and batch size
=================================================

Least squares that can be fitted exactly, so that there is no noise at the minimum and SGD either converges to it or
diverges. Which of the two depends on learning rate, batch size and the curvatures of single samples. There are two
edges. Beyond the first the *mean square* of the distance diverges, carried by ever rarer, ever larger runs, while
almost every run still converges; beyond the second almost every run diverges. In between a plot of a few runs shows
convergence, and an average over many does not.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap

import sgdtheory as st

rng = np.random.default_rng(2)
samples, dimension = 30, 4
X = rng.normal(size=(samples, dimension)) * np.exp(0.2 * rng.normal(size=(samples, 1)))
problem = st.LeastSquares(X, X @ rng.normal(size=dimension))  # targets that a line fits exactly
batch_sizes = np.array([1, 2, 3, 4, 6, 8, 12, 16])
largest = st.stability_limit(problem, 1, kind="mean")
rates = largest * np.geomspace(0.06, 1.6, 22)


def growth(learning_rate, batch_size, cloning, runs=600, steps=240):
    """Return by how much the logarithm of the distance grows in a step, once the start is forgotten.

    That of a middling run; or, with ``cloning``, half that of the mean square. A mean square is carried by runs too
    rare to be drawn, so after each step runs are copied or dropped in proportion to their squared distance.
    """
    distance, found = rng.normal(size=(dimension, runs)), []
    for _ in range(steps):
        batch = X[rng.integers(samples, size=(batch_size, runs))]  # (m, runs, d)
        pull = np.einsum("mrd,mr->dr", batch, np.einsum("mrd,dr->mr", batch, distance)) / batch_size
        distance = distance - learning_rate * pull
        square = (distance**2).sum(axis=0)
        distance = distance / np.sqrt(square)
        found.append(np.log(square.mean()) / 2 if cloning else np.log(square).mean() / 2)
        if cloning:
            distance = distance[:, rng.choice(runs, runs, p=square / square.sum())]
    return np.mean(found[40:])


def phase(learning_rate, batch_size):
    """Return 0 if the mean square falls, 1 if it grows but a middling run falls, 2 if that grows too."""
    return 2 if growth(learning_rate, batch_size, False) > 0 else int(growth(learning_rate, batch_size, True) > 0)


# %%
# The theory: two edges for each batch size, and that of the mean alone, which does not see the batch.

edges = {
    kind: [st.stability_limit(problem, int(m), kind=kind) for m in batch_sizes]
    for kind in ("mean_square", "almost_sure")
}
for m, first, second in zip(batch_sizes, *edges.values(), strict=True):
    print(f"batch size {m:2d}: mean square {first:.4f}, almost sure {second:.4f}, mean {largest:.4f}")

# %%
# The runs: each cell says what happened to them.

cells = np.array([[phase(rate, int(m)) for m in batch_sizes] for rate in rates])
for j, m in enumerate(batch_sizes):
    seen = [rates[cells[:, j] >= 1][0], rates[cells[:, j] == 2][0]]
    print(
        f"batch size {m:2d}: theory {edges['mean_square'][j]:.3f} and {edges['almost_sure'][j]:.3f}"
        f" | numeric: first cells beyond {seen[0]:.3f} and {seen[1]:.3f}"
    )
    for edge, cell in zip((edges["mean_square"][j], edges["almost_sure"][j]), seen, strict=True):
        assert abs(np.log(cell / edge)) < 2 * np.log(rates[1] / rates[0])  # two cells

figure, axes = plt.subplots(figsize=(7, 4.6), layout="constrained")
places = np.arange(len(batch_sizes))
colors = ListedColormap(["#dbeafe", "#fde68a", "#fca5a5"])
axes.pcolormesh(places, rates, cells, cmap=colors, shading="nearest", vmin=0, vmax=2)
axes.plot(places, edges["mean_square"], "o-", ms=4, color="#0b5394", label="mean-square edge, theory")
axes.plot(places, edges["almost_sure"], "s-", ms=4, color="#c2410c", label="almost-sure edge, theory")
axes.axhline(largest, color="black", ls=":", lw=1, label="2 / largest curvature: the mean alone")
for height, words in ((0.11, "every run converges"), (1.3, "almost every run diverges")):
    axes.text(2.5, height * largest, words, ha="center")
words = "runs converge,\nthe mean square diverges"
middle = np.sqrt(edges["mean_square"][3] * edges["almost_sure"][3])
axes.text(3, middle, words, ha="center", va="center", rotation=14, fontsize="small")
axes.set(yscale="log", xlabel="batch size", ylabel="learning rate", title="Cells: simulated runs. Lines: theory.")
axes.set_xticks(places, map(str, batch_sizes))
axes.legend(frameon=True, fontsize="small", loc="lower right")
plt.show()
