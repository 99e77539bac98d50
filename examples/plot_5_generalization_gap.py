r"""
The generalization gap
======================

Estimate a mean by SGD from :math:`D` samples: the loss of sample :math:`k` is :math:`\frac12\lambda(\theta - c_k)^2`.
On average over data sets the test loss exceeds the training loss by :math:`\lambda\sigma^2/D`, whatever the learning
rate and batch size: the noise of SGD raises both by the same amount. In this model SGD therefore never generalizes
better than full-batch gradient descent.
"""

import matplotlib.pyplot as plt
import numpy as np

import sgdtheory as st

curvature, data_variance, learning_rate, batch_size = 1.5, 2.0, 0.4, 4
noise = curvature**2 * data_variance  # covariance of one sample's gradient, over the population


def run_on_many_data_sets(size, rng, data_sets=20_000, steps=40):
    """Run SGD once on each of many data sets; return their gaps and their test losses above the best possible."""
    samples = rng.normal(0, np.sqrt(data_variance), (data_sets, size))
    theta = samples.mean(axis=1)
    rows = np.arange(data_sets)
    for _ in range(steps):
        batch = np.zeros(data_sets)
        for _ in range(batch_size):
            batch += samples[rows, rng.integers(size, size=data_sets)] / batch_size
        theta -= learning_rate * curvature * (theta - batch)
    train = curvature * ((theta[:, None] - samples) ** 2).mean(axis=1) / 2
    test = curvature * (theta**2 + data_variance) / 2
    return test - train, test - curvature * data_variance / 2


def mean_and_error(values):
    """Return the mean over the data sets and its standard error."""
    return values.mean(), values.std(ddof=1) / np.sqrt(len(values))


# %%
# Theory beside numeric, for data sets of five sizes. The excess test loss is half the gap plus the noise floor of SGD
# on a typical data set, whose own gradient covariance is smaller than that of the population by the factor
# :math:`1 - 1/D`.


def theory(size):
    """Return the gap and the excess test loss of SGD."""
    gap = st.generalization_gap(st.Quadratic([[curvature]], [[noise]], dataset_size=size)).gap
    typical = st.Quadratic([[curvature]], [[noise * (1 - 1 / size)]])
    return gap, gap / 2 + st.stationary_law(typical, st.SGD(learning_rate, batch_size)).excess_loss


rng = np.random.default_rng(0)
sizes = [5, 10, 20, 40, 80]
seen = {size: [mean_and_error(values) for values in run_on_many_data_sets(size, rng)] for size in sizes}
for size in sizes:
    for name, expected, (numeric, error) in zip(("gap", "excess test loss"), theory(size), seen[size], strict=True):
        print(f"D = {size:2d}, {name:16}: theory {expected:.4f} | numeric {numeric:.4f} +- {error:.4f}")
        assert abs(numeric - expected) < 5 * error

# %%
# The gap falls as :math:`1/D`; the test loss of SGD does not fall below its noise floor.

fine = range(4, 101)
gap_theory, excess_theory = np.transpose([theory(size) for size in fine])
figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
axes.plot(fine, gap_theory, color="#0b5394", linewidth=2, label="gap, theory")
axes.plot(sizes, [seen[size][0][0] for size in sizes], "o", color="#0b5394", label="gap, numeric")
axes.plot(fine, excess_theory, color="#c2410c", linewidth=2, label="excess test loss of SGD, theory")
axes.plot(sizes, [seen[size][1][0] for size in sizes], "s", color="#c2410c", label="excess test loss of SGD, numeric")
axes.plot(fine, gap_theory / 2, ":", color="#64748b", label="excess test loss of full-batch descent, theory")
axes.set(
    xscale="log", yscale="log", xlabel="samples in the data set, $D$", ylabel="loss", title="test against training"
)
axes.set_xticks(sizes, map(str, sizes))
axes.set_yticks([0.02, 0.05, 0.1, 0.2, 0.5], ["0.02", "0.05", "0.1", "0.2", "0.5"])
axes.minorticks_off()
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False, fontsize="small")
plt.show()
