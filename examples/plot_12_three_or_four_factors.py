r"""
Three factors or four
=====================

Is the noise floor of SGD set by three factors, learning rate, batch size and Hessian, or is the gradient covariance a
fourth? Left: four, and the three-factor rule :math:`\frac{\eta}{4m}\operatorname{tr} H` is right where the covariance
has the Hessian's trace. Right: at equal :math:`\eta/m` loss curves over :math:`\eta \times` steps, and so over epochs,
nearly coincide, and part as the learning rate grows.
"""

import matplotlib.pyplot as plt
import numpy as np

import sgdtheory as st

turn = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
curvatures = np.array([0.25, 0.75, 2.0])
H = np.diag(curvatures)
noises = {"C = H": H, "C = H, turned": turn @ H @ turn.T, "C = 3 H, turned": 3 * turn @ H @ turn.T}
rates, batch_size = (0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8), 2
replicas = 20_000


def floor(noise, learning_rate, limit=None):
    """Return the stationary excess loss."""
    return st.stationary_law(st.Quadratic(H, noise), st.SGD(learning_rate, batch_size), limit=limit).excess_loss


# %%
# Theory beside numeric. The three-factor rule is the four-factor rule of a problem with :math:`C = H`.

measured, errors = {}, {}
for name, noise in noises.items():
    for eta in rates:
        steps = int(np.ceil(12 / (eta * curvatures[0])))  # what is left of the start is below one part in ten million
        run = st.simulate(st.Quadratic(H, noise), st.SGD(eta, batch_size), steps, replicas, seed=len(measured))
        measured[name, eta], errors[name, eta] = run.excess_loss, run.excess_loss_standard_error
        three, four, exact = floor(H, eta, "diffusion"), floor(noise, eta, "diffusion"), floor(noise, eta)
        print(
            f"{name:16} eta/m {eta / batch_size:.3f}: three factors {three:.4f}, four {four:.4f},"
            f" theory {exact:.4f} | numeric {run.excess_loss:.4f} +- {run.excess_loss_standard_error:.4f}"
        )
        assert abs(run.excess_loss - exact) < 5 * run.excess_loss_standard_error

# %%
# At equal ratio: 20 units of time, by small steps with small batches or by large steps with large ones.

problem, start = st.Quadratic(H, noises["C = 3 H, turned"]), np.array([1.0, 1.0, 1.0])
curves = {}
for eta, m in ((0.05, 1), (0.2, 4), (0.8, 16)):
    steps = np.unique(np.geomspace(1, 20 / eta, 40).astype(int))
    laws = [st.transient_law(problem, st.SGD(eta, m), start, int(count)) for count in steps]
    curves[eta, m] = eta * steps, np.array([law.excess_loss for law in laws])
    run = st.simulate(problem, st.SGD(eta, m), int(steps[-1]), replicas, start=start, seed=1)
    print(
        f"eta {eta}, m {m}: after {steps[-1]} steps theory {laws[-1].excess_loss:.4f} | numeric {run.excess_loss:.4f}"
        f" +- {run.excess_loss_standard_error:.4f}"
    )
    assert abs(run.excess_loss - laws[-1].excess_loss) < 5 * run.excess_loss_standard_error

# %%
# Both in a picture.

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
ratios, fine = np.array(rates) / batch_size, np.linspace(0.02, 0.86, 100)
left.plot(
    fine / batch_size, [floor(H, eta, "diffusion") for eta in fine], color="#cbd5e1", linewidth=6, label="three factors"
)
for (name, noise), color, mark in zip(noises.items(), ("#334155", "#0b5394", "#c2410c"), "osD", strict=True):
    left.plot(fine / batch_size, [floor(noise, eta) for eta in fine], color=color, linewidth=1.5)
    left.plot(fine / batch_size, [floor(noise, eta, "diffusion") for eta in fine], "--", color=color, linewidth=1)
    points, bars = [measured[name, eta] for eta in rates], [2 * errors[name, eta] for eta in rates]
    left.errorbar(ratios, points, bars, fmt=mark, color=color, markersize=5, label=f"simulated, {name}")
left.plot([], [], "--", color="#94a3b8", label="four factors")
left.plot([], [], color="#94a3b8", label="exact law, m = 2")
left.set(
    yscale="log",
    xlabel=r"learning rate over batch size, $\eta/m$",
    ylabel="stationary excess loss",
    title="the noise floor",
)
left.legend(frameon=False, fontsize="small")
for ((eta, m), (times, losses)), color in zip(curves.items(), ("#0b5394", "#7c9cc4", "#c2410c"), strict=True):
    right.plot(times, losses, color=color, label=rf"$\eta$ = {eta}, m = {m}")
right.set(
    xscale="log",
    yscale="log",
    xlabel=r"$\eta \times$ steps",
    ylabel="expected excess loss",
    title=r"equal $\eta/m$: one curve while $\eta$ is small",
)
right.legend(frameon=False, fontsize="small")
for axes in (left, right):
    axes.spines[["top", "right"]].set_visible(False)
plt.show()
