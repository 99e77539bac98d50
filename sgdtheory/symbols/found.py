"""What closed forms give: their left-hand sides."""

from sgdtheory.symbols.quantity import new as _new

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
mean_shift = _new(
    "mean_shift",
    "mean_displacement",
    "stationary mean of the parameter minus the minimum",
    latex=r"\mathbb{E}[\theta]-\theta^{*}",
)

# Streams of Gaussian features.
q = _new("q", "loop_gain", "share of the gradient noise that the parameters' own spread returns", positive=True)
Sigma_ii = _new(
    "Sigma_ii", "mode_variance", "variance of the parameters along mode i", indices="i", rotates=False, positive=True
)
eta_ms = _new(
    "eta_ms",
    "mean_square_stability_limit",
    "learning rate at which the mean square stops converging",
    positive=True,
    latex=r"\eta_{\mathrm{ms}}",
)
rho = _new("rho", "growth_factor", "factor of the mean square at each step, in the long run", positive=True)

# Momentum, averages of the iterates, and what gradients and steps are at stationarity.
V_ij = _new(
    "V_ij", "velocity_covariance", "covariance of the velocity", indices="ij", latex=r"\operatorname{Cov}[v]_{ij}"
)
K_ij = _new(
    "Cov[theta, v]_ij",
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
Sigma_y_ij = _new(
    "Sigma_y_ij",
    "scaled_covariance",
    "covariance of P^(-1/2) theta, for a learning rate eta P",
    indices="ij",
    latex=r"\operatorname{Cov}[P^{-1/2}\theta]_{ij}",
)
Sigma_avg_ij = _new(
    "Sigma_avg_ij",
    "average_covariance",
    "covariance of the average of the iterates",
    indices="ij",
    latex=r"\operatorname{Cov}[\bar\theta]_{ij}",
)
S_ij = _new(
    "sum_k Gamma_ij(k)",
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
Sigma_y_12 = _new(
    "Sigma_y_12",
    "mode_iterate_covariance",
    "covariance of the iterates between the look-ahead points, along two modes",
    latex=r"\operatorname{Cov}[y]_{12}",
)
velocity_variance = _new(
    "velocity_variance",
    "velocity_variance",
    "variance of the velocity, in one dimension",
    nonnegative=True,
    latex=r"\operatorname{Var}[v]",
)
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

# Learning rates that change from step to step.
Sigma_c_ij = _new(
    "Sigma_c_ij",
    "cycle_covariance",
    "covariance of the parameters where a cycle of learning rates ends",
    indices="ij",
    latex=r"\Sigma^{\circ}_{ij}",
)
eta_t = _new(
    "eta_t",
    "greedy_learning_rate",
    "learning rate of the step after t steps that minimises the expected loss after it",
    positive=True,
    latex=r"\eta_{t}",
)

# Stationary laws as approximate posteriors.
excess_variance_i = _new(
    "excess_variance_i",
    "excess_variance",
    "variance along mode i beyond that of the density exp(-L/tau)",
    indices="i",
    rotates=False,
    latex=r"\operatorname{Var}[\theta_i]-\tau/\lambda_i",
)
kl = _new(
    "kl",
    "posterior_divergence",
    "Kullback-Leibler divergence of the stationary law from the posterior",
    nonnegative=True,
    latex=r"\operatorname{KL}",
)
eta_kl = _new(
    "eta_kl",
    "posterior_learning_rate",
    "learning rate at which the stationary law is nearest to the posterior",
    positive=True,
    latex=r"\eta_{\mathrm{KL}}",
)
eta_rkl = _new(
    "eta_rkl",
    "reverse_posterior_learning_rate",
    "learning rate at which the divergence of the posterior from the stationary law is smallest",
    positive=True,
    latex=r"\eta_{\mathrm{KL}^{*}}",
)
P_i = _new(
    "P_i",
    "posterior_preconditioner",
    "preconditioner along mode i with which the stationary law is the posterior",
    indices="i",
    rotates=False,
    positive=True,
)
eta_mean = _new(
    "eta_mean",
    "mean_learning_rate",
    "learning rate of the heavy ball that the mean follows",
    positive=True,
    latex=r"\eta_{\mathrm{mean}}",
)
