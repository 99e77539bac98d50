"""The operator form of a formula, with arrays: what the lifts for NumPy, SymPy and JAX share."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy as sp

from sgdtheory.algebra.exit_integral import ExitIntegral, LogEscapeIntegral
from sgdtheory.algebra.exit_variance import ExitVariance
from sgdtheory.algebra.falling_rates_sum import FallingRatesSum
from sgdtheory.algebra.spectral import OperatorForm, Terms, linear_parts, operator_form
from sgdtheory.numeric.hypergeometric import named
from sgdtheory.numeric.stable import FUNCTIONS, stable
from sgdtheory.symbols import C_ii, C_ij, E_ij, delta_i, glossary

IDENTITY = "identity"  # what a function of the Hessian multiplies in a sum over modes that has no other input


@lru_cache(maxsize=512)
def function(value: sp.Expr, modules: str = "numpy") -> tuple[tuple[sp.Symbol, ...], Any]:
    """Return a value's symbols in a fixed order, and the value as a function of them."""
    symbols = tuple(sorted(value.free_symbols, key=str))
    value = value.rewrite([ExitIntegral, LogEscapeIntegral], sp.hyper)
    special = value.has(sp.hyper, sp.besselj, sp.besseli, sp.erf, ExitVariance)
    value = named(value) if special else value
    if modules == "numpy":
        return symbols, sp.lambdify(symbols, stable(value), modules=[FUNCTIONS, "numpy"], cse=True)
    if special:
        from sgdtheory.numeric import jax_hypergeometric  # as the lift that asks for it: where a JAX array came in

        return symbols, sp.lambdify(symbols, value, modules=[jax_hypergeometric.FUNCTIONS, modules], cse=True)
    return symbols, sp.lambdify(symbols, value, modules=modules, cse=True)


@lru_cache(maxsize=256)
def pair_form(value: sp.Expr) -> OperatorForm | None:
    """Return the operator form of a value that is linear in the noise C_ij, None where it has none."""
    parts = linear_parts(value, {C_ij: "noise"}) if value.has(C_ij) and not value.has(FallingRatesSum) else {}
    return operator_form(parts["noise"]) if parts else None


def pair_parts(value: sp.Expr) -> dict[str, sp.Expr]:
    """Return the parts of a sum for a pair of modes, each linear in one matrix, by the word of that matrix."""
    if not value.has(E_ij):
        return {"noise": value}
    factors = linear_parts(value, {C_ij: "noise", E_ij: "injected_noise"})
    return {word: factor * C_ij for word, factor in factors.items()}


@lru_cache(maxsize=256)
def trace_parts(value: sp.Expr) -> dict[str, sp.Expr]:
    """Return the functions of one mode in a sum over modes, by the input that each multiplies."""
    inputs = {C_ii: "noise", delta_i**2: "displacement"}
    return linear_parts(value, inputs) if value.has(C_ii, delta_i) else {IDENTITY: value}


@lru_cache(maxsize=256)
def trace_forms(value: sp.Expr) -> dict[str, OperatorForm]:
    """Return the operator forms of a sum over modes, by the input in which each part is linear."""
    return {name: operator_form(part) for name, part in trace_parts(value).items()}


@lru_cache(maxsize=256)
def vector_form(value: sp.Expr) -> OperatorForm:
    """Return the operator form of a value that is linear in the displacement."""
    return operator_form(linear_parts(value, {delta_i: "displacement"})["displacement"])


def scalar_words(words: dict[str, Any]) -> dict[sp.Symbol, Any]:
    """Return the values of scalar symbols."""
    return {s: words[q.word] for s, q in glossary.items() if not q.indices and q.word in words}


def coefficients(terms: Terms, scalars: dict[sp.Symbol, Any]) -> list[Any]:
    """Return the coefficients of an operator's terms for values of the scalar parameters."""
    found = []
    for coefficient, _, _ in terms:
        symbols, compute = function(coefficient)
        found.append(compute(*(scalars[s] for s in symbols)))
    return found


def apply(terms: Terms, values: list[Any], generators: list[Any], matrix: Any) -> Any:
    """Return sum of coefficient * (generators on the left) matrix (generators on the right)."""
    total = 0 * matrix
    for value, (_, left, right) in zip(values, terms, strict=True):
        product = matrix
        for generator, power in zip(generators, left, strict=True):
            for _ in range(power):
                product = generator @ product
        for generator, power in zip(generators, right, strict=True):
            for _ in range(power):
                product = product @ generator
        total = total + value * product
    return total


def divisor(terms: Terms, values: list[Any], spectra: list[Any]) -> Any:
    """Return an operator's values on pairs of modes, (d, d), from the values of its generators on each mode."""
    total = 0
    for value, (_, left, right) in zip(values, terms, strict=True):
        for spectrum, a, b in zip(spectra, left, right, strict=True):
            value = value * spectrum[:, None] ** a * spectrum[None, :] ** b
        total = total + value
    return total


def modal_quotient(vectors: Any, pairs: Any, matrix: Any) -> Any:
    """Return the matrix whose entries between the vectors, one per column, are those of ``matrix`` over ``pairs``.

    All three are (..., d, d) arrays. Where a linear operator on matrices has eigenvalues ``pairs`` on the pairs of
    vectors, this is its inverse.
    """
    turned = vectors.swapaxes(-1, -2)
    if vectors.ndim > 2:
        turned = turned.copy()  # NumPy multiplies stacks of small matrices faster where they are contiguous
    return vectors @ ((turned @ matrix @ vectors) / pairs) @ turned
