"""SGD on a finite sum of quadratics whose samples differ in their curvature: laws, stability limits, bounds."""

from sgdtheory.quadratic_sums._batch_gradient_variance import batch_gradient_variance as batch_gradient_variance
from sgdtheory.quadratic_sums._divergent_rate_large_batches import (
    divergent_rate_large_batches as divergent_rate_large_batches,
)
from sgdtheory.quadratic_sums._divergent_rate_small_batches import (
    divergent_rate_small_batches as divergent_rate_small_batches,
)
from sgdtheory.quadratic_sums._growth_factor import growth_factor as growth_factor
from sgdtheory.quadratic_sums._largest_curvature_spread import largest_curvature_spread as largest_curvature_spread
from sgdtheory.quadratic_sums._largest_curvature_spread_momentum import (
    largest_curvature_spread_momentum as largest_curvature_spread_momentum,
)
from sgdtheory.quadratic_sums._largest_curvature_spread_nesterov import (
    largest_curvature_spread_nesterov as largest_curvature_spread_nesterov,
)
from sgdtheory.quadratic_sums._mean_square_stability_limit import (
    mean_square_stability_limit as mean_square_stability_limit,
)
from sgdtheory.quadratic_sums._mean_square_stability_limit_momentum import (
    mean_square_stability_limit_momentum as mean_square_stability_limit_momentum,
)
from sgdtheory.quadratic_sums._mean_square_stability_limit_nesterov import (
    mean_square_stability_limit_nesterov as mean_square_stability_limit_nesterov,
)
from sgdtheory.quadratic_sums._mean_trajectory import mean_trajectory as mean_trajectory
from sgdtheory.quadratic_sums._mode_covariance import mode_covariance as mode_covariance
from sgdtheory.quadratic_sums._mode_covariance_momentum import mode_covariance_momentum as mode_covariance_momentum
from sgdtheory.quadratic_sums._mode_covariance_nesterov import mode_covariance_nesterov as mode_covariance_nesterov
from sgdtheory.quadratic_sums._mode_iterate_covariance_nesterov import (
    mode_iterate_covariance_nesterov as mode_iterate_covariance_nesterov,
)
from sgdtheory.quadratic_sums._stable_rate_large_batches import stable_rate_large_batches as stable_rate_large_batches
from sgdtheory.quadratic_sums._stable_rate_small_batches import stable_rate_small_batches as stable_rate_small_batches
from sgdtheory.quadratic_sums._stationary_excess_loss import stationary_excess_loss as stationary_excess_loss
from sgdtheory.quadratic_sums._stationary_gradient_norm import stationary_gradient_norm as stationary_gradient_norm
from sgdtheory.quadratic_sums._stationary_variance import stationary_variance as stationary_variance
from sgdtheory.quadratic_sums._stationary_variance_diffusion import (
    stationary_variance_diffusion as stationary_variance_diffusion,
)
from sgdtheory.quadratic_sums._stationary_variance_momentum import (
    stationary_variance_momentum as stationary_variance_momentum,
)
from sgdtheory.quadratic_sums._stationary_variance_momentum_diffusion import (
    stationary_variance_momentum_diffusion as stationary_variance_momentum_diffusion,
)
from sgdtheory.quadratic_sums._stationary_variance_nesterov import (
    stationary_variance_nesterov as stationary_variance_nesterov,
)
from sgdtheory.quadratic_sums._stationary_variance_small_spread import (
    stationary_variance_small_spread as stationary_variance_small_spread,
)
from sgdtheory.quadratic_sums._transient_second_moment import transient_second_moment as transient_second_moment
from sgdtheory.quadratic_sums._velocity_variance_momentum import (
    velocity_variance_momentum as velocity_variance_momentum,
)
