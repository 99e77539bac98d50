"""SGD on least squares with an endless stream of Gaussian features."""
