"""Derivations of the family ``asynchrony``."""
