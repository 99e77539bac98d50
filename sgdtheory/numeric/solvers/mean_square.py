"""The limit in mean square: up to which learning rate the second moment of SGD converges."""

from __future__ import annotations

from sgdtheory.errors import StabilityError


def unstable(learning_rate: float, limit: float) -> StabilityError:
    """Return the error for a learning rate at or beyond the limit.

    Examples
    --------
    >>> unstable(2.0, 1.5).allowed
    'learning rates above 0 and below 1.5, the limit in mean square'
    """
    return StabilityError(
        "the second moment of the parameters diverges, because samples differ in their curvature",
        got=f"learning rate {learning_rate:.6g}",
        allowed=f"learning rates above 0 and below {limit:.6g}, the limit in mean square",
        mend=f"take, for example, {limit / 2:.3g}, or a larger batch",
    )
