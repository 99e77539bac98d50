"""The plot of a prediction: the loss curve, and two parameters' spread."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any

from sgdtheory.errors import DataError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sgdtheory.verbs.prediction import Check, Prediction

PREDICTED, SIMULATED, FLOOR = "#0b5394", "#cc5500", "#666666"
CURVE_POINTS = 80
RADIUS_95 = math.sqrt(-2 * math.log(0.05))  # of a two-dimensional Gaussian, in standard deviations


def prediction_figure(prediction: Prediction, check: Check | None = None) -> Figure:
    """Return the figure of a prediction, with the simulation where there is one.

    Parameters
    ----------
    prediction
        From ``predict``.
    check
        From ``check``.

    Returns
    -------
    Figure
        Left the expected excess loss against the steps, right the 95 % region of the two parameters that vary
        most: at the last step of the check, or for ever after.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.8), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2, width_ratios=(1.25, 1))
    sgd = prediction.optimizer
    figure.suptitle(f"SGD on {prediction.data.name}: learning rate {sgd.learning_rate:g}, batch size {sgd.batch_size}")
    _draw_curve(left, prediction, check)
    if prediction.problem.dimension == 1:
        _draw_density(right, prediction, check)
    else:
        _draw_ellipses(right, prediction, check)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    left.legend(frameon=False)
    right.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=3)  # off the ellipses
    return figure


def save(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write a figure; a file that cannot be written is a ``DataError``."""
    try:
        figure.savefig(path, dpi=150)
    except OSError as error:
        raise DataError(
            "the plot cannot be written", got=str(error), allowed="a file you may write", mend="name another file"
        ) from None


def _draw_curve(axes: Axes, prediction: Prediction, check: Check | None) -> None:
    from sgdtheory.verbs.prediction import expected_excess_loss

    start = 0 * prediction.problem.minimum
    last = prediction.steps_to_settle or math.ceil(5 * prediction.slowest_time)
    if check is not None:
        last = check.run.steps
    steps = sorted({round(max(last, 1) ** (k / CURVE_POINTS)) for k in range(CURVE_POINTS + 1)})
    if check is not None:
        run = check.run
        seen = run.curve_steps > 0  # a logarithmic axis has no step 0
        at, loss, error = run.curve_steps[seen], run.curve_loss[seen], 2 * run.curve_standard_error[seen]
        lower = [max(low, 0.3 * middle) for low, middle in zip(loss - error, loss, strict=True)]
        axes.fill_between(at, lower, loss + error, color=SIMULATED, alpha=0.25, linewidth=0)
        axes.plot(at, loss, color=SIMULATED, linewidth=1.5, label=f"simulated, {run.replicas} runs (band: 2 s.e.)")
    axes.plot(
        steps,
        expected_excess_loss(prediction.law, start, steps),
        color=PREDICTED,
        linewidth=1.5,
        linestyle="--" if check else "-",
        label="predicted",
    )
    floor = prediction.law.excess_loss
    if not prediction.noiseless:
        axes.axhline(floor, color=FLOOR, linewidth=1, linestyle=":", label=f"predicted noise floor {floor:.3g}")
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="step",
        ylabel="expected loss above its minimum",
        title="the loss, from parameters zero",
    )


def _draw_ellipses(axes: Axes, prediction: Prediction, check: Check | None) -> None:
    order = prediction.standard_deviations.argsort()
    pair = sorted((int(order[-1]), int(order[-2])))
    law = check.law if check else prediction.law
    _draw_ellipse(
        axes, law.mean, law.covariance, pair, color=PREDICTED, linestyle="--" if check else "-", label="predicted"
    )
    if check is not None:
        _draw_ellipse(
            axes,
            check.run.mean,
            check.run.covariance,
            pair,
            color=SIMULATED,
            linestyle="-",
            label="simulated",
            zorder=1,
        )
    names, minimum = prediction.data.feature_names, prediction.problem.minimum
    axes.plot([minimum[pair[0]]], [minimum[pair[1]]], ".", color=FLOOR, label="minimum")
    axes.set(xlabel=names[pair[0]], ylabel=names[pair[1]], title=f"95 % region of the runs, {_when(check)}")
    axes.margins(0.12)


def _draw_ellipse(axes: Axes, mean: Any, covariance: Any, pair: list[int], **style: Any) -> None:
    a, b = pair
    # Columns of the Cholesky factor carry the unit circle to the ellipse.
    first = math.sqrt(covariance[a, a])
    across = covariance[a, b] / first if first > 0 else 0.0
    second = math.sqrt(max(covariance[b, b] - across**2, 0.0))
    angles = [2 * math.pi * k / 200 for k in range(201)]
    x = [mean[a] + RADIUS_95 * first * math.cos(t) for t in angles]
    y = [mean[b] + RADIUS_95 * (across * math.cos(t) + second * math.sin(t)) for t in angles]
    axes.plot(x, y, linewidth=1.5, **style)
    axes.plot([mean[a]], [mean[b]], marker="+", markersize=10, color=style["color"], linestyle="none")


def _draw_density(axes: Axes, prediction: Prediction, check: Check | None) -> None:
    laws: list[tuple[str, str, Any]] = [("predicted", PREDICTED, check.law if check else prediction.law)]
    if check is not None:
        laws.append(("simulated mean and variance", SIMULATED, check.run))
    for label, color, law in laws:
        mean, spread = float(law.mean[0]), math.sqrt(float(law.covariance[0, 0]))
        if spread == 0:
            axes.axvline(mean, color=color, label=label)
            continue
        offsets = [(k - 100) / 25 for k in range(201)]
        axes.plot(
            [mean + x * spread for x in offsets],
            [math.exp(-x * x / 2) / (spread * math.sqrt(2 * math.pi)) for x in offsets],
            color=color,
            label=label,
        )
    axes.set(
        xlabel=prediction.data.feature_names[0], ylabel="density", title=f"the parameter as a Gaussian, {_when(check)}"
    )


def _when(check: Check | None) -> str:
    return "at the noise floor" if check is None else f"after {check.run.steps} steps"
