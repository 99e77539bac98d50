"""SGD on finite sums of quadratics: each sample has its own curvature."""
