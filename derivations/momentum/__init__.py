"""Derivations of the family ``momentum``."""
