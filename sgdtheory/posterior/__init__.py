"""Family posterior: SGD and Langevin dynamics as approximate samplers of the posterior of precision D H."""

from sgdtheory.posterior._diagonal_preconditioner_bound import (
    diagonal_preconditioner_bound as diagonal_preconditioner_bound,
)
from sgdtheory.posterior._divergence import divergence as divergence
from sgdtheory.posterior._divergence_bound import divergence_bound as divergence_bound
from sgdtheory.posterior._divergence_diffusion import divergence_diffusion as divergence_diffusion
from sgdtheory.posterior._fisher_scoring_preconditioner import (
    fisher_scoring_preconditioner as fisher_scoring_preconditioner,
)
from sgdtheory.posterior._fisher_scoring_preconditioner_diffusion import (
    fisher_scoring_preconditioner_diffusion as fisher_scoring_preconditioner_diffusion,
)
from sgdtheory.posterior._fisher_scoring_variance import fisher_scoring_variance as fisher_scoring_variance
from sgdtheory.posterior._langevin_excess_variance import langevin_excess_variance as langevin_excess_variance
from sgdtheory.posterior._langevin_stationary_covariance import (
    langevin_stationary_covariance as langevin_stationary_covariance,
)
from sgdtheory.posterior._langevin_stationary_covariance_diffusion import (
    langevin_stationary_covariance_diffusion as langevin_stationary_covariance_diffusion,
)
from sgdtheory.posterior._optimal_learning_rate import optimal_learning_rate as optimal_learning_rate
from sgdtheory.posterior._optimal_learning_rate_diffusion import (
    optimal_learning_rate_diffusion as optimal_learning_rate_diffusion,
)
from sgdtheory.posterior._optimal_preconditioner import optimal_preconditioner as optimal_preconditioner
from sgdtheory.posterior._optimal_preconditioner_diffusion import (
    optimal_preconditioner_diffusion as optimal_preconditioner_diffusion,
)
from sgdtheory.posterior._preconditioned_learning_rate import (
    preconditioned_learning_rate as preconditioned_learning_rate,
)
from sgdtheory.posterior._preconditioned_learning_rate_diffusion import (
    preconditioned_learning_rate_diffusion as preconditioned_learning_rate_diffusion,
)
from sgdtheory.posterior._preconditioned_variance import preconditioned_variance as preconditioned_variance
from sgdtheory.posterior._reverse_learning_rate import reverse_learning_rate as reverse_learning_rate
from sgdtheory.posterior._reverse_learning_rate_diffusion import (
    reverse_learning_rate_diffusion as reverse_learning_rate_diffusion,
)
