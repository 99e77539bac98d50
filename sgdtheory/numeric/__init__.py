"""Numbers: the only folder that imports numpy, scipy, numba or jax."""
