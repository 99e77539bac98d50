"""Derivations of the family ``diffusion``."""
