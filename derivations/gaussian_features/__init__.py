"""Derivations of the family ``gaussian_features``."""
