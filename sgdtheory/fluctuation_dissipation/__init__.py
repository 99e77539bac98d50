"""Family fluctuation_dissipation: identities of stationary runs, and what gradients and steps are there."""

from sgdtheory.fluctuation_dissipation._batch_gradient_curvature import (
    batch_gradient_curvature as batch_gradient_curvature,
)
from sgdtheory.fluctuation_dissipation._batch_gradient_norm import batch_gradient_norm as batch_gradient_norm
from sgdtheory.fluctuation_dissipation._batch_gradient_norm_with_momentum import (
    batch_gradient_norm_with_momentum as batch_gradient_norm_with_momentum,
)
from sgdtheory.fluctuation_dissipation._first_relation import first_relation as first_relation
from sgdtheory.fluctuation_dissipation._first_relation_random_curvature import (
    first_relation_random_curvature as first_relation_random_curvature,
)
from sgdtheory.fluctuation_dissipation._first_relation_random_curvature_with_momentum import (
    first_relation_random_curvature_with_momentum as first_relation_random_curvature_with_momentum,
)
from sgdtheory.fluctuation_dissipation._first_relation_with_momentum import (
    first_relation_with_momentum as first_relation_with_momentum,
)
from sgdtheory.fluctuation_dissipation._gradient_noise_interaction_random_curvature import (
    gradient_noise_interaction_random_curvature as gradient_noise_interaction_random_curvature,
)
from sgdtheory.fluctuation_dissipation._gradient_noise_interaction_with_momentum import (
    gradient_noise_interaction_with_momentum as gradient_noise_interaction_with_momentum,
)
from sgdtheory.fluctuation_dissipation._second_relation import second_relation as second_relation
from sgdtheory.fluctuation_dissipation._second_relation_random_curvature import (
    second_relation_random_curvature as second_relation_random_curvature,
)
from sgdtheory.fluctuation_dissipation._second_relation_random_curvature_with_momentum import (
    second_relation_random_curvature_with_momentum as second_relation_random_curvature_with_momentum,
)
from sgdtheory.fluctuation_dissipation._second_relation_with_momentum import (
    second_relation_with_momentum as second_relation_with_momentum,
)
from sgdtheory.fluctuation_dissipation._squared_step_with_momentum import (
    squared_step_with_momentum as squared_step_with_momentum,
)
from sgdtheory.fluctuation_dissipation._successive_gradients import successive_gradients as successive_gradients
from sgdtheory.fluctuation_dissipation._successive_gradients_with_momentum import (
    successive_gradients_with_momentum as successive_gradients_with_momentum,
)
