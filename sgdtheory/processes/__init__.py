"""What is run: pure steps that take their noise as an argument and use only arithmetic.

The same functions are the premise of a derivation (SymPy), the moment recursion (exact rationals) and the
simulator (NumPy), so theory and simulation cannot describe different algorithms.
"""
