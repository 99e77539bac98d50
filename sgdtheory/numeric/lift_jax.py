"""The spectral lift for JAX: differentiable and jit-able, equal eigenvalues included.

Derivatives of eigenvectors blow up where eigenvalues meet. The operator form D(H) X = R avoids them, because its
solution is differentiated as that of an equation (numeric/solvers/jax_lyapunov.py).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import sympy as sp

from sgdtheory.algebra.spectral import Atom, OperatorForm, Terms
from sgdtheory.closed_form import ClosedForm, index_letters
from sgdtheory.numeric.falling_rates import as_recursion
from sgdtheory.numeric.operators import (
    IDENTITY,
    apply,
    coefficients,
    divisor,
    function,
    pair_form,
    pair_parts,
    scalar_words,
    trace_forms,
    vector_form,
)
from sgdtheory.numeric.solvers.jax_lyapunov import eigensystem, implicit_solution
from sgdtheory.numeric.stable import GeometricSum, stable
from sgdtheory.symbols import C_ii, C_ij, glossary, lambda_i, lambda_j


def lift(form: ClosedForm, value: sp.Expr, hessian: Any, words: dict[str, Any]) -> Any:
    """Evaluate a closed form on JAX arrays."""
    left = glossary[form.symbol]
    scalars = scalar_words(words)
    if not index_letters(value) and not left.indices:
        symbols, compute = function(value, "jax")
        return compute(*(scalars[s] for s in symbols))
    H = jnp.asarray(hessian)
    if len(left.indices) == 2:
        return sum(_pair(part, H, jnp.asarray(words[word]), scalars) for word, part in pair_parts(value).items())
    if left.indices and left.rotates:
        return _matrix_function(vector_form(value), H, scalars) @ jnp.asarray(words["displacement"])
    if left.indices:
        return _by_mode(value, H, words, scalars)
    if value.has(C_ii) and not value.as_poly(C_ii):
        return jnp.sum(_by_mode(value, H, words, scalars))
    total = jnp.zeros((), H.dtype)
    for word, part in trace_forms(value).items():
        matrix = jnp.eye(len(H), dtype=H.dtype) if word == IDENTITY else jnp.asarray(words[word])
        matrix = jnp.outer(matrix, matrix) if word == "displacement" else matrix
        total = total + jnp.trace(_matrix_function(part, H, scalars) @ matrix)
    return total


def _by_mode(value: sp.Expr, H: Any, words: dict[str, Any], scalars: dict[sp.Symbol, Any]) -> Any:
    """Return the value for each mode, (d,); where it holds the noise its derivatives need unequal eigenvalues."""
    symbols, compute = function(value, "jax")
    diagonal = [s for s in symbols if glossary[s].indices == "ii"]
    if diagonal:
        eigenvalues, vectors = jnp.linalg.eigh(H)
        matrices = {s: jnp.asarray(words[glossary[s].word]) for s in diagonal}
        turned = {s: jnp.einsum("ai,ab,bi->i", vectors, matrix, vectors) for s, matrix in matrices.items()}
        scalars = {**scalars, **turned}
    else:
        eigenvalues = jnp.linalg.eigvalsh(H)
    found = compute(*(eigenvalues if glossary[s].word == "curvature" else scalars[s] for s in symbols))
    return jnp.broadcast_to(found, eigenvalues.shape)


def _generators(form: OperatorForm, H: Any, scalars: dict[sp.Symbol, Any]) -> list[Any]:
    powers = [
        jax.scipy.linalg.expm(base) if atom.kind == "exp" else jnp.linalg.matrix_power(base, _steps(atom, scalars))
        for atom, base in zip(form.atoms, _bases(form, H, scalars), strict=True)
    ]
    return [H, *powers]


def _bases(form: OperatorForm, H: Any, scalars: dict[sp.Symbol, Any]) -> list[Any]:
    """Return the atoms' bases, polynomials of the mode, as matrices, by Horner's rule."""
    found, identity = [], jnp.eye(len(H), dtype=H.dtype)
    for atom in form.atoms:
        inner = atom.base * lambda_i if atom.kind == "exp" else atom.base
        first, *rest = sp.Poly(inner, lambda_i).all_coeffs()
        total = _number(first, scalars) * identity
        for coefficient in rest:
            total = total @ H + _number(coefficient, scalars) * identity
        found.append(total)
    return found


def _steps(atom: Atom, scalars: dict[sp.Symbol, Any]) -> int:
    return _whole(atom.exponent, scalars)


def _whole(expression: sp.Expr, scalars: dict[sp.Symbol, Any]) -> int:
    steps = _number(expression, scalars)
    if isinstance(steps, jax.core.Tracer):
        raise TypeError("under jax.jit the number of steps must be a Python int (static), not a traced value")
    return int(steps)


def _number(expression: sp.Expr, scalars: dict[sp.Symbol, Any]) -> Any:
    symbols, compute = function(sp.sympify(expression), "jax")
    return compute(*(scalars[s] for s in symbols))


def _matrix_function(form: OperatorForm, H: Any, scalars: dict[sp.Symbol, Any]) -> Any:
    generators, identity = _generators(form, H, scalars), jnp.eye(len(H), dtype=H.dtype)
    numerator, denominator = (
        apply(terms, coefficients(terms, scalars), generators, identity) for terms in (form.numerator, form.denominator)
    )
    return jnp.linalg.solve(denominator, numerator)


def _pair(value: sp.Expr, H: Any, noise: Any, scalars: dict[sp.Symbol, Any]) -> Any:
    falling = as_recursion(value)
    if falling is not None:
        factor, constant = (_number(part, scalars) for part in falling[:2])
        return factor * _falling_sum(constant * H, noise, _whole(falling[2], scalars))
    form = pair_form(value)
    factor = _sum_factor(value)
    if factor is not None:
        (base,) = _bases(form, H, scalars)
        return _number(factor, scalars) * _geometric_sum(base, noise, _steps(form.atoms[0], scalars))
    generators = _generators(form, H, scalars)
    right = apply(form.numerator, coefficients(form.numerator, scalars), generators, noise)
    values = jnp.stack([jnp.asarray(c, H.dtype) for c in coefficients(form.denominator, scalars)])
    return _solve(form.denominator, values, generators, right)


@lru_cache(maxsize=64)
def _sum_factor(value: sp.Expr) -> sp.Expr | None:
    """Return c of a value c C_ij sum_s (a_i a_j)**s with a_i the one power in it, or None for any other value."""
    rewritten = stable(value)
    sums = list(rewritten.atoms(GeometricSum))
    if len(sums) != 1:
        return None
    (atom,) = pair_form(value).atoms
    ratio = atom.base * atom.base.xreplace({lambda_i: lambda_j})
    factor = sp.cancel(rewritten.xreplace({sums[0]: sp.Integer(1)}) / C_ij)
    if sp.expand(1 - sums[0].args[0] - ratio) != 0 or factor.has(lambda_i, lambda_j, C_ij):
        return None
    return factor


def _geometric_sum(base: Any, matrix: Any, steps: int) -> Any:
    """Return the sum of A^s X A^s over s = 0 ... steps - 1, by doubling: no division, so no lost digits and no 0/0."""
    total, power = jnp.zeros_like(matrix), jnp.eye(len(base), dtype=base.dtype)
    for bit in f"{steps:b}":
        total, power = total + power @ total @ power, power @ power
        if bit == "1":
            total, power = matrix + base @ total @ base, base @ power
    return total


def _falling_sum(curvature: Any, noise: Any, steps: int) -> Any:
    """Return the sum of the noise over k^2, each multiplied from both sides by 1 - curvature/s for all later s.

    It is taken between eigenvectors that no derivative moves, where the curvature is diagonal but for its derivative:
    elsewhere steep modes, which the first steps multiply, would drown the others in their rounding errors.
    """
    eigenvalues, vectors = jnp.linalg.eigh(jax.lax.stop_gradient(curvature))
    turned, noise = vectors.T @ curvature @ vectors, vectors.T @ noise @ vectors
    turned = jnp.diag(eigenvalues) + (turned - jax.lax.stop_gradient(turned))
    identity = jnp.eye(len(turned), dtype=turned.dtype)

    def step(total: Any, k: Any) -> tuple[Any, None]:
        kept = identity - turned / k
        return kept @ total @ kept + noise / k**2, None

    found = jax.lax.scan(step, jnp.zeros_like(noise), jnp.arange(1, steps + 1, dtype=turned.dtype))[0]
    return vectors @ found @ vectors.T


def _solve(terms: Terms, values: Any, generators: list[Any], right: Any) -> Any:
    """Return X with sum_k values_k L_k X R_k = right, for products L and R of generators, functions of the first."""
    _, vectors = eigensystem(generators[0])
    spectra = [jnp.einsum("ai,ab,bi->i", vectors, generator, vectors) for generator in generators]

    def operator(matrix: Any) -> Any:
        return apply(terms, list(values), generators, matrix)

    return implicit_solution(operator, vectors, divisor(terms, list(values), spectra), right)
