"""Derivations of the family ``quadratic_sums``."""
