"""The expected loss of SGD along a whole run."""

from sgdtheory.numeric.moments.loss_curves.of_problem import Curves, curves, high_dimensional_curves
from sgdtheory.numeric.moments.loss_curves.times import times_of

__all__ = ["Curves", "curves", "high_dimensional_curves", "times_of"]
