"""``compare``: does a run agree with a law, and what would the comparison have noticed?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from sgdtheory.errors import DomainError, NotStationaryError, ShapeError, check_type
from sgdtheory.numeric.arrays import NUMPY, kind_of
from sgdtheory.numeric.scalars import scalar
from sgdtheory.numeric.simulate import Run
from sgdtheory.verbs.laws import Law, stationary_law, transient_law

FEW = 4000
OBSERVABLES = ("mean", "covariance", "excess_loss", "gradient_norm_squared")


@dataclass(frozen=True)
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
    """

    passed: bool
    z: MappingProxyType[str, Any]
    power: MappingProxyType[str, float]
    detectable: MappingProxyType[str, float]
    critical: float
    false_alarm: float
    error: float
    exact_null: bool
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]

    def __str__(self) -> str:
        from sgdtheory.render.tables import plain

        return plain(self.rows, title=self._title(), notes=self.notes)

    def _repr_html_(self) -> str:
        from sgdtheory.render.tables import html

        return html(self.rows, title=self._title(), notes=self.notes)

    def _repr_latex_(self) -> str:
        from sgdtheory.render.tables import latex

        return latex(self.rows, title=self._title(), notes=self.notes)

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
    are the law's own (Isserlis); elsewhere they are estimated from the run.

    Examples
    --------
    >>> from sgdtheory.numeric.simulate import simulate
    >>> from sgdtheory.optimizers import SGD
    >>> from sgdtheory.problems import Quadratic
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
    exact_null = law.exact and run.problem.gaussian
    predicted = {name: np.asarray(getattr(law, name), dtype=float) for name in OBSERVABLES}
    errors = (
        _exact_errors(law, predicted, run.replicas)
        if exact_null
        else {name: np.asarray(getattr(run, f"{name}_standard_error")) for name in OBSERVABLES}
    )
    rounding = _rounding(law, run, predicted)
    z = {
        name: _z(np.asarray(getattr(run, name)) - predicted[name], errors[name], rounding[name]) for name in OBSERVABLES
    }
    notes = _notes(law, run, errors, rounding, exact_null)
    d = len(run.mean)
    critical = -float(ndtri(false_alarm / (d + d * (d + 1) // 2 + 2) / 2))
    scale = {**predicted, "mean": np.sqrt(np.diagonal(predicted["covariance"]))}
    sizes = {name: _largest_ratio(scale[name], errors[name]) for name in OBSERVABLES}
    power = {name: float(ndtr(error * size - critical)) for name, size in sizes.items()}
    needed = critical - float(ndtri(0.01))
    detectable = {name: needed / size if size else math.inf for name, size in sizes.items()}
    accepted = {name: bool(np.max(np.abs(value)) <= critical) for name, value in z.items()}
    rows = _rows(predicted, run, errors, z, critical, power, accepted, error)
    return Report(
        all(accepted.values()),
        MappingProxyType(z),
        MappingProxyType(power),
        MappingProxyType(detectable),
        critical,
        false_alarm,
        error,
        exact_null,
        rows,
        notes,
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


def _rounding(law: Law, run: Run, predicted: dict[str, np.ndarray]) -> dict[str, float]:
    """Return the differences that arithmetic in float64 can leave where there is no noise at all."""
    size = max(float(np.abs(values).max(initial=0.0)) for values in (law.problem.minimum, run.start, run.mean))
    step = 1e-12 * size  # of the parameters themselves
    sharpest = float(np.abs(law.problem.hessian).sum(axis=0).max(initial=0.0))
    weight = {"mean": 0.0, "covariance": 1.0, "excess_loss": sharpest, "gradient_norm_squared": sharpest**2}
    allowed = {"mean": step}
    for name in OBSERVABLES[1:]:  # a square of (parameter + rounding)
        value = float(np.abs(predicted[name]).max(initial=0.0))
        allowed[name] = 1e-12 * value + 2 * math.sqrt(weight[name] * value) * step + weight[name] * step**2
    return allowed


def _z(difference: np.ndarray, error: np.ndarray, rounding: float) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(np.abs(difference) <= rounding, 0.0, np.where(error > 0, difference / error, np.inf))
    return z if z.ndim else float(z)


def _largest_ratio(scale: np.ndarray, error: np.ndarray) -> float:
    """Return the best ratio of size to error over the components; without noise any error is seen."""
    if not np.any(error > 0):
        return math.inf
    return float((np.abs(scale)[error > 0] / error[error > 0]).max())


def _notes(
    law: Law, run: Run, errors: dict[str, np.ndarray], rounding: dict[str, float], exact_null: bool
) -> tuple[str, ...]:
    notes = list(law.caveats)
    if not exact_null:
        why = "the noise is not Gaussian" if law.exact else "the law is not exact for it"
        notes.append(f"standard errors are estimated from the run, because {why}")
    if run.replicas < FEW:
        notes.append(f"with fewer than {FEW} replicas averages of squares raise false alarms more often than stated")
    notes += law.notes_on_spread
    if law.optimizer != run.optimizer:
        notes.append(f"the law is that of {law.optimizer}, the run that of {run.optimizer}")
    if law.steps is None:
        if run.optimizer.momentum == 0:
            notes += _check_settled(run, errors, rounding)
    elif law.steps != run.steps:
        notes.append(f"the law is that after {law.steps} steps, the run took {run.steps}")
    return tuple(notes)


def _check_settled(run: Run, errors: dict[str, np.ndarray], rounding: dict[str, float]) -> list[str]:
    """Refuse a run that is still settling; mention a remainder that is small but not negligible."""
    now = transient_law(run.problem, run.optimizer, run.start, run.steps)
    later = stationary_law(run.problem, run.optimizer)
    remainder = 0.0
    for name in OBSERVABLES:
        left = np.abs(getattr(now, name) - getattr(later, name))
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(left <= rounding[name], 0.0, left / errors[name])  # infinite where there is no noise
        remainder = max(remainder, float(np.max(ratio)))
    if remainder > 1:
        rate = later.settling_factor
        # Without noise there is no standard error to wait for; a factor 1e-12 is as good as settled.
        fall = math.log(10 * remainder) if math.isfinite(remainder) else math.log(1e13)
        needed = run.steps + (1 if rate == 0 else math.ceil(fall / -math.log(rate)))
        raise NotStationaryError(
            "the run is not stationary yet",
            got=f"{run.steps} steps, after which it is still {remainder:.3g} standard errors away",
            allowed=f"about {needed} steps or more",
            mend=f"simulate {needed} steps, or compare with transient_law(..., steps={run.steps})",
        )
    return [f"the run is {remainder:.2g} standard errors from stationary"] if remainder > 0.1 else []


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
