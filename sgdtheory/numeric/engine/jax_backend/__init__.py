"""Blocks of replicas in JAX: ``block`` is the class, ``step`` a step of each model, ``runs`` the compiled loops."""
