"""The law of shuffled epochs among the other laws."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from sgdtheory.optimizers import SGD
from sgdtheory.problems import Problem
from sgdtheory.verbs.law import Law

if TYPE_CHECKING:
    from sgdtheory.numeric.moments.epochs import EpochLaw

RESULTS = ("moments of the update over shuffled epochs",)


class ReshuffledLaw(Law):
    """The first two moments under sampling ``"reshuffle"``, for problems in NumPy numbers.

    A stationary law is that at the end of an epoch; ``at_phase`` gives those within it, ``averaged`` their average.

    Attributes
    ----------
    phase
        Batches into the epoch, 0 at its end; None for the average over an epoch.
    """

    knows_curvatures = True

    def __init__(
        self,
        problem: Problem,
        optimizer: SGD,
        limit: str | None,
        start: Any = None,
        steps: Any = None,
        phase: int | None = 0,
        epochs: EpochLaw | None = None,
    ) -> None:
        super().__init__(problem, optimizer, limit, start, steps)
        self._shared = epochs  # of the other phases, whose moments are worked out once
        self.phase, self.results = phase, RESULTS  # type: ignore[misc]
        if steps is None:
            self.exact, self.caveats = self.exact and self._epochs.exact, (*self.caveats, *self._epochs.caveats)
        else:
            _ = self._after

    @cached_property
    def _epochs(self) -> EpochLaw:
        from sgdtheory.numeric.moments.epochs import epoch_law

        return self._shared or epoch_law(self.problem, self.optimizer)

    @cached_property
    def _after(self) -> dict[str, Any]:
        from sgdtheory.numeric.moments.epochs import epoch_transient

        return epoch_transient(self.problem, self.optimizer, self.start, self.steps)

    @property
    def batches(self) -> int:
        """Batches in an epoch."""
        return self._epochs.batches

    def at_phase(self, phase: int) -> ReshuffledLaw:
        """Return the stationary law after this many batches of an epoch."""
        return self._seen_at(self._epochs._phase(phase))

    def averaged(self) -> ReshuffledLaw:
        """Return the stationary law averaged over the batches of an epoch, as a time average sees it."""
        return self._seen_at(None)

    def _seen_at(self, phase: int | None) -> ReshuffledLaw:
        return ReshuffledLaw(self.problem, self.optimizer, self.limit, phase=phase, epochs=self._epochs)

    def _read(self, name: str) -> Any:
        if self.steps is not None:
            return self._after[name]
        if self.phase is None:
            return getattr(self._epochs, f"average_{name}")
        return getattr(self._epochs, name)(self.phase)

    @cached_property
    def mean(self) -> Any:
        """Return the (d,) mean of the parameters."""
        return self._read("mean")

    @cached_property
    def covariance(self) -> Any:
        """Return the (d, d) covariance of the parameters."""
        return self._read("covariance")

    @cached_property
    def velocity_covariance(self) -> Any:
        """Return the (d, d) covariance of the velocity as ``torch.optim.SGD`` holds it; DomainError without one."""
        self._check_velocity()
        return self._read("velocity_covariance")

    def autocovariance(self, lag: Any) -> Any:
        """Not built: within an epoch batches depend on one another."""
        raise NotImplementedError("the autocovariance under sampling='reshuffle' is not built yet")

    @cached_property
    def excess_loss(self) -> float:
        """Return the expected loss above its minimum."""
        return self._squared("excess_loss", self.problem.hessian / 2)

    @cached_property
    def gradient_norm_squared(self) -> float:
        """Return the expected squared norm of the full gradient."""
        return self._squared("gradient_norm_squared", self.problem.hessian @ self.problem.hessian)

    def _squared(self, name: str, form: Any) -> float:
        if self.steps is None:
            return self._read(name)
        offset = self.mean - self.problem.minimum
        return float((form * self.covariance).sum() + offset @ form @ offset)

    @cached_property
    def settling_factor(self) -> float:
        """Return the factor by which, in the long run, a step shrinks the distance of the mean from stationarity."""
        from sgdtheory.numeric.moments.linear_optimizer import of

        return of(self.optimizer).contraction(self.problem.spectrum.eigenvalues)

    @cached_property
    def contraction_rate(self) -> float:
        """Return the factor by which, in the long run, a step shrinks what is left of the start in second moments."""
        if not self.problem.one_curvature:
            raise NotImplementedError("rates of contraction under shuffled epochs are built for one curvature only")
        return self.settling_factor**2

    def __repr__(self) -> str:
        return super().__repr__() if self.steps is not None else f"{super().__repr__()[:-1]}, {in_words(self.phase)}>"


def in_words(phase: int | None) -> str:
    """Return where in an epoch a stationary law looks; see ``ReshuffledLaw.phase``."""
    when = {None: "averaged over an epoch", 0: "at the end of an epoch"}
    return when.get(phase, f"{phase} batches into an epoch")
