"""Shared fixtures."""

import pytest


@pytest.fixture
def x64():
    """Turn JAX's double precision on for one test and leave the setting as it was."""
    import jax

    before = jax.config.jax_enable_x64
    with jax.enable_x64(True):
        yield
    assert jax.config.jax_enable_x64 == before
