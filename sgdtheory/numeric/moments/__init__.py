"""One engine for the first two moments of every optimizer that is affine in its batch's curvature and gradient."""
