"""The optimizer's update, the one place where it is written."""

from __future__ import annotations

from typing import Any


def update(
    parameters: Any, velocity: Any, gradient: Any, *, learning_rate: Any, momentum: Any = 0, nesterov: bool = False
) -> tuple[Any, Any]:
    """Return the next parameters and velocity, as ``torch.optim.SGD`` and ``optax.sgd`` define them.

    ``velocity <- momentum * velocity + gradient``; the parameters move against the velocity, or with
    ``nesterov`` against ``gradient + momentum * velocity``. Any operands with arithmetic will do: SymPy
    expressions, exact rationals, arrays.

    Examples
    --------
    >>> update(1.0, 0.0, 2.0, learning_rate=0.1)
    (0.8, 2.0)
    """
    velocity = momentum * velocity + gradient
    direction = gradient + momentum * velocity if nesterov else velocity
    return parameters - learning_rate * direction, velocity
