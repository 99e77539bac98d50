"""What a law is: the first two moments of the parameters, from the closed forms of the catalogue."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import sympy as sp

from sgdtheory.catalogue import results
from sgdtheory.errors import DomainError
from sgdtheory.numeric.arrays import NUMPY, SYMPY, as_array, is_concrete, kind_of
from sgdtheory.numeric.batch_noise import batch_noise
from sgdtheory.numeric.evaluate import evaluate
from sgdtheory.numeric.scalars import known, whole_number
from sgdtheory.optimizers import Optimizer
from sgdtheory.problems import Problem

DIFFUSION = "the diffusion limit: its relative error is of order learning rate times curvature"
CONSTANT_NOISE = (
    "each sample has its own curvature; this law takes the gradient noise at the minimum as constant, which is right"
    " only to leading order in the learning rate"
)
FARTHEST = 1e140
EXACT_IN_NUMPY = "{} (NumPy arrays give the exact law)"


class Law:
    """The first two moments of the parameters, and what follows from them; worked out when asked for.

    Attributes
    ----------
    mean
        (d,) mean of the parameters.
    covariance
        (d, d) covariance of the parameters.
    excess_loss
        Expected loss above its minimum.
    gradient_norm_squared
        Expected squared norm of the full gradient.
    results
        Names of the closed forms used.
    steps
        Number of steps, or None for a stationary law.
    exact
        Whether the law is exact for this problem.
    caveats
        What is approximate, in sentences.
    notes_on_spread
        What a comparison with a run should know of the parameters' distribution beyond its moments.
    """

    notes_on_spread: tuple[str, ...] = ()
    knows_curvatures = False  # whether the law takes in how samples differ in their curvature

    def __init__(
        self, problem: Problem, optimizer: Optimizer, limit: str | None, start: Any = None, steps: Any = None
    ) -> None:
        self.problem, self.optimizer, self.limit, self.start, self.steps = problem, optimizer, limit, start, steps
        constant = not problem.one_curvature and not self.knows_curvatures
        self.exact = problem.exact and limit is None and not constant
        self.caveats = problem.caveats
        if constant and problem.exact:
            self.caveats += (CONSTANT_NOISE if limit else EXACT_IN_NUMPY.format(CONSTANT_NOISE),)
        if limit == "diffusion":
            self.caveats += (DIFFUSION,)

    @cached_property
    def results(self) -> tuple[str, ...]:
        """Names of the closed forms used."""
        used = [] if self.optimizer.sampling == "replacement" else ["quadratic.batch_gradient_covariance"]
        if self.steps is None:
            quantities = ["stationary_covariance", "stationary_excess_loss", "stationary_gradient_norm"]
        else:
            quantities = ["mean_trajectory", "transient_covariance", "transient_excess_loss", "transient_gradient_norm"]
        return tuple(used + [self._name(quantity) for quantity in quantities])

    def _name(self, quantity: str) -> str:
        ending = "_diffusion" if self.limit == "diffusion" else ""
        if not has_momentum(self.optimizer):
            return f"quadratic.{quantity}{ending}"
        if self.optimizer.nesterov and self.limit is None:
            return f"momentum.{quantity.replace('stationary', 'nesterov')}"
        return f"momentum.{quantity}{ending}"  # both kinds of momentum have the same diffusion limit

    @cached_property
    def _batch_noise(self) -> Any:
        return batch_noise(self.problem, self.optimizer)

    def _evaluate(self, quantity: str, **words: Any) -> Any:
        problem, optimizer = self.problem, self.optimizer
        hessian = problem.spectrum if all_numpy(problem, optimizer, self.start) else problem.hessian
        if has_momentum(optimizer):
            words["momentum"] = optimizer.momentum
        words["learning_rate"] = optimizer.learning_rate
        # What has no stationary law was refused; transients hold in flat and in falling directions too.
        return evaluate(results[self._name(quantity)], hessian=hessian, check_domain=False, **words)

    @cached_property
    def _noise_words(self) -> dict[str, Any]:
        # The covariance of a whole batch's gradient stands for C at batch size one.
        return {"noise": self._batch_noise, "batch_size": sp.Integer(1) if self.problem.kind == "sympy" else 1}

    @cached_property
    def _course_words(self) -> dict[str, Any]:
        return {"displacement": self.start - self.problem.minimum, "steps": self.steps}

    @cached_property
    def mean(self) -> Any:
        """Return the (d,) mean of the parameters."""
        if self.steps is None:
            return self.problem.minimum
        moved, minimum = self._evaluate("mean_trajectory", **self._course_words), self.problem.minimum
        if kind_of(moved) == SYMPY:  # knobs in symbols for a problem in numbers
            minimum = as_array("the minimum", minimum, SYMPY, 1)
        return minimum + moved

    @cached_property
    def covariance(self) -> Any:
        """Return the (d, d) covariance of the parameters."""
        if self.steps is None:
            return self._evaluate("stationary_covariance", **self._noise_words)
        return self._evaluate("transient_covariance", **self._noise_words, steps=self.steps)

    def _expected(self, quantity: str) -> Any:
        if self.steps is None:
            return self._evaluate(f"stationary_{quantity}", **self._noise_words)
        return self._evaluate(f"transient_{quantity}", **self._noise_words, **self._course_words)

    @cached_property
    def excess_loss(self) -> Any:
        """Return the expected loss above its minimum."""
        return self._expected("excess_loss")

    @cached_property
    def gradient_norm_squared(self) -> Any:
        """Return the expected squared norm of the full gradient."""
        return self._expected("gradient_norm")

    @cached_property
    def velocity_covariance(self) -> Any:
        """Return the (d, d) covariance of the velocity as ``torch.optim.SGD`` holds it.

        Raises
        ------
        DomainError
            Without momentum, where no velocity is held.
        NotImplementedError
            Of Nesterov momentum outside NumPy.
        """
        self._check_velocity()
        if self.optimizer.nesterov and self.limit is None:
            raise NotImplementedError("the velocity of Nesterov momentum is built for NumPy numbers only")
        name = "momentum.velocity_covariance" + ("_diffusion" if self.limit else "")
        knobs = {"learning_rate": self.optimizer.learning_rate, "momentum": self.optimizer.momentum}
        return evaluate(results[name], hessian=self.problem.hessian, check_domain=False, **knobs, **self._noise_words)

    def _check_velocity(self) -> None:
        if not has_momentum(self.optimizer):
            raise DomainError(
                "without momentum the optimizer holds no velocity",
                got=repr(self.optimizer),
                allowed="SGD with momentum",
                mend="give a momentum, or take gradient_norm_squared",
            )

    def autocovariance(self, lag: Any) -> Any:
        """Return the (d, d) covariance of the parameters ``lag`` steps later with those now.

        Parameters
        ----------
        lag
            Whole number of steps >= 0.

        Raises
        ------
        DomainError
            If the lag is no whole number >= 0.
        NotImplementedError
            In the diffusion limit, after a number of steps, and with momentum outside NumPy.

        Notes
        -----
        Source: closed form ``quadratic.autocovariance``; with momentum, and where samples differ in their curvature,
        the mean step's power on the covariance of parameters and velocity.

        Examples
        --------
        >>> from sgdtheory.optimizers import SGD
        >>> from sgdtheory.problems import Quadratic
        >>> from sgdtheory.verbs.laws import stationary_law
        >>> law = stationary_law(Quadratic([[2.0]], [[3.0]]), SGD(0.1, 4))
        >>> round(float(law.autocovariance(3)[0, 0]), 9)  # 0.8**3 / 48
        0.010666667
        """
        lag = whole_number("lag", lag, least=0, mend="hand in a number of steps as an int")
        if self.limit or self.steps is not None or has_momentum(self.optimizer):
            raise NotImplementedError("this law has no autocovariance yet; the stationary one in NumPy numbers has")
        return self._evaluate("autocovariance", lag=lag, **self._noise_words)

    @cached_property
    def contraction_rate(self) -> float:
        """Return the factor by which, in the long run, a step shrinks what is left of the start in second moments.

        For problems in NumPy numbers.
        """
        return self.settling_factor**2

    @cached_property
    def mixing_time(self) -> float:
        """Return the steps in which, in the long run, the second moments' memory of the start falls by a factor e.

        It is -1 / log(contraction_rate), infinite where nothing contracts, for problems in NumPy numbers.
        """
        rate = self.contraction_rate
        if rate >= 1:
            return math.inf
        return -1 / math.log(rate) if rate > 0 else 0.0

    @cached_property
    def settling_factor(self) -> float:
        """Return the factor by which, in the long run, a step shrinks the distance from stationarity, NumPy only."""
        self._check_numbers()
        return float(max(abs(1 - self.optimizer.learning_rate * self.problem.spectrum.eigenvalues)))

    def _check_numbers(self) -> None:
        if self.limit is not None:
            raise NotImplementedError(
                f"rates of contraction in the {self.limit} limit are not built; take them from the law without a limit"
            )
        if not all_numpy(self.problem, self.optimizer) or has_momentum(self.optimizer):
            raise NotImplementedError("rates of contraction are built for exact laws in NumPy numbers only")

    def __repr__(self) -> str:
        when = "stationary" if self.steps is None else f"after {self.steps} steps"
        return f"<Law of {self.optimizer} on {self.problem}, {when}{', diffusion limit' if self.limit else ''}>"

    def __str__(self) -> str:
        from sgdtheory.render.tables import plain

        return plain(self._rows(), title=repr(self)[1:-1], notes=self.caveats)

    def _repr_html_(self) -> str:
        from sgdtheory.render.tables import html

        return html(self._rows(), title=repr(self)[1:-1], notes=self.caveats)

    def _repr_latex_(self) -> str:
        from sgdtheory.render.tables import latex

        return latex(self._rows(), title=repr(self)[1:-1], notes=self.caveats)

    def _rows(self) -> list[tuple[str, ...]]:
        names = ("mean", "covariance", "excess_loss", "gradient_norm_squared")
        return [
            ("quantity", "value"),
            *((name, str(getattr(self, name))) for name in names),
            ("closed forms", ", ".join(self.results)),
        ]


def check_reach(problem: Problem, start: Any) -> None:
    """Refuse a start in numbers whose squared distance from the minimum floating point cannot hold."""
    if kind_of(start) != NUMPY or problem.kind != NUMPY:
        return
    distance = float(abs(start - problem.minimum).max())
    if distance > FARTHEST:
        raise DomainError(
            "start lies so far from the minimum that floating point cannot hold the square of the distance",
            got=f"a distance {distance:.3g}",
            allowed=f"distances up to {FARTHEST:.0e}",
            mend="start nearer, or take other units",
        )


def has_momentum(optimizer: Optimizer) -> bool:
    """Return whether an optimizer has momentum; a symbol is one."""
    return not is_concrete(optimizer.momentum) or known(optimizer.momentum) != 0


def all_numpy(problem: Problem, optimizer: Optimizer, *others: Any) -> bool:
    """Return whether everything is NumPy numbers."""
    return problem.kind == NUMPY and kind_of(*optimizer.numbers, *others) == NUMPY
