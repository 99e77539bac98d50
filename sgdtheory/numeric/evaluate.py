"""From a closed form to numbers, arrays or expressions: the spectral lift.

A closed form is written once, for a pair of modes. Here it is evaluated on a whole problem in the basis in which
the person gave it: in NumPy through eigenvectors, in SymPy and JAX through the operator form (algebra/spectral.py),
which needs none.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from sgdtheory.algebra.spectral import OperatorForm, Terms, linear_parts, operator_form
from sgdtheory.closed_form import ClosedForm, index_letters
from sgdtheory.errors import DomainError
from sgdtheory.numeric.arrays import JAX, SYMPY, kind_of
from sgdtheory.numeric.spectrum import Spectrum, spectrum_of
from sgdtheory.numeric.stable import FUNCTIONS, stable
from sgdtheory.symbols import C_ii, C_ij, delta_i, glossary, lambda_i, lambda_j


def evaluate(form: ClosedForm, *, hessian: Any = None, value: sp.Expr | None = None, **words: Any) -> Any:
    """Evaluate a closed form on a problem.

    Parameters
    ----------
    form
        The closed form.
    hessian
        (d, d) Hessian, where the form has modes; a ``Spectrum`` saves its decomposition.
    value
        A variant of the form's value, for example an erratum.
    words
        Its other parameters by their public words: ``noise`` (d, d), ``displacement`` (d,), scalars.

    Returns
    -------
    scalar, (d,) or (d, d)
        In the kind of the input; matrices and vectors in the basis of the Hessian as it was given, results per
        mode in ascending order of the eigenvalues.

    Examples
    --------
    >>> from sgdtheory.catalogue import results
    >>> evaluate(results["quadratic.stationary_excess_loss_diffusion"], hessian=np.eye(2), noise=np.eye(2),
    ...          learning_rate=0.1, batch_size=4)
    0.0125
    """
    value = form.value if value is None else value
    missing = {glossary[s].word for s in value.free_symbols} - set(words) - {"curvature"}
    if missing:
        raise TypeError(f"{form.name} needs {', '.join(sorted(missing))}")
    kind = kind_of(hessian.matrix if isinstance(hessian, Spectrum) else hessian, *words.values())
    if kind == SYMPY:
        from sgdtheory.numeric.lift_sympy import lift
    elif kind == JAX:
        from sgdtheory.numeric.lift_jax import lift
    else:
        return _lift(form, value, hessian, words)
    return lift(form, value, hessian.matrix if isinstance(hessian, Spectrum) else hessian, words)


@lru_cache(maxsize=512)
def function(value: sp.Expr, modules: str = "numpy") -> tuple[tuple[sp.Symbol, ...], Any]:
    """Return a value's symbols in a fixed order, and the value as a function of them."""
    symbols = tuple(sorted(value.free_symbols, key=str))
    if modules == "numpy":
        return symbols, sp.lambdify(symbols, stable(value), modules=[FUNCTIONS, "numpy"], cse=True)
    return symbols, sp.lambdify(symbols, value, modules=modules, cse=True)


def _lift(form: ClosedForm, value: sp.Expr, hessian: Any, words: dict[str, Any]) -> Any:
    left = glossary[form.symbol]
    symbols, compute = function(value)
    if not index_letters(value) and not left.indices:
        return float(compute(*(words[glossary[s].word] for s in symbols)))
    spectrum = hessian if isinstance(hessian, Spectrum) else spectrum_of(hessian)
    vectors = spectrum.vectors
    arguments = [_argument(s, spectrum, words, pair="j" in left.indices) for s in symbols]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        result = np.asarray(compute(*arguments), dtype=float)
    if np.isnan(result).any():
        raise DomainError(
            f"{form.name} is 0/0 for some of the modes",
            got=f"eigenvalues {spectrum.eigenvalues}",
            allowed="modes that the domain of the formula admits",
            mend="where a curvature is zero add a small ridge or leave the direction out",
        )
    if not left.indices:
        return float(np.sum(np.broadcast_to(result, spectrum.eigenvalues.shape)))
    shape = (len(vectors),) * len(left.indices)
    result = np.broadcast_to(result, shape)
    if not left.rotates:
        return result.copy()
    if len(shape) == 1:
        return vectors @ result
    found = _refined(value, vectors @ result @ vectors.T, spectrum, words)
    return (found + found.T) / 2 if _is_symmetric(value) else found


@lru_cache(maxsize=256)
def _is_symmetric(value: sp.Expr) -> bool:
    return value.xreplace({lambda_i: lambda_j, lambda_j: lambda_i}) == value


def _argument(symbol: sp.Symbol, spectrum: Spectrum, words: dict[str, Any], *, pair: bool) -> Any:
    quantity = glossary[symbol]
    of_mode = quantity.word == "curvature" and quantity.indices
    entry = spectrum.eigenvalues if of_mode else words[quantity.word]
    if len(quantity.indices) == 2:
        entry = spectrum.vectors.T @ np.asarray(entry, dtype=float) @ spectrum.vectors
        if quantity.indices == "ij":
            return entry
        entry = np.diagonal(entry)
    elif quantity.indices and quantity.rotates:
        entry = spectrum.vectors.T @ np.asarray(entry, dtype=float)
    if not quantity.indices or not pair:
        return entry
    return entry[:, None] if quantity.indices[0] == "i" else entry[None, :]


def _refined(value: sp.Expr, result: np.ndarray, spectrum: Spectrum, words: dict[str, Any]) -> np.ndarray:
    """Return a matrix improved by one step of iterative refinement, where its operator form is rational."""
    form = pair_form(value)
    if form is None or form.atoms:
        return result
    H = [spectrum.matrix]
    noise = np.asarray(words["noise"], dtype=float)
    scalars = scalar_words(words)
    numerator, denominator = (coefficients(terms, scalars) for terms in (form.numerator, form.denominator))
    residual = apply(form.numerator, numerator, H, noise) - apply(form.denominator, denominator, H, result)
    lam, vectors = spectrum.eigenvalues, spectrum.vectors
    correction = (vectors.T @ residual @ vectors) / divisor(form.denominator, denominator, lam)
    return result + vectors @ correction @ vectors.T


@lru_cache(maxsize=256)
def pair_form(value: sp.Expr) -> OperatorForm | None:
    """Return the operator form of a value that is linear in the noise C_ij."""
    parts = linear_parts(value, {C_ij: "noise"}) if value.has(C_ij) else {}
    return operator_form(parts["noise"]) if parts else None


@lru_cache(maxsize=256)
def trace_forms(value: sp.Expr) -> dict[str, OperatorForm]:
    """Return the operator forms of a sum over modes, by the input in which each part is linear."""
    inputs = {C_ii: "noise", delta_i**2: "displacement"}
    return {name: operator_form(part) for name, part in linear_parts(value, inputs).items()}


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


def divisor(terms: Terms, values: list[Any], eigenvalues: Any) -> Any:
    """Return a rational operator's values on pairs of modes, (d, d)."""
    left, right = eigenvalues[:, None], eigenvalues[None, :]
    return sum(value * left ** a[0] * right ** b[0] for value, (_, a, b) in zip(values, terms, strict=True))
