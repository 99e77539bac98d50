"""The spectral lift for JAX: differentiable and jit-able, equal eigenvalues included.

Derivatives of eigenvectors blow up where eigenvalues meet. The operator form avoids them: the solution X of
D(H) X = R is differentiated implicitly, dX = D(H)^-1 (dR - dD(H) X), which needs only another solve and products.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import sympy as sp

from sgdtheory.algebra.spectral import OperatorForm, Terms
from sgdtheory.closed_form import ClosedForm, index_letters
from sgdtheory.numeric.operators import (
    apply,
    coefficients,
    divisor,
    function,
    pair_form,
    scalar_words,
    trace_forms,
    vector_form,
)
from sgdtheory.symbols import glossary


def lift(form: ClosedForm, value: sp.Expr, hessian: Any, words: dict[str, Any]) -> Any:
    """Evaluate a closed form on JAX arrays."""
    left = glossary[form.symbol]
    scalars = scalar_words(words)
    if not index_letters(value) and not left.indices:
        symbols, compute = function(value, "jax")
        return compute(*(scalars[s] for s in symbols))
    H = jnp.asarray(hessian)
    if len(left.indices) == 2:
        return _pair(pair_form(value), H, jnp.asarray(words["noise"]), scalars)
    if left.indices and left.rotates:
        return _matrix_function(vector_form(value), H, scalars) @ jnp.asarray(words["displacement"])
    if left.indices:
        symbols, compute = function(value, "jax")
        eigenvalues = jnp.linalg.eigvalsh(H)
        return compute(*(eigenvalues if glossary[s].word == "curvature" else scalars[s] for s in symbols))
    total = jnp.zeros((), H.dtype)
    for word, part in trace_forms(value).items():
        matrix = jnp.asarray(words[word])
        matrix = matrix if word == "noise" else jnp.outer(matrix, matrix)
        total = total + jnp.trace(_matrix_function(part, H, scalars) @ matrix)
    return total


def _generators(form: OperatorForm, H: Any, scalars: dict[sp.Symbol, Any]) -> list[Any]:
    generators = [H]
    for atom in form.atoms:
        exponent = _number(atom.exponent, scalars)
        mode = next(iter(atom.base.free_symbols - set(scalars)), None)
        slope = _number(sp.diff(atom.base, mode) if mode else atom.base, scalars)
        if atom.kind == "exp":
            generators.append(jax.scipy.linalg.expm(slope * H))
            continue
        constant = _number(sp.expand(atom.base - sp.diff(atom.base, mode) * mode), scalars)
        base = constant * jnp.eye(len(H), dtype=H.dtype) + slope * H
        if isinstance(exponent, jax.core.Tracer):
            raise TypeError("under jax.jit the number of steps must be a Python int (static), not a traced value")
        generators.append(jnp.linalg.matrix_power(base, int(exponent)))
    return generators


def _number(expression: sp.Expr, scalars: dict[sp.Symbol, Any]) -> Any:
    symbols, compute = function(sp.sympify(expression), "jax")
    return compute(*(scalars[s] for s in symbols))


def _matrix_function(form: OperatorForm, H: Any, scalars: dict[sp.Symbol, Any]) -> Any:
    generators, identity = _generators(form, H, scalars), jnp.eye(len(H), dtype=H.dtype)
    numerator, denominator = (
        apply(terms, coefficients(terms, scalars), generators, identity) for terms in (form.numerator, form.denominator)
    )
    return jnp.linalg.solve(denominator, numerator)


def _pair(form: OperatorForm, H: Any, noise: Any, scalars: dict[sp.Symbol, Any]) -> Any:
    generators = _generators(form, H, scalars)
    right = apply(form.numerator, coefficients(form.numerator, scalars), generators, noise)
    rational = tuple((sp.Integer(0), left[:1], right_[:1]) for _, left, right_ in form.denominator)
    values = jnp.stack([jnp.asarray(c, H.dtype) for c in coefficients(form.denominator, scalars)])
    return _solve(rational, values, H, right)


def _solve(terms: Terms, values: Any, H: Any, right: Any) -> Any:
    """Return X with sum_k values_k H^a X H^b = right, by eigenvectors and one step of refinement."""
    eigenvalues, vectors = jnp.linalg.eigh(jax.lax.stop_gradient(H))
    scale = divisor(terms, list(jax.lax.stop_gradient(values)), eigenvalues)

    def operator(matrix: Any) -> Any:
        return apply(terms, list(values), [H], matrix)

    def once(side: Any) -> Any:
        return vectors @ ((vectors.T @ side @ vectors) / scale) @ vectors.T

    def solution(matvec: Any, side: Any) -> Any:
        first = once(side)
        return first + once(side - matvec(first))

    # Products with a symmetric Hessian from either side are their own transpose.
    return jax.lax.custom_linear_solve(operator, right, solution, symmetric=True)
