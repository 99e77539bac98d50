"""Derivations: one ``derive()`` per result, from its process alone; a derivation never imports its own claim."""
