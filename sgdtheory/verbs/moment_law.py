"""Laws in numbers, from the update itself: of every linear optimizer, samples with curvatures of their own included."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from sgdtheory.errors import StabilityError
from sgdtheory.numeric.batch_noise import injected_variance
from sgdtheory.numeric.scalars import whole_number
from sgdtheory.numeric.spectrum import identity
from sgdtheory.optimizers import Optimizer
from sgdtheory.problems import Problem
from sgdtheory.verbs.law import Law

if TYPE_CHECKING:
    from sgdtheory.numeric.moments.noise_loop import NoiseLoop
    from sgdtheory.numeric.moments.state import State

# Share of the mean-square limit above which squares of the parameters have no reliable standard error: for a Gaussian
# feature and batches of one the eighth moment, which such an error needs, ends at 0.31, and the fourth at 0.58.
HEAVY = 1 / 3
RESULTS = ("moments of the update with sampled curvatures",)


class MomentLaw(Law):
    """The first two moments of parameters and velocity, exact, for problems in NumPy numbers."""

    knows_curvatures = True

    def __init__(
        self, problem: Problem, optimizer: Optimizer, limit: str | None, start: Any = None, steps: Any = None
    ) -> None:
        super().__init__(problem, optimizer, limit, start, steps)
        if steps is None:
            try:
                _ = self._state
            except StabilityError:
                raise self._unstable() from None

    @cached_property
    def results(self) -> tuple[str, ...]:
        """Names of the closed forms used, or what was used in their place."""
        used = () if self.optimizer.sampling == "replacement" else ("quadratic.batch_gradient_covariance",)
        if not self.problem.one_curvature or self.steps is not None or self.optimizer.delay:
            return (*used, *RESULTS)
        quantities = ("stationary_covariance", "stationary_excess_loss", "stationary_gradient_norm")
        return (*used, *(self._name(quantity) for quantity in quantities))

    @cached_property
    def _loop(self) -> NoiseLoop:
        from sgdtheory.numeric.moments.of_problem import loop_of  # solvers are loaded where they are used

        return loop_of(self.problem, self.optimizer)

    @property
    def _injected(self) -> Any:
        return injected_variance(self.optimizer) * identity(self.problem.dimension)

    @cached_property
    def _state(self) -> State:
        from sgdtheory.numeric.moments.of_problem import course_of
        from sgdtheory.numeric.moments.state import settled

        if self.steps is None:
            return settled(self._loop, self._loop.share * self.problem.noise + self._injected)
        return course_of(self.problem, self.optimizer, self.start).after(self.steps)

    @cached_property
    def mean(self) -> Any:
        """Return the (d,) mean of the parameters."""
        return self.problem.minimum + self._loop.optimizer.held @ self._state.mean

    @cached_property
    def covariance(self) -> Any:
        """Return the (d, d) covariance of the parameters."""
        return self._state.seen(self._loop.optimizer.held)

    @cached_property
    def velocity_covariance(self) -> Any:
        """Return the (d, d) covariance of the velocity as ``torch.optim.SGD`` holds it; DomainError without one."""
        self._check_velocity()
        return self._state.seen(self._loop.optimizer.velocity)

    def autocovariance(self, lag: Any) -> Any:
        """Return the (d, d) covariance of the parameters ``lag`` steps later with those now; see ``Law``."""
        lag, held = whole_number("lag", lag, least=0, symbols=False), self._loop.optimizer.held
        return self._state.between(held, held, lag)

    @cached_property
    def excess_loss(self) -> float:
        """Return the expected loss above its minimum."""
        return self._state.expected_square(self.problem.hessian) / 2

    @cached_property
    def gradient_norm_squared(self) -> float:
        """Return the expected squared norm of the full gradient."""
        return self._state.expected_square(self.problem.hessian @ self.problem.hessian)

    @cached_property
    def contraction_rate(self) -> float:
        """Return the factor by which, in the long run, a step shrinks what is left of the start in second moments."""
        return self._loop.contraction_rate

    @cached_property
    def settling_factor(self) -> float:
        """Return the factor by which, in the long run, a step shrinks the distance from stationarity."""
        return max(self._loop.mean_rate, self.contraction_rate)

    @cached_property
    def _limit(self) -> float:
        from sgdtheory.numeric.stability.mean_square import mean_square_limit

        return mean_square_limit(self._loop.curvature, self._loop.share, self.optimizer)

    @cached_property
    def notes_on_spread(self) -> tuple[str, ...]:
        """Return a warning of heavy tails."""
        used = 0.0 if self.problem.one_curvature else self.optimizer.learning_rate / self._limit
        if used < HEAVY:
            return ()
        return (
            f"the learning rate is {used:.0%} of the largest that is stable in mean square; where curvature varies the"
            " parameters then have heavy tails, and standard errors of their squares may mean little",
        )

    def _unstable(self) -> StabilityError:
        from sgdtheory.numeric.solvers.mean_square import unstable

        return unstable(float(self.optimizer.learning_rate), self._limit)
