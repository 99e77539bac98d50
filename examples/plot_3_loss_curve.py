"""
The whole loss curve
====================

From a start far away the expected loss first falls along each mode at its own speed, then settles on the noise floor.
``transient_law`` gives the expected loss after any number of steps. A single run shows how far it strays from the
mean.
"""

import matplotlib.pyplot as plt
import numpy as np

import sgdtheory as st

problem = st.Quadratic(np.diag([2.0, 0.2, 0.02]), np.diag([1.0, 0.5, 0.2]))
optimizer = st.SGD(learning_rate=0.3, batch_size=4)
start, steps = np.array([3.0, 3.0, 3.0]), 1500
run = st.simulate(problem, optimizer, steps=steps, replicas=4000, start=start)

# %%
# Theory beside numeric at a few of the steps that the run has recorded.

for place in np.searchsorted(run.curve_steps, (1, 10, 100, 500, steps)):
    step = int(run.curve_steps[place])
    theory = st.transient_law(problem, optimizer, start, step).excess_loss
    numeric, error = run.curve_loss[place], run.curve_standard_error[place]
    print(f"after {step:4d} steps: theory {theory:8.5f} | numeric {numeric:8.5f} +- {error:.5f}")
    assert abs(numeric - theory) < 5 * error

# %%
# The curve, and what it settles on.

floor = st.stationary_law(problem, optimizer).excess_loss
shown = run.curve_steps[1:]
curve = [st.transient_law(problem, optimizer, start, int(step)).excess_loss for step in shown]

rng = np.random.default_rng(1)
theta, single = start, []
for _ in range(steps):
    gradient = problem.hessian @ theta + rng.standard_normal(3) * np.sqrt(problem.noise.diagonal() / 4)
    theta = theta - optimizer.learning_rate * gradient
    single.append(problem.loss(theta))

figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
axes.plot(np.arange(1, steps + 1), single, color="#cbd5e1", linewidth=0.7, label="a single run")
axes.plot(shown, run.curve_loss[1:], color="#c2410c", linewidth=3, alpha=0.5, label="mean of 4000 runs")
axes.plot(shown, curve, "--", color="#0b5394", linewidth=1.5, label="theory")
axes.axhline(floor, color="#64748b", linestyle=":", label="noise floor")
axes.set(
    xscale="log",
    yscale="log",
    ylim=(2e-3, 5),
    xlabel="step",
    ylabel="loss above its minimum",
    title="three modes, three speeds",
)
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False)
plt.show()
