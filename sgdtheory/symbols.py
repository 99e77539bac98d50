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
