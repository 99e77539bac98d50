"""
Who leaves a sharp basin, and when
==================================

Does SGD leave a sharp minimum because noise carries it over the barrier, or because the minimum is unstable at its
learning rate and batch size? The two answers differ in how the time to leave scales: an instability grows by a factor
each step, so the time is a *logarithm* of how close to the minimum the run began; a barrier is crossed after a time
that is *exponential* in one over the learning rate.

Here every sample sees two parabolic basins, one flat and one three times as sharp. First all samples agree on where
the minima are, so that there is no gradient noise at them; then they disagree.
"""

import matplotlib.pyplot as plt
import numpy as np

import sgdtheory as st

rng = np.random.default_rng(0)
shape = np.array([0.1, 0.3, 0.5, 0.6, 0.8, 1.0, 1.3, 1.6, 2.3, 3.5])  # curvatures of the samples, mean 1.2
basins = {"flat": (shape, -1.0), "sharp": (3 * shape, 1.0)}
batch_size = 2


def problem_at(basin, spread=0.0):
    """Return the sum of quadratics that the samples form about a minimum; ``spread`` sets how much they disagree."""
    curvatures, place = basins[basin]
    gradients = spread * np.where(np.arange(len(curvatures)) % 2, 1.0, -1.0)
    return st.QuadraticSums(curvatures[:, None, None], (curvatures * place - gradients)[:, None])


def gradient(theta, batch, spread=0.0):
    """Return the mean over each run's batch of the gradient of the lower of a sample's two parabolas."""
    (flat, left), (sharp, right) = basins["flat"], basins["sharp"]
    on_the_left = flat[batch] * (theta - left) ** 2 < sharp[batch] * (theta - right) ** 2
    pull = np.where(on_the_left, flat[batch] * (theta - left), sharp[batch] * (theta - right))
    return (pull + spread * np.where(batch % 2, 1.0, -1.0)).mean(axis=0)


def times_to_leave(basin, learning_rate, distance, steps, spread=0.0, runs=4000):
    """Return for each run the step at which it is outside its basin for the first time; infinite if it never is."""
    place = basins[basin][1]
    theta, times = np.full(runs, place + distance), np.full(runs, np.inf)
    for step in range(1, steps + 1):
        theta = theta - learning_rate * gradient(theta, rng.integers(len(shape), size=(batch_size, runs)), spread)
        left = np.isinf(times) & (np.abs(theta - place) > 1)
        times[left] = step
        theta = np.where(np.isfinite(times), place, theta)
        if np.isfinite(times).all():
            break
    return times


# %%
# The thresholds of both basins. Beyond the first the mean square grows, beyond the second every run.

edges = {
    basin: [st.stability_limit(problem_at(basin), batch_size, kind=kind) for kind in ("mean_square", "almost_sure")]
    for basin in basins
}
for basin, (mean_square, almost_sure) in edges.items():
    print(f"{basin:5} basin: mean square {mean_square:.4f}, almost sure {almost_sure:.4f}")

# %%
# Without noise at the minimum: which share of the runs leaves? Below the almost-sure edge the share falls with the
# distance from which they started, as a power of it, whose exponent is the tail index; beyond, all leave.

figure, (left, middle, right) = plt.subplots(1, 3, figsize=(12, 4), layout="constrained")
colors = {"flat": "#0b5394", "sharp": "#c2410c"}
for basin, (mean_square, almost_sure) in edges.items():
    rates = np.linspace(0.8 * mean_square, 1.15 * almost_sure, 14)
    for distance, mark in ((1e-2, "o"), (1e-5, "s")):
        shares = [np.isfinite(times_to_leave(basin, rate, distance, 2000)).mean() for rate in rates]
        left.plot(rates, shares, mark, ms=4, color=colors[basin], label=f"{basin}, from {distance:g}")
    left.axvline(mean_square, color=colors[basin], ls=":", lw=1)
    left.axvline(almost_sure, color=colors[basin], lw=1)
left.set(xlabel="learning rate", ylabel="share of runs that leave", title="no noise at the minimum")
left.plot([], [], "k:", lw=1, label="mean-square edge")
left.plot([], [], "k-", lw=1, label="almost-sure edge")
left.legend(facecolor="white", edgecolor="none", framealpha=1, fontsize="small", loc="upper center")

between = 0.5 * sum(edges["sharp"])
index = float(st.tail_index(problem_at("sharp"), st.SGD(between, batch_size)))
runs, distances = 40_000, np.array([1e-1, 1e-3])
shares = np.array(
    [np.isfinite(times_to_leave("sharp", between, distance, 300, runs=runs)).mean() for distance in distances]
)  # of those that leave none takes 200 steps
decades = np.log(distances[0] / distances[1])
power, error = np.log(shares[0] / shares[1]) / decades, np.sqrt(((1 - shares) / (shares * runs)).sum()) / decades
print(f"the share as a power of the distance: theory {index:.3f} | numeric {power:.3f} +- {error:.3f}")
assert error < 0.01
assert abs(power - index) < 4 * error

# %%
# When do they leave? Beyond the edge, after a time that is linear in the logarithm of the distance.

beyond = 1.3 * edges["sharp"][1]
distances = np.logspace(-1, -8, 8)
medians = [np.median(times_to_leave("sharp", beyond, distance, 4000)) for distance in distances]
batches = 3 * shape[:, None] / 2 + 3 * shape[None, :] / 2
exponent = np.log(np.abs(1 - beyond * batches)).mean()
slope = np.polyfit(np.log(1 / distances), medians, 1)[0]
print(f"steps for each factor e of the distance: theory {1 / exponent:.2f} | numeric {slope:.2f}")
assert abs(slope * exponent - 1) < 0.1
middle.semilogx(distances, medians, "o", color=colors["sharp"], label="median of the runs")
middle.semilogx(distances, np.log(1 / distances) / exponent, "k-", lw=1, label="log(1/distance) / Lyapunov exponent")
middle.set(xlabel="distance at the start", ylabel="steps until a run leaves", title="instability: a logarithm")
middle.legend(frameon=False, fontsize="small")

# %%
# With noise at the minimum runs leave below every threshold too, after times that are exponential in one over the
# learning rate. Both answers are right, each in its place.

for basin, spread, lowest in (("flat", 1.0, 0.17), ("sharp", 1.8, 0.32)):
    rates = edges[basin][0] * np.array([1.0, 1.15, 1.35, 1.6, 2.0]) * lowest
    means = []
    for rate in rates:
        times = times_to_leave(basin, rate, 0.0, 3000, spread)
        seen = np.isfinite(times)
        means.append(np.where(seen, times, 3000).sum() / max(seen.sum(), 1))
    right.semilogy(1 / rates, means, "o", ms=4, color=colors[basin], label=basin)
    slope, height = np.polyfit(1 / rates, np.log(means), 1)
    right.semilogy(1 / rates, np.exp(slope / rates + height), color=colors[basin], lw=1)
right.set(xlabel="1 / learning rate", ylabel="mean steps until a run leaves", title="noise: an exponential")
right.legend(frameon=False, fontsize="small")
for axes in (left, middle, right):
    axes.spines[["top", "right"]].set_visible(False)
plt.show()
