"""Derivations of the family ``reshuffling``."""
