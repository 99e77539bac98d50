"""From a closed form to numbers, arrays or expressions: the spectral lift.

A closed form is written once, for a pair of modes. Here it is evaluated on a whole problem in the basis in which
the person gave it: in NumPy through eigenvectors, in SymPy and JAX through the operator form (algebra/spectral.py),
which needs none.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from sgdtheory.closed_form import ClosedForm, index_letters
from sgdtheory.errors import DomainError
from sgdtheory.numeric import domain, inputs, lift_numpy, lift_sympy
from sgdtheory.numeric.arrays import JAX, NUMPY, OPERATOR, SYMPY, check_probing, checked_entries, is_nowhere, kind_of
from sgdtheory.numeric.spectrum import Spectrum, spectrum_of
from sgdtheory.symbols import glossary, h_i, h_j, lambda_i, lambda_j

# Curvatures of either sign are lifted as positive ones are: no lift makes use of the sign.
OF_EITHER_SIGN = {h_i: lambda_i, h_j: lambda_j}


def evaluate(
    form: ClosedForm,
    *,
    hessian: Any = None,
    value: sp.Expr | None = None,
    probing: Any = None,
    check_domain: bool = True,
    **words: Any,
) -> Any:
    """Evaluate a closed form on a problem.

    Parameters
    ----------
    form
        The closed form.
    hessian
        (d, d) Hessian, where the form has modes; a ``Spectrum`` saves its decomposition. It and the noise may be
        ``scipy.sparse.linalg.LinearOperator`` or sparse matrices, for problems too large for arrays.
    value
        A variant of the form's value, for example an erratum.
    probing
        A ``numeric.matrix_free.stochastic_trace.Probing``: how traces of operators are estimated.
    check_domain
        Whether numbers outside the form's domain are refused. Symbols, traced values and the curvatures of operators
        cannot be judged and pass.
    words
        Its other parameters by their public words: ``noise`` (d, d), ``displacement`` (d,), scalars.

    Returns
    -------
    scalar, (d,) or (d, d)
        In the kind of the input; matrices and vectors in the basis of the Hessian as it was given, results per
        mode in ascending order of the eigenvalues. For operators a scalar is an ``Estimate`` with its standard error,
        a matrix a ``LinearOperator``.

    Raises
    ------
    DomainError
        If the numbers lie outside the domain, the formula is 0/0 there, something is no real number, a matrix is not
        symmetric, or ``form`` is no closed form.
    NonFiniteError
        If a number is NaN or infinite.
    ShapeError
        If a scalar is an array, or an array does not fit the Hessian.
    TypeError
        If a parameter is missing.

    Examples
    --------
    >>> import numpy as np
    >>> from sgdtheory.catalogue import results
    >>> evaluate(results["quadratic.stationary_excess_loss_diffusion"], hessian=np.eye(2), noise=np.eye(2),
    ...          learning_rate=0.1, batch_size=4)
    0.0125
    """
    if not isinstance(form, ClosedForm):
        name = form if isinstance(form, str) else "quadratic.stationary_excess_loss"
        raise DomainError(
            "form is no closed form",
            got=f"{type(form).__name__}: {form!r:.60}",
            allowed="an entry of the catalogue, sgdtheory.results",
            mend=f"look it up by its name: evaluate(results[{name!r:.80}], ...)",
        )
    value = (form.value if value is None else value).xreplace(OF_EITHER_SIGN)
    needed = {glossary[s].word for s in value.free_symbols}
    if index_letters(value) or glossary[form.symbol].indices:
        needed = needed - {"curvature"} | {"hessian"}
    missing = needed - set(words) - ({"hessian"} if hessian is not None else set())
    if missing:
        raise TypeError(
            f"{form.name} needs {', '.join(sorted(missing))}; it was given {', '.join(sorted(words)) or 'none'}"
        )
    matrix = hessian.matrix if isinstance(hessian, Spectrum) else hessian
    kind = kind_of(matrix, *words.values())
    check_probing(kind, probing)
    if kind == SYMPY:
        for word, entry in {"hessian": matrix, **words}.items():
            if entry is not None:
                checked_entries(word, entry)
    hessian, words = inputs.checked(form, kind, hessian, words)
    matrix = hessian.matrix if isinstance(hessian, Spectrum) else hessian
    if kind == NUMPY and matrix is not None and not isinstance(hessian, Spectrum):
        hessian = spectrum_of(matrix)
    if check_domain:
        domain.check(form, kind, hessian if kind == NUMPY else matrix, words)
    if kind == OPERATOR:
        from sgdtheory.numeric import lift_operator  # SciPy's sparse part is loaded only where it is used

        return lift_operator.lift(form, value, matrix, words, probing)
    if kind == JAX:
        from sgdtheory.numeric import lift_jax  # the one optional import: only where a JAX array came in

        found = lift_jax.lift(form, value, matrix, words)
    elif kind == SYMPY:
        found = lift_sympy.lift(form, value, matrix, words)
    else:
        found = lift_numpy.lift(form, value, hessian, words)
    if is_nowhere(found):
        raise DomainError(
            f"{form.name} is 0/0 {'here' if matrix is None else 'for some of the modes'}",
            got=", ".join(f"{word} = {entry}" for word, entry in words.items())
            if matrix is None
            else f"the Hessian {matrix}",
            allowed="modes that the domain of the formula admits",
            mend="where a curvature is zero add a small ridge or leave the direction out",
        )
    return found
