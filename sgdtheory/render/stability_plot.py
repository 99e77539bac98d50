"""The plot of a report on stability: the limits over the batch size."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sgdtheory.verbs.stability_report import StabilityReport

SHARP, SQUARE, SURE, MEAN, BOUND = "#7f6000", "#0b5394", "#cc5500", "#666666", "#0b5394"


def stability_figure(report: StabilityReport) -> Figure:
    """Return the figure of a report.

    Parameters
    ----------
    report
        From ``stability_report``.

    Returns
    -------
    Figure
        Learning rates against batch sizes, both logarithmic; bars are two standard errors. Between the two dotted lines
        the bounds leave the limit in mean square open.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    rows = report.rows
    sizes = [row.batch_size for row in rows]
    marks = {"linewidth": 1.6, "markersize": 4.5}
    axes.plot(sizes, [row.mean for row in rows], "-", color=MEAN, label="mean", **marks)
    if all(row.almost_sure is not None for row in rows):
        axes.errorbar(
            sizes,
            [row.almost_sure for row in rows],
            yerr=[2 * (row.almost_sure_error or 0.0) for row in rows],
            fmt="s-",
            color=SURE,
            label="almost sure: single runs" + (", simulated" if report.simulated else ""),
            capsize=2,
            **marks,
        )
    axes.plot(sizes, [row.mean_square for row in rows], "o-", color=SQUARE, label="mean square, exact", **marks)
    if rows[0].batch_sharpness is not None:
        sharp = [row.batch_sharpness for row in rows]
        axes.plot(sizes, sharp, "^--", color=SHARP, label="batch sharpness", **marks)
    if rows[0].bounds is not None:
        low, high = ([getattr(row.bounds, name) for row in rows] for name in ("sufficient", "divergent_mulayoff"))
        axes.plot(sizes, low, ":", color=BOUND, linewidth=1, label="bounds of the mean square")
        axes.plot(sizes, high, ":", color=BOUND, linewidth=1)
        axes.fill_between(sizes, low, high, color=BOUND, alpha=0.08, linewidth=0)
    if report.critical_batch_size is not None and sizes[0] <= report.critical_batch_size <= sizes[-1]:
        critical = report.critical_batch_size
        axes.axvline(critical, color=MEAN, linewidth=0.8, linestyle="--", label=f"critical batch size {critical:.3g}")
    axes.set(xscale="log", yscale="log", xlabel="batch size", ylabel="learning rate", title=report.title)
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.minorticks_off()
    ticks = _ticks(*axes.get_ylim())
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.spines[["top", "right"]].set_visible(False)
    handles, labels = axes.get_legend_handles_labels()
    order = sorted(range(len(labels)), key=lambda k: (not labels[k].startswith("almost sure"), k))
    axes.legend([handles[k] for k in order], [labels[k] for k in order], frameon=False)
    return figure


def _ticks(low: float, high: float) -> list[float]:
    """Return round numbers between two limits, closer together where few powers of ten lie between."""
    steps: tuple[float, ...] = (1,) if high > 1000 * low else (1, 2, 5) if high > 20 * low else (1, 1.5, 2, 3, 4, 5, 7)
    if high < 3 * low:
        steps = (1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [step * 10.0**power for power in powers for step in steps if low <= step * 10.0**power <= high]
