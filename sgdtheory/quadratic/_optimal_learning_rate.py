"""Learning rate that minimises the expected loss after one step, in any dimension.

Reads as: the Newton rate along the gradient, g'g/g'Hg, shrunk by the noise that the batch leaves.

Fails when: the curvature changes along the step, or g, H and C are estimated from the batch that is then used. The
best single step is not the best beginning of many.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.additive_noise import additive_noise, point_with_invariants
from sgdtheory.processes.next_step import BestNextRate
from sgdtheory.symbols import eta_star, g2, gHg, m, trHC, words

optimal_learning_rate = ClosedForm(
    name="quadratic.optimal_learning_rate",
    title="best learning rate for the next step",
    kind=Kind.EXACT,
    symbol=eta_star,
    value=g2 / (gHg + trHC / m),
    parameters=words(g2, gHg, trHC, m),
    domain=(g2 > 0, gHg > 0, trHC >= 0, m > 0),
    assumptions=(
        "the full gradient g, the Hessian H and the gradient covariance C at the present point are known",
        "greedy: it looks one step ahead",
    ),
    process=additive_noise,
    observable=BestNextRate(),
    points=(
        point_with_invariants(
            curvature=("1/2", "9/5"), noise=((2, "6/5"), ("6/5", "3/2")), displacement=(3, -2), batch_size=4
        ),
        point_with_invariants(
            curvature=("2/5", 2), noise=((1, "-3/4"), ("-3/4", "4/5")), displacement=(-1, "3/4"), batch_size=3
        ),
    ),
    sources=(
        Source("schaul2013", "eq. (6)", "separable: g_i = h_i (theta_i - theta*_i), C_ii = h_i^2 sigma_i^2, m = 1"),
        Source(
            "mccandlish2018",
            "the optimal step size at batch size B",
            "eta_opt = eta_max / (1 + B_noise / B), B_noise = tr(HC) / g'Hg",
        ),
    ),
)
