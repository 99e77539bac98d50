"""Derivations of the family ``averaging``."""
