"""SGD on shuffled epochs: each sample once in an epoch, in random order."""
