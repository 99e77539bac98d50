"""``compare``: does a run agree with a law, and what would the comparison have noticed?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri, stdtrit

from sgdtheory.errors import DomainError, ShapeError, check_type
from sgdtheory.numeric.arrays import NUMPY, kind_of
from sgdtheory.numeric.engine.burn_in import Settling, settling_of
from sgdtheory.numeric.engine.fluctuation_dissipation import FluctuationDissipation
from sgdtheory.numeric.engine.rounding import rounding_of
from sgdtheory.numeric.run import Run
from sgdtheory.numeric.scalars import scalar
from sgdtheory.numeric.settled import OBSERVABLES, as_seen, check_burn_in, check_settled, largest_ratio, left_of_start
from sgdtheory.verbs.laws import Law

BY_OBSERVABLE = ("z", "power", "detectable")  # what a report gives for each observable, read-only
FEW = 4000
FEW_CHAINS = 32


@dataclass(frozen=True, eq=False)
class Report:
    """The verdict on a law.

    Attributes
    ----------
    passed
        Whether every observable agrees.
    z
        Per observable, the differences in standard errors: (d,), (d, d) and scalars.
    power
        Per observable, the probability that a value wrong by ``error`` would have been rejected; for the mean, wrong
        by ``error`` standard deviations.
    detectable
        Per observable, the smallest such error that is caught with probability 0.99.
    critical
        Largest \\|z\\| that is accepted; all components together raise a false alarm with probability ``false_alarm``.
    exact_null
        Whether the standard errors come from the law itself, not from the run.
    notes
        Sentences about what the comparison cannot say.
    fluctuation_dissipation
        Whether the run is in balance, which needs no theory of its noise; None where the law is not stationary.
    """

    passed: bool
    z: Mapping[str, Any]
    power: Mapping[str, float]
    detectable: Mapping[str, float]
    critical: float
    false_alarm: float
    error: float
    exact_null: bool
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    fluctuation_dissipation: FluctuationDissipation | None = None

    def __post_init__(self) -> None:
        for name in BY_OBSERVABLE:
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def __reduce__(self) -> tuple[Any, ...]:
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return Report, tuple(dict(value) if name in BY_OBSERVABLE else value for name, value in values.items())

    def __str__(self) -> str:
        from sgdtheory.render.tables import plain

        return plain(self.rows, title=self._title(), notes=self._sentences())

    def _repr_html_(self) -> str:
        from sgdtheory.render.tables import html

        return html(self.rows, title=self._title(), notes=self._sentences())

    def _repr_latex_(self) -> str:
        from sgdtheory.render.tables import latex

        return latex(self.rows, title=self._title(), notes=self._sentences())

    def _sentences(self) -> tuple[str, ...]:
        found = self.fluctuation_dissipation
        return self.notes if found is None else (str(found), *self.notes)

    def _title(self) -> str:
        if not self.passed:
            return "theory and simulation DISAGREE"
        weak = min(self.power.values()) < 0.5
        return "theory and simulation agree" + (", but some errors would have gone unnoticed (power)" if weak else "")


def compare(law: Law, run: Run, *, false_alarm: float = 1e-6, error: float = 0.05) -> Report:
    """Compare a law with a run.

    Parameters
    ----------
    law
        From ``stationary_law`` or ``transient_law``, with numbers.
    run
        From ``simulate``.
    false_alarm
        Probability of rejecting a true law, all components together.
    error
        Relative error whose detection the power refers to.

    Returns
    -------
    Report
        ``passed``, ``z``, ``power``; prints as a table.

    Raises
    ------
    NotStationaryError
        If the law is stationary and the run was too short to be; says how many steps are needed.
    ShapeError, DomainError
        If law and run have different dimensions, or the law holds symbols.

    Notes
    -----
    Where the law is exact and the noise Gaussian, a replica's state is exactly Gaussian, and the standard errors
    are the law's own (Isserlis); elsewhere, and for time averages, they are estimated from the run and judged by
    Student's law. Under shuffled epochs a stationary law is taken at the phase of the run's last step, or averaged over
    an epoch for time averages. What may be left of the start in time averages is taken off their differences from a
    stationary law.

    Examples
    --------
    >>> from sgdtheory.numeric.simulate import simulate
    >>> from sgdtheory.optimizers import SGD
    >>> from sgdtheory.problems import Quadratic
    >>> from sgdtheory.verbs.laws import stationary_law
    >>> problem, optimizer = Quadratic([[2.0]], [[3.0]]), SGD(0.1, 4)
    >>> run = simulate(problem, optimizer, steps=80, replicas=10_000)
    >>> compare(stationary_law(problem, optimizer), run).passed
    True
    """
    check_type("law", law, Law)
    check_type("run", run, Run)
    knobs = (law.optimizer.learning_rate, law.optimizer.batch_size, law.start, law.steps)
    kinds = {law.problem.kind, kind_of(*knobs)}
    if kinds != {NUMPY} or law.problem.dimension != len(run.mean):
        raise ShapeError(
            "the law does not fit the run",
            got=f"{law.problem} ({', '.join(sorted(kinds))})",
            allowed=f"a law of {len(run.mean)} parameters, in NumPy numbers",
            mend="hand in matching objects",
        )
    for name, value in (("false_alarm", false_alarm), ("error", error)):
        if not 0 < scalar(name, value) < 1:
            raise DomainError(f"{name} is out of range", got=value, allowed=f"0 < {name} < 1", mend="take, say, 0.01")
    law = as_seen(law, run)
    exact_null = law.exact and run.problem.gaussian and not run.time_average
    predicted = {name: np.asarray(getattr(law, name), dtype=float) for name in OBSERVABLES}
    errors = (
        _exact_errors(law, predicted, run.replicas)
        if exact_null
        else {name: np.asarray(getattr(run, f"{name}_standard_error")) for name in OBSERVABLES}
    )
    rounding = rounding_of(law.problem, run.start, {**predicted, "mean": run.mean}, run.precision)
    stationary = run.time_average and law.steps is None
    settling = settling_of(run.problem, run.optimizer, run.start - run.problem.minimum) if stationary else None
    left = left_of_start(settling, run, predicted) if settling else dict.fromkeys(OBSERVABLES, 0.0)
    seen = {name: np.asarray(getattr(run, name)) for name in OBSERVABLES}
    z = {name: _z(seen[name] - predicted[name], errors[name], rounding[name], left[name]) for name in OBSERVABLES}
    notes = _notes(law, run, settling, predicted, errors, rounding, exact_null)
    d = len(run.mean)
    each = false_alarm / (d + d * (d + 1) // 2 + 2) / 2
    # Few replicas make their own standard errors uncertain, which Student's law knows.
    critical = -float(ndtri(each) if exact_null else stdtrit(run.replicas - 1, each))
    scale = {**predicted, "mean": np.sqrt(np.diagonal(predicted["covariance"]))}
    sizes = {name: largest_ratio(scale[name], errors[name]) for name in OBSERVABLES}
    power = {name: float(ndtr(error * size - critical)) for name, size in sizes.items()}
    needed = critical - float(ndtri(0.01))
    detectable = {name: needed / size if size else math.inf for name, size in sizes.items()}
    accepted = {name: bool(np.max(np.abs(value)) <= critical) for name, value in z.items()}
    rows = _rows(predicted, run, errors, z, critical, power, accepted, error)
    return Report(
        all(accepted.values()),
        z,
        power,
        detectable,
        critical,
        false_alarm,
        error,
        exact_null,
        rows,
        notes,
        run.fluctuation_dissipation if law.steps is None else None,
    )


def _exact_errors(law: Law, predicted: dict[str, np.ndarray], replicas: int) -> dict[str, np.ndarray]:
    """Return the standard errors of averages over Gaussian replicas, by Isserlis' theorem."""
    S, H = predicted["covariance"], law.problem.hessian
    offset = predicted["mean"] - law.problem.minimum
    diagonal = np.diagonal(S)

    def of_form(M: np.ndarray) -> np.ndarray:
        product = M @ S
        return np.sqrt((2 * np.trace(product @ product) + 4 * offset @ M @ S @ M @ offset) / replicas)

    return {
        "mean": np.sqrt(diagonal / replicas),
        "covariance": np.sqrt((np.outer(diagonal, diagonal) + S**2) / (replicas - 1)),
        "excess_loss": of_form(H / 2),
        "gradient_norm_squared": of_form(H @ H),
    }


def _z(difference: np.ndarray, error: np.ndarray, rounding: float, left: float) -> Any:
    """Return differences in standard errors, less what is left of the start; none where rounding explains them."""
    beyond = np.sign(difference) * np.maximum(np.abs(difference) - left, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(np.abs(beyond) <= rounding, 0.0, np.where(error == 0, np.inf, beyond / error))
    return z if z.ndim else float(z)


def _notes(
    law: Law,
    run: Run,
    settling: Settling | None,
    predicted: dict[str, np.ndarray],
    errors: dict[str, np.ndarray],
    rounding: dict[str, float],
    exact_null: bool,
) -> tuple[str, ...]:
    notes = list(law.caveats)
    if not exact_null:
        why = "the law is not exact for it" if not law.exact else "the noise is not Gaussian"
        why = "it averages over time" if run.time_average else why
        notes.append(f"standard errors are estimated from the run, because {why}")
    if run.replicas < FEW and not run.time_average:
        notes.append(f"with fewer than {FEW} replicas averages of squares raise false alarms more often than stated")
    if run.replicas < FEW_CHAINS and run.time_average:
        notes.append(f"with fewer than {FEW_CHAINS} replicas false alarms are more frequent than stated")
    notes += law.notes_on_spread
    if law.optimizer != run.optimizer:
        notes.append(f"the law is that of {law.optimizer}, the run that of {run.optimizer}")
    if law.steps is None:
        if settling:
            notes += check_burn_in(settling, run, predicted, errors)
        else:
            notes += check_settled(run, errors, rounding)
    elif run.time_average:
        notes.append(f"the law is that after {law.steps} steps, the run averages over steps")
    elif law.steps != run.steps:
        notes.append(f"the law is that after {law.steps} steps, the run took {run.steps}")
    return (*notes, *run.notes)


def _rows(
    predicted: dict[str, np.ndarray],
    run: Run,
    errors: dict[str, np.ndarray],
    z: dict[str, Any],
    critical: float,
    power: dict[str, float],
    accepted: dict[str, bool],
    error: float,
) -> tuple[tuple[str, ...], ...]:
    """Return a row for each observable; of a vector or matrix, the entry that differs most."""
    rows = [("observable", "predicted", "simulated", "max |z|", "accepted to", f"power at {error:.0%}", "verdict")]
    for name in OBSERVABLES:
        scores = np.abs(z[name])
        worst = np.unravel_index(int(np.argmax(scores)), scores.shape)
        place = f" [{', '.join(str(int(index)) for index in worst)}]" if worst else ""
        seen = float(np.asarray(getattr(run, name))[worst])
        verdict = ("agrees" if power[name] >= 0.5 else "not refuted") if accepted[name] else "DIFFERS"
        rows.append(
            (
                name.replace("_", " ") + place,
                f"{float(predicted[name][worst]):.6g}",
                f"{seen:.6g} +- {float(errors[name][worst]):.2g}",
                f"{scores[worst]:.2f}",
                f"{critical:.2f}",
                f"{power[name]:.3f}",
                verdict,
            )
        )
    return tuple(rows)
