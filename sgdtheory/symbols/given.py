"""What closed forms are made of: knobs, problems, samples, points."""

from sgdtheory.symbols.quantity import new as _new

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
v = _new("v", "curvature_spread", "variance of the samples' curvatures", nonnegative=True)
kappa = _new("kappa", "curvature_gradient", "mean of a sample's curvature times its gradient at the minimum")

# Shuffled epochs.
r = _new("r", "phase", "batches since the epoch began", integer=True, nonnegative=True)

# Streams of Gaussian features.
sigma_y2 = _new(
    "sigma_y2",
    "noise_variance",
    "variance of the targets' noise about the best linear prediction",
    positive=True,
    latex=r"\sigma_{y}^{2}",
)
d = _new("d", "dimension", "number of parameters", integer=True, positive=True)
trH = _new("trH", "curvature_trace", "sum of the curvatures, tr H", positive=True, latex=r"\operatorname{tr}H")
trH2 = _new(
    "trH2",
    "squared_curvature_trace",
    "sum of the squared curvatures, tr(H^2)",
    positive=True,
    latex=r"\operatorname{tr}(H^{2})",
)
L_0 = _new("L_0", "initial_excess_loss", "loss at the start minus its minimum", nonnegative=True)
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

# Learning rates that change from step to step.
eta_1 = _new("eta_1", "first_learning_rate", "learning rate of the first step of a cycle", positive=True)
eta_2 = _new("eta_2", "second_learning_rate", "learning rate of the second step of a cycle", positive=True)
eta_t = _new("eta_t", "last_learning_rate", "learning rate b/t of the last of the steps b/1, ..., b/t", positive=True)
b = _new("b", "rate_constant", "number of the learning rates b/1, b/2, b/3, ...", positive=True)

# Stationary laws as approximate posteriors.
tau = _new("tau", "temperature", "temperature of the injected noise; of a posterior one over D", positive=True)
E_ij = _new(
    "E_ij",
    "injected_noise",
    "entry of the covariance of the injected noise xi, the identity if isotropic",
    indices="ij",
)
E_ii = _new(
    "E_ii", "injected_noise", "diagonal entry of the injected noise's covariance", indices="ii", nonnegative=True
)
trCP = _new(
    "trCP",
    "preconditioned_noise_trace",
    "trace of the preconditioner times the per-sample gradient covariance, tr(CP)",
    positive=True,
    latex=r"\operatorname{tr}(CP)",
)
lambda_P = _new(
    "lambda_P",
    "preconditioned_curvature",
    "largest eigenvalue of the preconditioner times the Hessian, PH",
    positive=True,
    latex=r"\lambda_{P}",
)
trC_inv = _new(
    "trC_inv",
    "inverse_noise_trace",
    "trace of the inverse of the per-sample gradient covariance, tr(C^-1)",
    positive=True,
    latex=r"\operatorname{tr}(C^{-1})",
)
trC = _new(
    "trC",
    "noise_trace",
    "sum of the variances of one sample's gradient at the minimum, tr C",
    positive=True,
    latex=r"\operatorname{tr}C",
)
R_12 = _new(
    "R_12",
    "squared_noise_correlation",
    "squared correlation of the gradient noise along two modes",
    positive=True,
)

# Gradients that are taken at old parameters.
tau_d = _new(
    "tau_d",
    "delay",
    "delay: the gradient is taken at the parameters of so many steps ago",
    integer=True,
    nonnegative=True,
)
W = _new("W", "workers", "workers that hand in gradients, each as often as the others", integer=True, positive=True)
