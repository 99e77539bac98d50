"""Derivations of the family ``posterior``."""
