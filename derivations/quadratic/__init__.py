"""Derivations of the family quadratic, one file per result."""
