"""Linear equations of SGD's second moments: Lyapunov's, random curvature's, and the n x n kernel of least squares."""
