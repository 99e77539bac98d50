"""SGD on least squares with a stream of Gaussian features: the noise of a step grows with the error itself."""

from sgdtheory.gaussian_features._expected_decrease import expected_decrease as expected_decrease
from sgdtheory.gaussian_features._isotropic_growth_factor import isotropic_growth_factor as isotropic_growth_factor
from sgdtheory.gaussian_features._isotropic_loop_gain import isotropic_loop_gain as isotropic_loop_gain
from sgdtheory.gaussian_features._isotropic_stability_limit import (
    isotropic_stability_limit as isotropic_stability_limit,
)
from sgdtheory.gaussian_features._isotropic_stability_limit_momentum import (
    isotropic_stability_limit_momentum as isotropic_stability_limit_momentum,
)
from sgdtheory.gaussian_features._isotropic_transient_loss import isotropic_transient_loss as isotropic_transient_loss
from sgdtheory.gaussian_features._isotropic_variance import isotropic_variance as isotropic_variance
from sgdtheory.gaussian_features._isotropic_variance_small_rate import (
    isotropic_variance_small_rate as isotropic_variance_small_rate,
)
from sgdtheory.gaussian_features._loop_gain import loop_gain as loop_gain
from sgdtheory.gaussian_features._loop_gain_momentum import loop_gain_momentum as loop_gain_momentum
from sgdtheory.gaussian_features._loop_gain_nesterov import loop_gain_nesterov as loop_gain_nesterov
from sgdtheory.gaussian_features._loop_gain_small_rate import loop_gain_small_rate as loop_gain_small_rate
from sgdtheory.gaussian_features._mean_trajectory import mean_trajectory as mean_trajectory
from sgdtheory.gaussian_features._noise_floor import noise_floor as noise_floor
from sgdtheory.gaussian_features._optimal_learning_rate import optimal_learning_rate as optimal_learning_rate
from sgdtheory.gaussian_features._stability_bound import stability_bound as stability_bound
from sgdtheory.gaussian_features._stationary_excess_loss import stationary_excess_loss as stationary_excess_loss
from sgdtheory.gaussian_features._stationary_excess_loss_small_rate import (
    stationary_excess_loss_small_rate as stationary_excess_loss_small_rate,
)
from sgdtheory.gaussian_features._stationary_gradient_norm import stationary_gradient_norm as stationary_gradient_norm
from sgdtheory.gaussian_features._stationary_variance import stationary_variance as stationary_variance
from sgdtheory.gaussian_features._stationary_variance_momentum import (
    stationary_variance_momentum as stationary_variance_momentum,
)
from sgdtheory.gaussian_features._stationary_variance_nesterov import (
    stationary_variance_nesterov as stationary_variance_nesterov,
)
from sgdtheory.gaussian_features._stationary_variance_small_rate import (
    stationary_variance_small_rate as stationary_variance_small_rate,
)
