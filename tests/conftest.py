"""Shared fixtures, and which examples hypothesis draws."""

import os

import pytest
from hypothesis import settings

# The same examples in every run; HYPOTHESIS_PROFILE=default draws new ones.
settings.register_profile("fixed", derandomize=True, deadline=None, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


@pytest.fixture
def x64():
    """Turn JAX's double precision on for one test and leave the setting as it was."""
    import jax

    before = jax.config.jax_enable_x64
    with jax.enable_x64(True):
        yield
    assert jax.config.jax_enable_x64 == before
