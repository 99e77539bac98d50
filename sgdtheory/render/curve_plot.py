"""The plot of an expected loss curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sgdtheory.errors import DomainError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sgdtheory.verbs.loss_curve import LossCurve

EXPECTED, AVERAGED, LEFT = "#0b5394", "#cc5500", "#666666"


def draw_curve(curve: LossCurve, axes: Axes | None = None) -> Axes:
    """Draw an expected loss curve on axes, or on those of a new figure, and return them."""
    if axes is None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7, 4.2), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots()
    order = [place for place in curve.steps.argsort() if curve.steps[place] > 0]  # a logarithmic axis has no step 0
    if not order:
        raise DomainError(
            "there is nothing to draw",
            got="step 0 alone",
            allowed="a curve with a step beyond 0",
            mend="ask loss_curve for more steps",
        )
    axes.plot(curve.steps[order], curve.excess_loss[order], color=EXPECTED, label="expected")
    if curve.averaged is not None:
        label = f"of weights averaged with decay {curve.averaged.averaging_decay:g}"
        axes.plot(curve.steps[order], curve.averaged.excess_loss[order], color=AVERAGED, label=label)
    if curve.loss_of_mean is not None:
        axes.plot(curve.steps[order], curve.loss_of_mean[order], ":", color=LEFT, label="left of the start")
    whole = [curve, *([] if curve.averaged is None else [curve.averaged])]
    seen = [value for each in whole for value in each.excess_loss[order] if 0 < value < float("inf")]
    if seen:  # what is left of the start falls without end
        axes.set_ylim(min(seen) / 3, 2 * max(seen))
    axes.set(xscale="log", yscale="log", xlabel="step", ylabel="expected loss above its minimum")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    return axes
