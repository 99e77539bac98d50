"""The law of SGD under shuffled epochs."""

from sgdtheory.numeric.moments.epochs.law import EpochLaw, epoch_law, epoch_transient

__all__ = ["EpochLaw", "epoch_law", "epoch_transient"]
