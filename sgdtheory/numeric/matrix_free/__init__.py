"""Hessians and noise of which only products with vectors are known: their functions, traces and covariances."""
