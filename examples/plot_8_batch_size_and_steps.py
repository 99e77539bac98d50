"""
How far do larger batches save steps?
=====================================

Larger batches need fewer steps, until the curvature alone limits them: perfect scaling, then diminishing returns.
Where the bend lies depends on the optimizer. The picture is that of the noisy quadratic model of Zhang et al. (2019),
here with curvatures 1/k for 100 directions and gradient noise of the same shape. ``loss_curve`` gives the expected loss
at every step, so the fewest steps to a target are found by trying learning rates, with nothing simulated.
"""

import matplotlib.pyplot as plt
import numpy as np

import sgdtheory as st

curvatures = 1 / np.arange(1, 101)
problem, start = st.Quadratic(np.diag(curvatures), np.diag(curvatures)), np.ones(100)
target = 0.003 * problem.loss(start)
checked = np.unique(np.geomspace(1, 1e5, 400).astype(int))


def steps_to_target(batch_size, rate, momentum, decay):
    """Return after how many steps the expected loss is first seen below the target."""
    curve = st.loss_curve(problem, st.SGD(rate, batch_size, momentum), start, checked, averaging_decay=decay)
    reached = (curve if decay is None else curve.averaged).excess_loss <= target
    return checked[reached.argmax()] if reached.any() else np.inf


def fewest_steps(batch_size, momentum=0.0, decays=(None,)):
    """Return the fewest steps over learning rates, and decays if there are any, with the rate and decay."""
    largest = 2 * (1 + momentum) / curvatures[0]
    shares = 1 / (1 + 2.0 ** np.arange(-5, 12, 0.8))  # of the largest stable rate, dense at both ends
    tried = ((share * largest, decay) for share in shares for decay in decays)
    return min((steps_to_target(batch_size, rate, momentum, decay), rate, decay) for rate, decay in tried)


batch_sizes = 4 ** np.arange(1, 10)
ways = {
    "SGD": {},
    "momentum 0.9": {"momentum": 0.9},
    "average of the weights": {"decays": (0.9, 0.98, 0.997)},
}
best = {name: [fewest_steps(int(m), **way) for m in batch_sizes] for name, way in ways.items()}

# %%
# Theory beside numeric: real runs at the settings that were found are at the target after that many steps.

for name, momentum in (("SGD", 0.0), ("momentum 0.9", 0.9)):
    for place in (2, 5):
        steps, rate, _ = best[name][place]
        optimizer = st.SGD(rate, int(batch_sizes[place]), momentum)
        theory = st.loss_curve(problem, optimizer, start, [int(steps)]).excess_loss[0]
        run = st.simulate(problem, optimizer, int(steps), replicas=200, start=start, progress=False)
        numeric, error = run.excess_loss, run.excess_loss_standard_error
        where = f"{name:12} m = {batch_sizes[place]:4d}, {steps:4d} steps"
        print(f"{where}: theory {theory:.5f} | numeric {numeric:.5f} +- {error:.5f}")
        assert abs(numeric - theory) < 5 * error

# %%
# Where noise rules, at small batches, doubling the batch halves the steps, and momentum gains nothing that a larger
# learning rate would not; averaging the weights does, for it takes the noise out. Where curvature rules, momentum goes
# on to gain long after plain SGD has stopped.

figure, axes = plt.subplots(figsize=(7, 4.4), layout="constrained")
for (name, found), color, mark in zip(best.items(), ("#0b5394", "#c2410c", "#15803d"), "os^", strict=True):
    axes.plot(batch_sizes, [steps for steps, _, _ in found], mark + "-", color=color, label=name)
samples = batch_sizes[0] * best["SGD"][0][0]
axes.plot(batch_sizes[:6], samples / batch_sizes[:6], ":", color="#64748b", label="half the steps for twice the batch")
axes.set(
    xscale="log",
    yscale="log",
    xlabel="batch size",
    ylabel="fewest steps to 0.3 % of the loss at the start",
    title="each optimizer at its own best learning rate",
)
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False)
plt.show()
