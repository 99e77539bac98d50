"""Optimizers: what is stored, what is refused at construction."""

import dataclasses

import numpy as np
import pytest
import sympy as sp

import sgdtheory as st
from sgdtheory.errors import DomainError, NonFiniteError


def test_numbers_are_stored_as_floats():
    for rate in (0.25, np.float64(0.25), np.float32(0.25), np.array(0.25)):
        optimizer = st.SGD(rate, 8, momentum=rate)
        assert type(optimizer.learning_rate) is float
        assert optimizer.learning_rate == optimizer.momentum == 0.25
    assert st.SGD(1, 1).learning_rate == 1.0


def test_defaults_and_equality():
    optimizer = st.SGD(0.1, 8)
    assert (optimizer.momentum, optimizer.nesterov, optimizer.sampling) == (0.0, False, "replacement")
    assert optimizer == st.SGD(learning_rate=0.1, batch_size=8)
    assert hash(optimizer) == hash(st.SGD(0.1, 8))
    assert optimizer != st.SGD(0.1, 8, momentum=0.9)
    with pytest.raises(dataclasses.FrozenInstanceError):
        optimizer.learning_rate = 0.2


def test_symbols_pass():
    eta, m, mu = sp.symbols("eta m mu", positive=True)
    optimizer = st.SGD(eta, m, momentum=mu, nesterov=True)
    assert (optimizer.learning_rate, optimizer.batch_size, optimizer.momentum) == (eta, m, mu)
    assert st.SGD(sp.Rational(1, 10), sp.Integer(3)).learning_rate == sp.Rational(1, 10)


@pytest.mark.parametrize("size", [1, np.int64(8), np.uint8(3), 2**40, sp.Integer(5)])
def test_integers_of_all_kinds_are_batch_sizes(size):
    assert st.SGD(0.1, size).batch_size == size


def test_jax_scalars_and_tracers_pass():
    import jax
    import jax.numpy as jnp

    assert st.SGD(jnp.asarray(0.1), 8).learning_rate.dtype == jnp.float32

    @jax.jit
    def build(rate):
        return 2 * st.SGD(rate, 8).learning_rate

    assert build(0.25) == 0.5


@pytest.mark.parametrize("sampling", ["replacement", "without_replacement", "reshuffle"])
def test_the_three_samplings(sampling):
    assert st.SGD(0.1, 8, sampling=sampling).sampling == sampling


def test_nesterov_with_momentum():
    assert st.SGD(0.1, 8, momentum=0.9, nesterov=True).nesterov is True


def test_python_fractions_are_real_numbers():
    from fractions import Fraction

    assert st.SGD(Fraction(1, 4), 8).learning_rate == 0.25


@pytest.mark.parametrize("delay", [0, 3, np.int64(3)])
def test_delays_are_whole_numbers(delay):
    optimizer = st.SGD(0.1, 8, momentum=0.9, delay=delay)
    assert type(optimizer.delay) is int
    assert optimizer.delay == delay
    assert (optimizer == st.SGD(0.1, 8, momentum=0.9)) is bool(delay == 0)


@pytest.mark.parametrize("delay", [True, np.True_, -1, 1.0, 0.5, float("nan"), "1", None, [1], sp.Symbol("tau"), 1j])
def test_what_is_no_delay_is_refused(delay):
    with pytest.raises((DomainError, NonFiniteError), match="delay"):
        st.SGD(0.1, 8, delay=delay)


def test_a_traced_delay_is_refused():
    import jax

    with pytest.raises(DomainError, match="the delay is traced"):
        jax.jit(lambda delay: st.SGD(0.1, 8, delay=delay).learning_rate)(1)
