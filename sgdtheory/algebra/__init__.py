"""Symbolic tools that derivations use; each piece small."""
