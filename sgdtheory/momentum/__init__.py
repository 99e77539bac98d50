"""Family momentum: constant curvature, additive gradient noise, heavy ball and Nesterov momentum."""

from sgdtheory.momentum._damped_covariance import damped_covariance as damped_covariance
from sgdtheory.momentum._damped_velocity_covariance import damped_velocity_covariance as damped_velocity_covariance
from sgdtheory.momentum._lag_one_autocovariance import lag_one_autocovariance as lag_one_autocovariance
from sgdtheory.momentum._mean_stability_limit import mean_stability_limit as mean_stability_limit
from sgdtheory.momentum._nesterov_covariance import nesterov_covariance as nesterov_covariance
from sgdtheory.momentum._nesterov_covariance_diffusion import (
    nesterov_covariance_diffusion as nesterov_covariance_diffusion,
)
from sgdtheory.momentum._nesterov_excess_loss import nesterov_excess_loss as nesterov_excess_loss
from sgdtheory.momentum._nesterov_gradient_norm import nesterov_gradient_norm as nesterov_gradient_norm
from sgdtheory.momentum._nesterov_iterate_covariance import nesterov_iterate_covariance as nesterov_iterate_covariance
from sgdtheory.momentum._nesterov_stability_limit import nesterov_stability_limit as nesterov_stability_limit
from sgdtheory.momentum._position_velocity_covariance import (
    position_velocity_covariance as position_velocity_covariance,
)
from sgdtheory.momentum._stationary_covariance import stationary_covariance as stationary_covariance
from sgdtheory.momentum._stationary_covariance_diffusion import (
    stationary_covariance_diffusion as stationary_covariance_diffusion,
)
from sgdtheory.momentum._stationary_excess_loss import stationary_excess_loss as stationary_excess_loss
from sgdtheory.momentum._stationary_excess_loss_diffusion import (
    stationary_excess_loss_diffusion as stationary_excess_loss_diffusion,
)
from sgdtheory.momentum._stationary_gradient_norm import stationary_gradient_norm as stationary_gradient_norm
from sgdtheory.momentum._stationary_gradient_norm_diffusion import (
    stationary_gradient_norm_diffusion as stationary_gradient_norm_diffusion,
)
from sgdtheory.momentum._stationary_variance import stationary_variance as stationary_variance
from sgdtheory.momentum._underdamped_covariance import underdamped_covariance as underdamped_covariance
from sgdtheory.momentum._underdamped_velocity_covariance import (
    underdamped_velocity_covariance as underdamped_velocity_covariance,
)
from sgdtheory.momentum._velocity_covariance import velocity_covariance as velocity_covariance
from sgdtheory.momentum._velocity_covariance_diffusion import (
    velocity_covariance_diffusion as velocity_covariance_diffusion,
)
