"""Averages of the weights of SGD: exponential moving averages and averages over a window."""
