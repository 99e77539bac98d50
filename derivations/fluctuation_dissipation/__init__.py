"""Derivations of the family ``fluctuation_dissipation``."""
