"""What stochastic differential equations, saddles and currents add to the glossary."""

from sgdtheory.symbols.quantity import new as _new

# Stationary currents.
C_11 = _new("C_11", "first_noise", "variance of one sample's gradient along the first of two modes", positive=True)
C_22 = _new("C_22", "second_noise", "variance of one sample's gradient along the second of two modes", positive=True)
Q_ij = _new(
    "Q_ij",
    "circulation",
    "antisymmetric matrix (m/eta)(H Sigma - Sigma H) of the stationary current",
    indices="ij",
)
A_ij = _new(
    "A_ij",
    "lag_one_antisymmetry",
    "covariance of theta_(t+1) with theta_t, less its transpose",
    indices="ij",
    latex=r"\Gamma_{ij}(1)-\Gamma_{ji}(1)",
)
e_p = _new(
    "e_p",
    "entropy_production",
    "divergence, in nats a step, of the stationary run from its time reversal",
    nonnegative=True,
)
omega = _new(
    "omega",
    "orbit_frequency",
    "radians a step at which the stationary mean motion turns about the minimum",
    nonnegative=True,
    latex=r"\omega",
)
det_Sigma = _new(
    "det_Sigma",
    "covariance_determinant",
    "determinant of the covariance of the parameters along two modes",
    nonnegative=True,
    latex=r"\det\Sigma",
)
msd = _new(
    "msd",
    "mean_squared_displacement",
    "expected squared distance between the stationary run and itself k steps later",
    nonnegative=True,
    latex=r"\mathbb{E}\|\theta_{t+k}-\theta_t\|^{2}",
)

# Saddle points. Curvatures of either sign stand where the Hessian's eigenvalues do.
h_i = _new("h_i", "curvature", "eigenvalue i of the Hessian, of either sign", indices="i", rotates=False)
h_j = _new("h_j", "curvature", "eigenvalue j of the Hessian, of either sign", indices="j", rotates=False)
gamma_u = _new(
    "gamma_u",
    "instability",
    "size of the negative curvature along an unstable direction",
    positive=True,
    latex=r"\gamma_{u}",
)
c_u = _new("c_u", "noise", "variance of one sample's gradient along the unstable direction", nonnegative=True)
c_iso = _new(
    "c_iso",
    "isotropic_noise",
    "variance of one sample's gradient along every direction",
    nonnegative=True,
    latex=r"c_{\mathrm{iso}}",
)
lambda_s = _new("lambda_s", "stable_curvature", "curvature along a stable direction", positive=True)
delta_u = _new("delta_u", "displacement", "start minus saddle point along the unstable direction")
R = _new("R", "radius", "distance from where it starts beyond which a run counts as away", positive=True)
s_0 = _new("s_0", "start_deviation", "standard deviation of a Gaussian start about the saddle point", positive=True)
square_t = _new(
    "square_t",
    "mean_square",
    "expected squared distance from the saddle point along the unstable direction",
    nonnegative=True,
    latex=r"\mathbb{E}[x_t^{2}]",
)
loss_decrease = _new(
    "loss_decrease",
    "expected_loss_decrease",
    "loss at the start minus the expected loss after t steps",
    latex=r"L(\theta_0)-\mathbb{E}[L(\theta_t)]",
)
t_away = _new(
    "t_away",
    "mean_square_escape_time",
    "steps in which the mean square along the unstable direction grows to the square of the radius",
    positive=True,
    latex=r"t_{\mathrm{rms}}",
)
t_exit = _new(
    "t_exit",
    "mean_exit_time",
    "mean number of steps after which a run from the saddle point first reaches the radius",
    positive=True,
    latex=r"\mathbb{E}[t_{\mathrm{exit}}]",
)
deviation_t_exit = _new(
    "deviation_t_exit",
    "exit_time_deviation",
    "standard deviation of the number of steps after which a run from the saddle point first reaches the radius",
    positive=True,
    latex=r"\operatorname{sd}[t_{\mathrm{exit}}]",
)
log_t_out = _new(
    "log_t_out",
    "log_escape_time",
    "logarithm of the mean number of steps after which a run from the minimum first reaches the radius",
    latex=r"\log\mathbb{E}[t_{\mathrm{exit}}]",
)
P_stay = _new(
    "P_stay",
    "stay_probability",
    "probability that gradient descent from a random start is still within the radius after t steps",
    nonnegative=True,
    latex=r"\mathbb{P}(|x_t|\leq R)",
)
delay_ratio = _new(
    "delay_ratio",
    "escape_time_ratio",
    "time to leave a saddle point over that to leave the one before, in the long run",
    positive=True,
    latex=r"\frac{t_{k+1}}{t_k}",
)

# Between SGD and its stochastic differential equation.
ell = _new(
    "ell",
    "amplification",
    "factor by which SVAG amplifies the variance of the gradient and divides the learning rate",
    positive=True,
    latex=r"\ell",
)

# A flow that turns about a barrier and leaves the density as it is.
w = _new("w", "flow_strength", "strength of the flow, of either sign", real=True)
circulation_rate = _new(
    "circulation_rate",
    "circulation_rate",
    "mean of theta_1 d theta_2 - theta_2 d theta_1, twice the area swept, per unit of the time learning rate times"
    " steps",
    latex=r"\frac{1}{ds}\mathbb{E}[\theta_1\,d\theta_2-\theta_2\,d\theta_1]",
)

# Gradient flow, plain and accelerated.
Sigma_D_ij = _new(
    "Sigma_D_ij",
    "dataset_covariance",
    "covariance over data sets of the parameters of gradient descent",
    indices="ij",
    latex=r"\operatorname{Cov}_{D}[\theta]_{ij}",
)
h = _new(
    "h",
    "time_step",
    "square root of the learning rate: the time in which accelerated descent takes a step",
    positive=True,
)
phi_i = _new(
    "phi_i",
    "remaining_share",
    "mean displacement from the minimum along mode i after t steps, over that at the start",
    indices="i",
    rotates=False,
    latex=r"\frac{\mathbb{E}[\theta_i(t)]-\theta^{*}_i}{\theta_i(0)-\theta^{*}_i}",
)
V_t_i = _new(
    "V_t_i",
    "limiting_variance",
    "variance of the parameter along mode i after t steps, in the limit of small learning rates that is meant",
    indices="i",
    rotates=False,
    nonnegative=True,
    latex="V_i(t)",
)

# A bowl that is not quadratic.
kappa_4 = _new(
    "kappa_4",
    "quartic_coefficient",
    "coefficient of r^4/4 in the loss at the distance r from its minimum",
    nonnegative=True,
    latex=r"\kappa_{4}",
)
X_t = _new("X_t", "flow_position", "displacement of gradient flow from the minimum at the time eta t", latex="X(t)")
V_along = _new(
    "V_along",
    "variance_along_flow",
    "variance of SGD about gradient flow, along it, to first order in eta/m",
    nonnegative=True,
    latex=r"V_{\parallel}(t)",
)
V_across = _new(
    "V_across",
    "variance_across_flow",
    "variance of SGD about gradient flow, in any direction across it, to first order in eta/m",
    nonnegative=True,
    latex=r"V_{\perp}(t)",
)

# The Gibbs density, and basins of a loss with two minima.
T_i = _new(
    "T_i",
    "mode_temperature",
    "temperature of mode i: its curvature times its variance",
    indices="i",
    rotates=False,
    positive=True,
)
h_A = _new("h_A", "first_well_curvature", "curvature at the bottom of the first well", positive=True)
h_B = _new("h_B", "second_well_curvature", "curvature at the bottom of the second well", positive=True)
B_A = _new("B_A", "first_barrier", "height of the barrier above the bottom of the first well", positive=True)
B_B = _new("B_B", "second_barrier", "height of the barrier above the bottom of the second well", positive=True)
kappa_A = _new("kappa_A", "first_flare", "how much the first well widens with its height", positive=True)
kappa_B = _new("kappa_B", "second_flare", "how much the second well widens with its height", positive=True)
s_A = _new(
    "s_A", "first_noise_deviation", "standard deviation of one sample's gradient in the first well", positive=True
)
s_B = _new(
    "s_B", "second_noise_deviation", "standard deviation of one sample's gradient in the second well", positive=True
)
L_A = _new("L_A", "first_loss", "loss at the bottom of the first well, whatever its zero")
s_g = _new(
    "s_g",
    "noise_deviation",
    "standard deviation of one sample's gradient along every direction, the same everywhere",
    positive=True,
)
h_A2, h_B2 = (
    _new(
        f"h_{well}2",
        f"{which}_well_curvature_across",
        f"curvature at the bottom of the {which} well along the second parameter",
        positive=True,
        latex=f"h'_{{{well}}}",
    )
    for well, which in (("A", "first"), ("B", "second"))
)
B_A2, B_B2 = (
    _new(
        f"B_{well}2",
        f"{which}_barrier_across",
        f"height of the barrier above the bottom of the {which} well along the second parameter",
        positive=True,
        latex=f"B'_{{{well}}}",
    )
    for well, which in (("A", "first"), ("B", "second"))
)
kappa_A2, kappa_B2 = (
    _new(
        f"kappa_{well}2",
        f"{which}_flare_across",
        f"how much the {which} well widens with its height along the second parameter",
        positive=True,
        latex=rf"\kappa'_{{{well}}}",
    )
    for well, which in (("A", "first"), ("B", "second"))
)
log_odds = _new(
    "log_odds",
    "basin_log_odds",
    "logarithm of the probability of the first well over that of the second",
    latex=r"\log\frac{p_A}{p_B}",
)
eta_w = _new(
    "eta_w",
    "basin_noise_threshold",
    "learning rate at which the wide one of two wells begins to hold more than half",
    positive=True,
)
