r"""
Exact law against diffusion limit
=================================

Along a mode of curvature :math:`\lambda` the diffusion limit is low by the factor :math:`1 - \eta\lambda/2`. The exact
law follows the simulation up to the edge of stability at :math:`\eta\lambda = 2`, where the variance diverges.
"""

import matplotlib.pyplot as plt
import numpy as np

import sgdtheory as st

curvature, batch_size, replicas = 2.0, 4, 40_000
problem = st.Quadratic([[curvature]], [[3.0]])
rates = np.array([0.05, 0.15, 0.3, 0.45, 0.6, 0.75, 0.85, 0.92])

# %%
# Theory beside numeric, at eight learning rates. A Gaussian sample variance has the relative error
# :math:`\sqrt{2/n}`.

relative_error = np.sqrt(2 / (replicas - 1))
exact, diffusion, numeric = [], [], []
for seed, rate in enumerate(rates):
    optimizer = st.SGD(rate, batch_size)
    exact.append(st.stationary_law(problem, optimizer).covariance[0, 0])
    diffusion.append(st.stationary_law(problem, optimizer, limit="diffusion").covariance[0, 0])
    run = st.simulate(problem, optimizer, steps=150, replicas=replicas, seed=seed)
    numeric.append(run.covariance[0, 0])
    print(
        f"learning rate {rate:.2f}: theory {exact[-1]:.4f} | numeric {numeric[-1]:.4f}"
        f" +- {relative_error * exact[-1]:.4f} | diffusion limit {diffusion[-1]:.4f}"
    )
    assert abs(numeric[-1] / exact[-1] - 1) < 5 * relative_error

# %%
# The ratio of the two laws is the factor :math:`1 - \eta\lambda/2`.

ratio = np.array(diffusion) / exact
assert np.allclose(ratio, 1 - rates * curvature / 2)

fine = np.linspace(0.01, 0.97, 200)
laws = {
    limit: [st.stationary_law(problem, st.SGD(rate, batch_size), limit=limit).covariance[0, 0] for rate in fine]
    for limit in (None, "diffusion")
}
figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
axes.plot(fine * curvature, laws[None], color="#0b5394", linewidth=2, label="exact law")
axes.plot(fine * curvature, laws["diffusion"], "--", color="#c2410c", label="diffusion limit")
axes.plot(rates * curvature, numeric, "o", color="#334155", label="simulated")
axes.axvline(2, color="#94a3b8", linewidth=1)
axes.annotate("edge of stability", (2, 0.2), xytext=(-6, 0), textcoords="offset points", ha="right", color="#64748b")
axes.set(
    yscale="log",
    xlabel=r"learning rate $\times$ curvature, $\eta\lambda$",
    ylabel="stationary variance",
    title="where the diffusion limit ends",
)
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False)
plt.show()
