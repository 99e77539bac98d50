"""The spectral lift for operators: traces by random probing, covariances and means by their products.

Nothing of the size of a matrix is ever made: the Hessian and the noise are only multiplied with blocks of vectors.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp
from scipy.sparse import identity

from sgdtheory.algebra.spectral import linear_parts
from sgdtheory.closed_form import ClosedForm, index_letters
from sgdtheory.errors import DomainError, check_type
from sgdtheory.numeric import lift_numpy
from sgdtheory.numeric.arrays import NUMPY, SYMPY, as_array, kind_of
from sgdtheory.numeric.matrix_free.operator_covariance import CovarianceOperator
from sgdtheory.numeric.matrix_free.operator_function import operator_function
from sgdtheory.numeric.matrix_free.stochastic_trace import Estimate, Probing, stochastic_trace
from sgdtheory.numeric.matrix_free.symmetric_operator import SymmetricOperator, as_symmetric_operator, check_fits
from sgdtheory.numeric.operators import IDENTITY, function, pair_form, trace_parts
from sgdtheory.numeric.scalars import scalar
from sgdtheory.symbols import C_ij, delta_i, glossary, lambda_i, lambda_j


def lift(form: ClosedForm, value: sp.Expr, hessian: Any, words: dict[str, Any], probing: Probing | None = None) -> Any:
    """Evaluate a closed form on operators, sparse matrices or arrays.

    Returns
    -------
    Estimate, CovarianceOperator or (d,)
        For a sum over modes, a matrix and a vector.
    """
    left = glossary[form.symbol]
    if not index_letters(value) and not left.indices:
        return lift_numpy.lift(form, value, hessian, words)
    if left.indices and not left.rotates:
        raise NotImplementedError(
            f"{form.name} has a value for each eigenvalue, which operators do not give; hand in the Hessian as an array"
        )
    if probing is not None:
        check_type("probing", probing, Probing)
    H = as_symmetric_operator("hessian", hessian, probing)
    needed = {symbol: glossary[symbol].word for symbol in value.free_symbols if not glossary[symbol].indices}
    scalars = {symbol: _number(word, words[word]) for symbol, word in needed.items()}
    arguments = {word: _argument(word, words[word], H) for word in ("noise", "displacement") if word in words}
    if len(left.indices) == 2:
        share = sp.cancel(value / C_ij) if arguments["noise"].in_jax else C_ij
        if not share.has(C_ij, lambda_i, lambda_j):  # a multiple of the noise stays where it is
            symbols, compute = function(share)
            return SymmetricOperator("noise", arguments["noise"].inner * compute(*map(scalars.get, symbols)), probing)
        operator = pair_form(value)
        if operator is None:
            raise NotImplementedError(f"{form.name} is no rational function of the Hessian; hand it in as an array")
        return CovarianceOperator(operator, H, arguments["noise"], scalars, H.probing.tolerance)
    if left.indices:
        factor = linear_parts(value, {delta_i: "displacement"})["displacement"]
        return operator_function(factor, H, scalars, H.probing.tolerance)(arguments["displacement"][:, None])[:, 0]
    if IDENTITY in trace_parts(value):
        arguments[IDENTITY] = as_symmetric_operator(IDENTITY, identity(H.shape[0], format="csr"))
    estimates = [_part(part, scalars, H, arguments[word]) for word, part in trace_parts(value).items()]
    return sum(estimates[1:], estimates[0])


def _number(word: str, value: Any) -> Any:
    if kind_of(value) == SYMPY:
        raise DomainError(
            f"{word} is a symbol, but the Hessian is an operator",
            got=value,
            allowed="numbers beside operators",
            mend=f"hand in {word} as a number, or the Hessian as a sympy.Matrix",
        )
    number = scalar(word, value)
    return value if isinstance(value, int | np.integer) else float(number)


def _argument(word: str, value: Any, hessian: SymmetricOperator) -> Any:
    found = as_symmetric_operator(word, value) if word == "noise" else as_array(word, value, NUMPY, 1)
    check_fits(word, found.shape[0], hessian)
    return found


def _part(factor: sp.Expr, scalars: dict[sp.Symbol, Any], hessian: SymmetricOperator, argument: Any) -> Estimate:
    """Return tr(f(H) C) by probing, or x' f(H) x, which needs none."""
    if hessian.in_jax and isinstance(argument, SymmetricOperator) and argument.in_jax:
        from sgdtheory.numeric.matrix_free.jax_trace import jax_trace  # only where JAX is there

        return jax_trace(factor, scalars, hessian, argument)
    function = operator_function(factor, hessian, scalars, hessian.probing.tolerance)
    counted = [hessian, *([argument] if isinstance(argument, SymmetricOperator) else [])]
    before = sum(operator.products for operator in counted)
    probing = hessian.probing
    if isinstance(argument, SymmetricOperator):
        found = stochastic_trace(lambda block: function(argument @ block), hessian.shape[0], probing)
    else:
        found = Estimate(float(argument @ function(argument[:, None])[:, 0]), 0.0, 0, 0, "exact")
    matvecs = sum(operator.products for operator in counted) - before
    single = [operator.rounding_unit for operator in counted if operator.rounding_unit > np.finfo(float).eps]
    tolerance = max(probing.tolerance, *single, 0.0)
    return Estimate(found.value, found.standard_error, found.probes, matvecs, found.method, tolerance)


def trace_of_product(first: Any, second: Any) -> Estimate:
    """Return the trace of the product of two symmetric operators, by the first's way of probing."""
    first, second = as_symmetric_operator("hessian", first), as_symmetric_operator("noise", second)
    check_fits("noise", second.shape[0], first)
    return _part(lambda_i, {}, first, second)
