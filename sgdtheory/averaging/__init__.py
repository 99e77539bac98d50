"""Family averaging: averages over the iterates of SGD, and what successive iterates have in common."""

from sgdtheory.averaging._autocorrelation_time import autocorrelation_time as autocorrelation_time
from sgdtheory.averaging._autocorrelation_time_with_momentum import (
    autocorrelation_time_with_momentum as autocorrelation_time_with_momentum,
)
from sgdtheory.averaging._exponential_average_covariance import (
    exponential_average_covariance as exponential_average_covariance,
)
from sgdtheory.averaging._exponential_average_covariance_limit import (
    exponential_average_covariance_limit as exponential_average_covariance_limit,
)
from sgdtheory.averaging._exponential_average_excess_loss import (
    exponential_average_excess_loss as exponential_average_excess_loss,
)
from sgdtheory.averaging._exponential_average_excess_loss_with_momentum import (
    exponential_average_excess_loss_with_momentum as exponential_average_excess_loss_with_momentum,
)
from sgdtheory.averaging._long_average_covariance import long_average_covariance as long_average_covariance
from sgdtheory.averaging._long_average_excess_loss import long_average_excess_loss as long_average_excess_loss
from sgdtheory.averaging._long_run_covariance import long_run_covariance as long_run_covariance
from sgdtheory.averaging._long_run_covariance_with_momentum import (
    long_run_covariance_with_momentum as long_run_covariance_with_momentum,
)
from sgdtheory.averaging._window_average_covariance import window_average_covariance as window_average_covariance
from sgdtheory.averaging._window_average_covariance_diffusion import (
    window_average_covariance_diffusion as window_average_covariance_diffusion,
)
from sgdtheory.averaging._window_average_excess_loss import window_average_excess_loss as window_average_excess_loss
