"""The prediction report for a terminal, and as plain numbers for JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sgdtheory.verbs.prediction import Check, Prediction

BADLY_SCALED = 1e6  # condition number above which features are probably in very different units
MOST_DETECTABLE = 10.0  # a relative error of the loss that, if not noticed, says that a check is worth little
MOST_NAMED = 12  # with more parameters than this, only the extremes are shown

Line = tuple[str, str]
Section = tuple[str, list[Line]]


def describe(p: Prediction) -> list[Section]:
    """Return the report as headed sections of labelled lines."""
    return [
        _data_section(p),
        _sgd_section(p),
        ("Parameters", _parameter_lines(p)),
        _next_section(p),
        ("Generalization", _generalization_lines(p)),
        (
            "Theory",
            [
                ("closed forms used", ", ".join(p.results)),
                *(
                    ("only an approximation" if place == 0 else "", caveat + ".")
                    for place, caveat in enumerate((*p.caveats, *p.generalization.caveats))
                ),
            ],
        ),
    ]


def _data_section(p: Prediction) -> Section:
    rows, features = p.data.X.shape
    scale = (
        "none, the start is the minimum"
        if p.noise_scale is None
        else (
            f"{_n(p.noise_scale)} samples at the start, tr(HC) / g'Hg: the batch size at which noise and"
            " gradient weigh the same in the first step"
        )
    )
    penalty = [("ridge", f"{_n(p.problem.ridge)}, added to every curvature below")] if p.problem.ridge else []
    return f"Data: {p.data.name}", [
        ("rows, features", f"{rows}, {features}; target: {p.data.target_name}"),
        *(("", note) for note in p.data.notes),
        *penalty,
        (
            "curvature",
            f"largest {_n(p.largest_curvature)}, smallest {_n(p.smallest_curvature)}, condition"
            f" number {_n(p.condition_number)}, trace {_n(p.curvature_trace)}"
            f"{'; badly scaled, try --standardize' if p.condition_number > BADLY_SCALED else ''}",
        ),
        ("gradient noise", f"tr(C) {_n(p.noise_trace)}, tr(HC) {_n(p.noise_curvature)}, of one sample at the minimum"),
        ("gradient noise scale", scale),
        (
            "stability limit",
            f"{_n(p.stability_limit)} in mean square at this batch size; of the mean {_n(p.mean_stability_limit)}"
            " = 2 / largest curvature",
        ),
    ]


def _sgd_section(p: Prediction) -> Section:
    from sgdtheory.verbs.recommended_rate import RULE

    sgd = p.optimizer
    share = "" if p.floor_percent is None else (f", {p.floor_percent:.3g} % of the minimum loss {_n(p.minimum_loss)}")
    floor = (
        "zero: there is no gradient noise at the minimum"
        if p.noiseless
        else (f"excess loss {_n(p.law.excess_loss)}{share}")
    )
    forever = "none to reach: without noise the expected loss falls for ever" if p.noiseless else "more than 10^15"
    reach = (
        forever
        if p.steps_to_floor is None or p.steps_to_settle is None
        else (
            f"{p.steps_to_floor} from parameters zero until the expected excess loss"
            f" ({_n(p.start_excess_loss)} at the start) is within 10 % of the floor, {p.steps_to_settle} until"
            " within 1 %"
        )
    )
    return f"SGD: learning rate {sgd.learning_rate:g}, batch size {sgd.batch_size}", [
        ("learning rate", "as given" if p.rate_is_given else f"recommended: {RULE}"),
        (
            "batches",
            "a fresh subset at each step, without replacement"
            if sgd.sampling == "without_replacement"
            else "drawn with replacement",
        ),
        ("noise floor", floor),
        ("squared gradient norm", f"{_n(p.law.gradient_norm_squared)} expected at the floor"),
        (
            "time constants",
            f"fastest mode {_n(p.fastest_time)} steps, slowest {_n(p.slowest_time)} steps"
            f" (the mean falls by a factor e); squares forget the start in {_n(p.mixing_time)}",
        ),
        ("steps to the floor", reach),
    ]


def _parameter_lines(p: Prediction) -> list[Line]:
    names, spread = p.data.feature_names, p.standard_deviations
    if len(names) > MOST_NAMED:
        order = spread.argsort()
        ends = (("largest", order[-1]), ("smallest", order[0]))
        extremes = "; ".join(f"{word} {_n(spread[at])} ({names[at]})" for word, at in ends)
        total = f"trace of the covariance {_n(p.law.covariance.trace())} over {len(names)} parameters"
        return [("standard deviation", extremes), ("", total)]
    lines = [("", f"{'mean':>12}  {'std. deviation':>14}")]
    return lines + [
        (name, f"{_n(mean):>12}  {_n(deviation):>14}")
        for name, mean, deviation in zip(names, p.law.mean, spread, strict=True)
    ]


def _next_section(p: Prediction) -> Section:
    step, best = p.next_step, p.next_step_for_cost
    lines = [
        (
            "best learning rate",
            f"{_n(step.learning_rate)} at batch size {step.batch_size}; expected"
            f" decrease of the loss {_n(step.expected_decrease)}",
        )
    ]
    per_step, per_sample = p.cost
    lines.append(
        (
            "best batch size",
            f"{best.batch_size} at learning rate {_n(best.learning_rate)}; expected decrease"
            f" {_n(best.expected_decrease)}; if a step costs {per_step:g} and each of its samples,"
            f" drawn with replacement, {per_sample:g} (--cost)",
        )
    )
    return "First step from parameters zero", lines


def _generalization_lines(p: Prediction) -> list[Line]:
    gap = p.generalization
    return [
        ("gap", f"{_n(gap.gap)}, expected test loss minus expected training loss, tr(H^-1 C)/D"),
        ("excess test loss", f"{_n(gap.excess_test_loss)}, expected test loss of SGD minus that of the true optimum"),
    ]


def describe_check(p: Prediction, c: Check) -> list[Section]:
    """Return predicted beside simulated, the deviation and a verdict."""
    law, run = c.law, c.run
    row, column = c.worst("covariance")
    (worst,) = c.worst("mean")
    rows = [
        ("excess loss", law.excess_loss, run.excess_loss, run.excess_loss_standard_error),
        (
            "squared gradient norm",
            law.gradient_norm_squared,
            run.gradient_norm_squared,
            run.gradient_norm_squared_standard_error,
        ),
        (
            "covariance, worst entry",
            law.covariance[row, column],
            run.covariance[row, column],
            run.covariance_standard_error[row, column],
        ),
        ("mean, worst entry", law.mean[worst], run.mean[worst], run.mean_standard_error[worst]),
    ]
    lines = [("", f"{'predicted':>12}  {'simulated':>12}")]
    lines += [(label, f"{_n(x):>12}  {_n(y):>12} +- {_e(e)}") for label, x, y, e in rows]
    lines += [("", _worst_entries(p, c)), ("", ""), *shortened(c), *findings(p, c)]
    how = f"seed {run.seed}, backend {run.backend}"  # a seed means the same run on one backend only
    return [(f"Check: {run.replicas} runs of {run.steps} steps from parameters zero, {how}", lines)]


def _worst_entries(p: Prediction, c: Check) -> str:
    """Return which entries of covariance and mean stand in the table, and how much they differ."""
    names, z = p.data.feature_names, c.report.z
    (mean,), (row, column) = c.worst("mean"), c.worst("covariance")
    spread = f"variance of {names[row]}" if row == column else f"covariance of {names[row]} with {names[column]}"
    return (
        f"worst are the {spread}, {abs(z['covariance'][row, column]):.1f} standard errors off, and the mean of"
        f" {names[mean]}, {abs(z['mean'][mean]):.1f}; up to {c.report.critical:.2g} may be chance"
    )


def shortened(c: Check) -> list[Line]:
    """Return the sentence on a check that was too long to be run to its end."""
    if c.steps_wanted is None:
        return []
    times = float(f"{c.steps_wanted / c.run.steps:.2g}")
    return [
        (
            "steps",
            f"settling takes {c.steps_wanted} steps, too many to run unasked: {c.run.steps} were run, and the"
            f" prediction above is that after {c.run.steps} steps; --steps {c.steps_wanted} runs them all,"
            f" {times:g} times as long",
        )
    ]


def findings(p: Prediction, c: Check) -> list[Line]:
    """Return what the check says, in sentences; the size of the deviation is always among them."""
    report, found = c.report, []
    settled = p.steps_to_settle is not None and c.run.steps >= p.steps_to_settle
    if c.deviation is not None and c.deviation_error is not None:
        what = "noise floor" if settled else f"excess loss after {c.run.steps} steps"
        where = "above" if c.deviation >= 0 else "below"
        found.append(
            (
                "deviation",
                f"the simulated {what} is {_percent(abs(c.deviation))} +-"
                f" {_percent(c.deviation_error)} {where} the prediction",
            )
        )
    if report.passed:
        error = report.detectable["excess_loss"]
        power = f"; a deviation of {100 * error:.0f} % in the excess loss would have been seen"
        if not math.isfinite(error):  # no noise, no size to be wrong by
            power = ""
        elif error > MOST_DETECTABLE:
            power = "; with so few runs even a far larger excess loss could have gone unnoticed"
        found.append(
            (
                "verdict",
                "agrees: nothing differs by more than chance (about"
                f" {100 * report.false_alarm:g} % false alarms){power}",
            )
        )
    else:
        differing = [name.replace("_", " ") for name, z in report.z.items() if _largest(z) > report.critical]
        found.append(("verdict", f"differs by more than chance: {', '.join(differing)}"))
    found += [("", note) for note in c.law.notes_on_spread]
    return found


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share < 10 else f"{100 * share:.2g} %"


def _largest(z: Any) -> float:
    return abs(z) if isinstance(z, float) else float(abs(z).max())


def as_dict(p: Prediction, c: Check | None = None) -> dict[str, Any]:
    """Return the report as plain numbers, lists and words for JSON."""

    def step(s: Any) -> dict[str, Any] | None:
        return (
            None
            if s is None
            else {
                "learning_rate": float(s.learning_rate),
                "batch_size": int(s.batch_size),
                "expected_decrease": float(s.expected_decrease),
            }
        )

    names = p.data.feature_names
    found: dict[str, Any] = {
        "data": {
            "name": p.data.name,
            "rows": len(p.data.y),
            "features": list(names),
            "target": p.data.target_name,
            "notes": list(p.data.notes),
            "ridge": float(p.problem.ridge),
        },
        "curvature": {
            "largest": p.largest_curvature,
            "smallest": p.smallest_curvature,
            "condition_number": p.condition_number,
            "trace": p.curvature_trace,
        },
        "noise": {"trace": p.noise_trace, "curvature_weighted_trace": p.noise_curvature, "scale": p.noise_scale},
        "stability_limit": p.stability_limit,
        "stability_limit_of_the_mean": p.mean_stability_limit,
        "optimizer": {
            "learning_rate": p.optimizer.learning_rate,
            "batch_size": p.optimizer.batch_size,
            "sampling": p.optimizer.sampling,
            "learning_rate_is_given": p.rate_is_given,
        },
        "minimum_loss": p.minimum_loss,
        "start_excess_loss": p.start_excess_loss,
        "excess_loss": p.law.excess_loss,
        "excess_loss_percent_of_minimum": p.floor_percent,
        "gradient_norm_squared": p.law.gradient_norm_squared,
        "mean": dict(zip(names, map(float, p.law.mean), strict=True)),
        "standard_deviation": dict(zip(names, map(float, p.standard_deviations), strict=True)),
        "relaxation_time": {"fastest": p.fastest_time, "slowest": p.slowest_time},
        "mixing_time": p.mixing_time,
        "steps_to_floor": p.steps_to_floor,
        "steps_to_settle": p.steps_to_settle,
        "course_error": p.course_error,
        "next_step": step(p.next_step),
        "next_step_for_cost": step(p.next_step_for_cost),
        "cost": list(p.cost),
        "generalization_gap": p.generalization.gap,
        "excess_test_loss": p.generalization.excess_test_loss,
        "results": list(p.results),
        "exact": p.law.exact,
        "caveats": list(p.caveats),
    }
    if c is not None:
        found["check"] = _check_dict(p, c)
    return found


def _check_dict(p: Prediction, c: Check) -> dict[str, Any]:
    def pair(x: Any, y: Any, error: Any) -> dict[str, float | None]:
        # Two runs show nothing of the spread of a covariance.
        known = float(error) if math.isfinite(error) else None
        return {"predicted": float(x), "simulated": float(y), "standard_error": known}

    law, run, names = c.law, c.run, p.data.feature_names
    row, column = c.worst("covariance")
    spread = (found.covariance[row, column] for found in (law, run))
    return {
        "replicas": run.replicas,
        "steps": run.steps,
        "steps_wanted": c.steps_wanted,
        "seed": run.seed,
        "backend": run.backend,
        "precision": run.precision,
        "passed": bool(c.report.passed),
        "deviation": c.deviation,
        "deviation_standard_error": c.deviation_error,
        "excess_loss": pair(law.excess_loss, run.excess_loss, run.excess_loss_standard_error),
        "gradient_norm_squared": pair(
            law.gradient_norm_squared, run.gradient_norm_squared, run.gradient_norm_squared_standard_error
        ),
        "covariance_worst_entry": {
            "parameters": [names[row], names[column]],
            **pair(*spread, run.covariance_standard_error[row, column]),
        },
        "mean": {
            name: pair(*values)
            for name, *values in zip(names, law.mean, run.mean, run.mean_standard_error, strict=True)
        },
        "findings": [sentence for _, sentence in (*shortened(c), *findings(p, c))],
    }


def _n(value: float) -> str:
    return f"{float(value):.4g}" if not 1e4 <= abs(value) < 1e7 else f"{float(value):.0f}"


def _e(value: float) -> str:
    if not math.isfinite(value):
        return "unknown"
    return f"{float(value):.2g}" if not 100 <= abs(value) < 1e7 else f"{float(value):.0f}"
