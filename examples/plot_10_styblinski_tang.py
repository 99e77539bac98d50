"""
Sums of Styblinski-Tang functions
=================================

The same question as in the example before, on a smooth loss: the mean of a_j x^4 / 2 - 8 x^2 + 5 x / 2 over samples
that differ in their coefficient a_j. It has a deep minimum and a shallow one. At each the samples' second derivatives
and slopes make a sum of quadratics, which says up to which learning rate runs stay there *if they stay near*. They
need not: the samples disagree about where the minima are, so small batches throw runs out long before; with large
batches the threshold is what counts, and just beyond it the loss, steeper than its parabola, still holds runs that no
longer settle.
"""

import matplotlib.pyplot as plt
import numpy as np

import sgdtheory as st

rng = np.random.default_rng(3)
coefficients = np.exp(0.3 * rng.normal(size=64))
coefficients /= coefficients.mean()
runs, steps = 1000, 2000
deep, barrier, shallow = np.sort(np.roots([2 * coefficients.mean(), 0, -16, 2.5]).real)


def leaving(place, learning_rate, batch_size):
    """Return the share of runs, started at a minimum, that come to the other side of the barrier."""
    theta, left = np.full(runs, place), np.zeros(runs, dtype=bool)
    for _ in range(steps):
        a = coefficients[rng.integers(len(coefficients), size=(batch_size, runs))].mean(axis=0)
        theta = theta - learning_rate * (2 * a * theta**3 - 16 * theta + 2.5)
        left |= (theta > barrier) != (place > barrier)
        theta = np.where(left, place, theta)
    return left.mean()


# %%
# The threshold of each minimum and batch size, and the share of runs that leaves around it.

figure, panels = plt.subplots(1, 2, figsize=(9.5, 4.8), sharey=True, layout="constrained")
for axes, name, place in zip(panels, ("deep", "shallow"), (deep, shallow), strict=True):
    curvatures, slopes = 6 * coefficients * place**2 - 16, 2 * coefficients * place**3 - 16 * place + 2.5
    problem = st.QuadraticSums(curvatures[:, None, None], (curvatures * place - slopes)[:, None])
    for batch_size, color in ((1, "#c2410c"), (4, "#0b5394"), (16, "#64748b")):
        limit = st.stability_limit(problem, batch_size, kind="mean_square")
        shares = np.linspace(0.2, 1.5, 14)
        found = [leaving(place, share * limit, batch_size) for share in shares]
        axes.plot(shares, found, "o-", ms=4, color=color, label=f"batch size {batch_size}, limit {limit:.4f}")
        half = np.interp(0.5, found, shares)
        print(
            f"{name:7} minimum, batch size {batch_size:2d}: stable near it to, theory {limit:.4f}"
            f" | numeric: half of the runs leave at {half * limit:.4f}, {half:.2f} of that"
        )
        assert half > 1 if batch_size == 16 else half < 1
    axes.axvline(1, color="black", lw=1)
    axes.set(xlabel="learning rate / mean-square limit", title=f"{name} minimum, x = {place:.2f}")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize="small", loc="upper center", bbox_to_anchor=(0.5, -0.16))
panels[0].set_ylabel(f"share of runs that leave within {steps} steps")
plt.show()
