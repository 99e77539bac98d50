"""The glossary: every symbol of the library, made once, with its assumptions, public word and meaning.

Index conventions. A formula is written for one pair of modes ``i, j`` of the Hessian (or one mode ``i``).
A symbol's ``indices`` say which: ``curvature`` is a vector over modes, so ``lambda_i`` and ``lambda_j`` are
its entries ``i`` and ``j``; ``C_ij`` is an entry of the noise covariance *in the eigenbasis*. An index that
stands on the right-hand side only is summed over (Einstein's rule).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import sympy as sp


@dataclass(frozen=True)
class Quantity:
    """One entry of the glossary.

    Attributes
    ----------
    symbol
        The SymPy symbol.
    word
        The public keyword, spelled out.
    meaning
        One phrase for a reader.
    indices
        ``""`` for a scalar, ``"i"``, ``"j"``, ``"ij"`` or ``"ii"`` for an entry of a vector or matrix.
    rotates
        Whether the vector or matrix lives in parameter space and turns with the basis;
        eigenvalues and times per mode do not.
    latex
        How it is typeset.
    """

    symbol: sp.Symbol
    word: str
    meaning: str
    indices: str
    rotates: bool
    latex: str


_GLOSSARY: dict[sp.Symbol, Quantity] = {}


def _new(
    name: str, word: str, meaning: str, *, indices: str = "", rotates: bool = True, latex: str = "", **assumptions: bool
) -> sp.Symbol:
    symbol = sp.Symbol(name, **(assumptions or {"real": True}))
    typeset = latex or sp.latex(sp.Symbol(name))
    _GLOSSARY[symbol] = Quantity(symbol, word, meaning, indices, rotates, typeset)
    return symbol


# The knobs of the optimizer.
eta = _new("eta", "learning_rate", "learning rate", positive=True)
m = _new("m", "batch_size", "batch size, samples per step", positive=True)
D = _new("D", "dataset_size", "samples in the data set", positive=True)
mu = _new("mu", "momentum", "momentum of the velocity", nonnegative=True)
p = _new("p", "batch_share", "covariance of a batch's gradient over that of one sample's", positive=True)
M = _new("M", "batches_per_epoch", "batches in a shuffled epoch", integer=True, positive=True)
t = _new("t", "steps", "number of steps", integer=True, nonnegative=True)
k = _new("k", "lag", "number of steps between two looks at the same run", integer=True, nonnegative=True)

# The problem, in the eigenbasis of its Hessian.
lambda_i = _new("lambda_i", "curvature", "eigenvalue i of the Hessian", indices="i", rotates=False, positive=True)
lambda_j = _new("lambda_j", "curvature", "eigenvalue j of the Hessian", indices="j", rotates=False, positive=True)
C_ij = _new("C_ij", "noise", "entry of the per-sample gradient covariance at the minimum", indices="ij")
C_ii = _new("C_ii", "noise", "diagonal entry of the per-sample gradient covariance", indices="ii", nonnegative=True)
C_jj = _new("C_jj", "noise", "diagonal entry of the per-sample gradient covariance", indices="jj", nonnegative=True)
delta_i = _new("delta_i", "displacement", "start minus minimum along mode i", indices="i")
delta_j = _new("delta_j", "displacement", "start minus minimum along mode j", indices="j")

# The problem in one dimension.
lambda_ = _new("lambda", "curvature", "curvature of the loss in one dimension", positive=True)
lambda_max = _new(
    "lambda_max", "largest_curvature", "largest eigenvalue of the Hessian", positive=True, latex=r"\lambda_{\max}"
)
delta = _new("delta", "displacement", "parameter minus minimum in one dimension", nonzero=True, real=True)
sigma2 = _new(
    "sigma2",
    "data_variance",
    "variance of the data: of the per-sample optima, in parameter units",
    positive=True,
    latex=r"\sigma^{2}",
)
s2 = _new(
    "s2", "sample_variance", "unbiased variance of the D data points (divisor D - 1)", positive=True, latex="s^{2}"
)

# Invariants of one point theta, and what a step costs.
g2 = _new(
    "g2",
    "gradient_norm_squared",
    "squared norm of the full gradient at the point, g'g",
    positive=True,
    latex=r"\|g\|^{2}",
)
gHg = _new("gHg", "gradient_curvature", "curvature along the full gradient, g'Hg", positive=True, latex=r"g^{\top}\!Hg")
trHC = _new(
    "trHC",
    "noise_curvature",
    "curvature-weighted gradient noise, tr(HC)",
    positive=True,
    latex=r"\operatorname{tr}(HC)",
)
c0 = _new("c0", "cost_per_step", "cost of a step, whatever its batch", positive=True)
c1 = _new("c1", "cost_per_sample", "cost of one sample in the batch", positive=True)

# Samples that differ in their curvature, in one dimension, along two modes, and bounds over all directions.
c = _new("c", "noise", "variance of the samples' gradients at the minimum, in one dimension", nonnegative=True)
h_3 = _new(
    "h_3",
    "curvature_third_moment",
    "third central moment of the samples' curvatures",
    latex=r"\overline{(h_k-\lambda)^{3}}",
)
lambda_1 = _new("lambda_1", "first_curvature", "curvature along the first of two modes", positive=True)
lambda_2 = _new("lambda_2", "second_curvature", "curvature along the second of two modes", positive=True)
v_12 = _new("v_12", "curvature_covariance", "covariance over the samples of their curvatures along two modes")
c_12 = _new("c_12", "gradient_covariance", "covariance over the samples of their gradients along two modes")
lambda_min = _new(
    "lambda_min", "smallest_curvature", "smallest eigenvalue of the Hessian", positive=True, latex=r"\lambda_{\min}"
)
t_Q = _new("t_Q", "largest_variability", "largest eigenvalue of mean (H_k - H)^2 over the samples", nonnegative=True)
s_Q = _new("s_Q", "smallest_variability", "smallest eigenvalue of mean (H_k - H)^2 over the samples", nonnegative=True)

# Left-hand sides: what the closed forms give.
Sigma_ij = _new("Sigma_ij", "covariance", "covariance of the parameters", indices="ij")
Sigma_t_ij = _new(
    "Sigma_t_ij", "covariance", "covariance of the parameters after t steps", indices="ij", latex=r"\Sigma_{ij}(t)"
)
Gamma_ij = _new(
    "Gamma_ij", "autocovariance", "covariance of theta_(t+k) with theta_t", indices="ij", latex=r"\Gamma_{ij}(k)"
)
mean_i = _new(
    "mean_i",
    "mean_displacement",
    "mean of the parameters minus the minimum",
    indices="i",
    latex=r"\mathbb{E}[\theta_i(t)]-\theta^{*}_i",
)
excess_loss = _new(
    "excess_loss", "excess_loss", "expected loss minus its minimum", latex=r"\mathbb{E}[L]-L^{*}", nonnegative=True
)
gradient_norm = _new(
    "gradient_norm",
    "expected_gradient_norm_squared",
    "expected squared norm of the full gradient",
    latex=r"\mathbb{E}\|\nabla L\|^{2}",
    nonnegative=True,
)
tau_i = _new(
    "tau_i",
    "relaxation_time",
    "steps in which the mean along mode i falls by a factor e",
    indices="i",
    rotates=False,
    positive=True,
)
batch_noise_ij = _new(
    "batch_noise_ij",
    "batch_gradient_covariance",
    "covariance of the mini-batch gradient",
    indices="ij",
    latex=r"\operatorname{Cov}[g_B]_{ij}",
)
eta_max = _new(
    "eta_max",
    "stability_limit",
    "learning rate at which the mean stops converging",
    positive=True,
    latex=r"\eta_{\max}",
)
eta_star = _new(
    "eta_star",
    "optimal_learning_rate",
    "learning rate that minimises the expected loss after one step",
    positive=True,
    latex=r"\eta^{*}",
)
decrease = _new(
    "decrease",
    "expected_decrease",
    "expected decrease of the loss in one step at the best rate",
    positive=True,
    latex=r"\mathbb{E}[\Delta L]^{*}",
)
m_star = _new(
    "m_star",
    "optimal_batch_size",
    "batch size with the largest expected decrease per cost",
    positive=True,
    latex="m^{*}",
)
variance = _new(
    "variance", "variance", "variance of the parameter", nonnegative=True, latex=r"\operatorname{Var}[\theta]"
)
gap = _new(
    "gap",
    "generalization_gap",
    "expected test loss minus expected training loss",
    latex=r"\mathbb{E}[L_{\mathrm{test}}-L_{\mathrm{train}}]",
)
excess_test = _new(
    "excess_test",
    "excess_test_loss",
    "expected test loss minus that of the true optimum",
    latex=r"\mathbb{E}[L_{\mathrm{test}}]-L_{\mathrm{test}}^{*}",
)
penalty = _new(
    "penalty",
    "test_loss_penalty",
    "expected test loss of SGD minus that of batch gradient descent",
    latex=r"\mathbb{E}[L_{\mathrm{test}}^{\mathrm{SGD}}-L_{\mathrm{test}}^{\mathrm{batch}}]",
)

# Shuffled epochs.
r = _new("r", "phase", "batches since the epoch began", integer=True, nonnegative=True)
Sigma_r_ij = _new(
    "Sigma_r_ij",
    "covariance",
    "covariance of the parameters after r batches of an epoch",
    indices="ij",
    latex=r"\Sigma_{ij}(r)",
)
Sigma_bar_ij = _new(
    "Sigma_bar_ij",
    "covariance",
    "covariance of the parameters, averaged over the steps of an epoch",
    indices="ij",
    latex=r"\bar\Sigma_{ij}",
)
rho_i = _new(
    "rho_i",
    "variance_ratio",
    "variance along mode i over that with fresh batches of the same size",
    indices="i",
    rotates=False,
    nonnegative=True,
)

# Samples that differ in curvature, in one dimension.
v = _new("v", "curvature_spread", "variance of the samples' curvatures", nonnegative=True)
kappa = _new("kappa", "curvature_gradient", "mean of a sample's curvature times its gradient at the minimum")
mean_shift = _new(
    "mean_shift",
    "mean_displacement",
    "stationary mean of the parameter minus the minimum",
    latex=r"\mathbb{E}[\theta]-\theta^{*}",
)

# Streams of Gaussian features.
sigma_y2 = _new(
    "sigma_y2",
    "noise_variance",
    "variance of the targets' noise about the best linear prediction",
    positive=True,
    latex=r"\sigma_{y}^{2}",
)
d = _new("d", "dimension", "number of parameters", integer=True, positive=True)
q = _new("q", "loop_gain", "share of the gradient noise that the parameters' own spread returns", positive=True)
Sigma_ii = _new(
    "Sigma_ii", "mode_variance", "variance of the parameters along mode i", indices="i", rotates=False, positive=True
)
trH = _new("trH", "curvature_trace", "sum of the curvatures, tr H", positive=True, latex=r"\operatorname{tr}H")
trH2 = _new(
    "trH2",
    "squared_curvature_trace",
    "sum of the squared curvatures, tr(H^2)",
    positive=True,
    latex=r"\operatorname{tr}(H^{2})",
)
L_0 = _new("L_0", "initial_excess_loss", "loss at the start minus its minimum", nonnegative=True)
eta_ms = _new(
    "eta_ms",
    "mean_square_stability_limit",
    "learning rate at which the mean square stops converging",
    positive=True,
    latex=r"\eta_{\mathrm{ms}}",
)
rho = _new("rho", "growth_factor", "factor of the mean square at each step, in the long run", positive=True)
a = _new(
    "a",
    "gain",
    "variance at the point of the gradient over eta^2 times that of the gradient noise",
    positive=True,
)

# Momentum, averages of the iterates, and what gradients and steps are at stationarity.
gamma = _new("gamma", "damping", "one minus the momentum", positive=True, latex=r"\gamma")
alpha = _new("alpha", "averaging_weight", "weight of the newest iterate in an exponential average", positive=True)
T = _new("T", "window", "number of iterates in an average", integer=True, positive=True)
V_ij = _new(
    "V_ij", "velocity_covariance", "covariance of the velocity", indices="ij", latex=r"\operatorname{Cov}[v]_{ij}"
)
K_ij = _new(
    "K_ij",
    "position_velocity_covariance",
    "covariance of the parameters with the velocity that led to them",
    indices="ij",
    latex=r"\operatorname{Cov}[\theta,v]_{ij}",
)
Gamma_1_ij = _new(
    "Gamma_1_ij",
    "lag_one_autocovariance",
    "covariance of theta_(t+1) with theta_t",
    indices="ij",
    latex=r"\Gamma_{ij}(1)",
)
Sigma_x_ij = _new(
    "Sigma_x_ij",
    "iterate_covariance",
    "covariance of the iterates between the look-ahead points",
    indices="ij",
    latex=r"\operatorname{Cov}[x]_{ij}",
)
Sigma_avg_ij = _new(
    "Sigma_avg_ij",
    "average_covariance",
    "covariance of the average of the iterates",
    indices="ij",
    latex=r"\operatorname{Cov}[\bar\theta]_{ij}",
)
S_ij = _new(
    "S_ij",
    "long_run_covariance",
    "sum of the autocovariances over all lags, negative ones too",
    indices="ij",
    latex=r"\sum_{k=-\infty}^{\infty}\Gamma_{ij}(k)",
)
average_excess_loss = _new(
    "average_excess_loss",
    "average_excess_loss",
    "expected loss at the average of the iterates minus its minimum",
    latex=r"\mathbb{E}[L(\bar\theta)]-L^{*}",
    nonnegative=True,
)
tau_int_i = _new(
    "tau_int_i",
    "autocorrelation_time",
    "iterates along mode i that tell as much as one independent one",
    indices="i",
    rotates=False,
    positive=True,
    latex=r"\tau^{\mathrm{int}}_{i}",
)
batch_gradient_norm = _new(
    "batch_gradient_norm",
    "expected_batch_gradient_norm_squared",
    "expected squared norm of the mini-batch gradient",
    latex=r"\mathbb{E}\|g_B\|^{2}",
    nonnegative=True,
)
batch_gradient_curvature = _new(
    "batch_gradient_curvature",
    "expected_batch_gradient_curvature",
    "expected curvature along the mini-batch gradient",
    latex=r"\mathbb{E}[g_B^{\top}Hg_B]",
    nonnegative=True,
)
squared_step = _new(
    "squared_step",
    "expected_squared_step",
    "expected squared length of a step",
    latex=r"\mathbb{E}\|\theta'-\theta\|^{2}",
    nonnegative=True,
)
successive_gradients = _new(
    "successive_gradients",
    "successive_gradients_product",
    "expected product of a mini-batch gradient with the next one",
    latex=r"\mathbb{E}[g_B(t)^{\top}g_B(t+1)]",
)
first_ratio = _new(
    "first_ratio",
    "first_fluctuation_dissipation_ratio",
    "squared mini-batch gradient over the gradient's pull towards the minimum",
    latex=r"\frac{\mathbb{E}\|g_B\|^{2}}{\mathbb{E}[(\theta-\theta^{*})^{\top}\nabla L]}",
)
first_step_ratio = _new(
    "first_step_ratio",
    "first_fluctuation_dissipation_ratio_of_steps",
    "squared step over the gradient's pull towards the minimum",
    latex=r"\frac{\mathbb{E}\|\theta'-\theta\|^{2}}{\mathbb{E}[(\theta-\theta^{*})^{\top}\nabla L]}",
)
second_ratio = _new(
    "second_ratio",
    "second_fluctuation_dissipation_ratio",
    "curvature along the mini-batch gradient over the squared full gradient",
    latex=r"\frac{\mathbb{E}[g_B^{\top}Hg_B]}{\mathbb{E}\|\nabla L\|^{2}}",
)
second_step_ratio = _new(
    "second_step_ratio",
    "second_fluctuation_dissipation_ratio_of_steps",
    "curvature along a step over the squared full gradient",
    latex=r"\frac{\mathbb{E}[(\theta'-\theta)^{\top}H(\theta'-\theta)]}{\mathbb{E}\|\nabla L\|^{2}}",
)

Sigma_12 = _new("Sigma_12", "mode_covariance", "covariance of the parameters along two modes", latex=r"\Sigma_{12}")
mean_x = _new(
    "mean_x",
    "mean_displacement",
    "mean of the parameter minus the minimum, in one dimension",
    latex=r"\mathbb{E}[\theta(t)]-\theta^{*}",
)
second_moment = _new(
    "second_moment",
    "second_moment",
    "mean squared distance of the parameter from the minimum",
    nonnegative=True,
    latex=r"\mathbb{E}[(\theta(t)-\theta^{*})^{2}]",
)
batch_noise = _new(
    "batch_noise",
    "batch_gradient_variance",
    "variance of the mini-batch gradient at a point",
    nonnegative=True,
    latex=r"\operatorname{Var}[g_B]",
)
v_max = _new(
    "v_max",
    "largest_curvature_spread",
    "variance of the samples' curvatures up to which the mean square converges",
    positive=True,
    latex=r"v_{\max}",
)

glossary: Mapping[sp.Symbol, Quantity] = MappingProxyType(_GLOSSARY)


def words(*symbols: sp.Symbol) -> Mapping[str, tuple[sp.Symbol, ...]]:
    """Return public word -> glossary symbols, for the parameters of a closed form.

    Examples
    --------
    >>> words(eta, lambda_i, lambda_j)["curvature"]
    (lambda_i, lambda_j)
    """
    found: dict[str, tuple[sp.Symbol, ...]] = {}
    for symbol in symbols:
        word = glossary[symbol].word
        found[word] = (*found.get(word, ()), symbol)
    return MappingProxyType(found)
