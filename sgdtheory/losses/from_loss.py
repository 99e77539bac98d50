"""``from_loss``: from the loss of one sample and the law of the data to a problem, derived by machine."""

from __future__ import annotations

from typing import Any

import sympy as sp

from sgdtheory.errors import DomainError
from sgdtheory.losses.laws_given import rationalised
from sgdtheory.losses.minimum import expand_at_minimum
from sgdtheory.losses.problem import SampledLoss
from sgdtheory.losses.quadratic import Pieces, QuadraticModel, is_polynomial, no_unique_minimum, pieces_of
from sgdtheory.losses.statement import Statement, read_statement
from sgdtheory.numeric.arrays import NUMPY, SYMPY, solve
from sgdtheory.numeric.compiled import compiled
from sgdtheory.numeric.exact_numbers import lowest_eigenvalue
from sgdtheory.numeric.nodes import nodes_of
from sgdtheory.numeric.sample_average import WeightedAverage, check_finite
from sgdtheory.numeric.second_moments import GradientNoise, numbers
from sgdtheory.numeric.spectrum import spectrum_of
from sgdtheory.problems import as_point, check_dataset_size

NOISE = ("floor", "coupling", "spread")


def from_loss(loss: Any, parameters: Any, data: Any, *, minimum: Any = None, dataset_size: Any = None) -> SampledLoss:
    """Return the problem of minimising the expected loss of a sample.

    Parameters
    ----------
    loss
        The loss of one sample: a SymPy expression, or a text such as ``"(theta - x)**2 / 2"``, which is read and
        never executed. Quadratic in the parameters it gives exact theory; any other smooth loss is expanded at its
        minimum.
    parameters
        The symbols that are optimised: one, a list, a SymPy column, or their names. They set the order of all
        vectors, shape (d,).
    data
        The law of the data: a dictionary from symbols, or tuples of symbols that are distributed jointly, to

        * a ``sympy.stats`` distribution, of finitely many values or of a family with known moments (Normal, Gamma,
          Beta, Poisson and others, which the error names), also ``MultivariateNormal`` for a tuple;
        * moments about zero, ``{1: mean, 2: second, 4: fourth}`` or ``{x*y: value}``: those that are needed;
        * a covariance as ``sympy.Matrix``, the mean being zero;
        * an array of samples, (D,) or (D, k): the data set itself, of which batches are drawn.

        Entries are independent of each other. All other symbols in the loss are constants of the model.
    minimum
        (d,) minimiser, if it is known; checked. Where the loss is not quadratic it is otherwise searched for.
    dataset_size
        Number D of samples whose moments are given; an array has its own. With a distribution it only enters
        ``generalization_gap``.

    Returns
    -------
    SampledLoss
        A problem for all verbs: ``hessian``, ``noise``, ``minimum``, ``noise_at(theta)``, ``derivation()``. If no
        constant is left without a value it is made of NumPy numbers, else of SymPy expressions, until
        ``problem.at({"sigma": 1.5})`` gives the values.

    Raises
    ------
    DomainError
        If the loss is linear, not smooth, or has no minimum; if a symbol has no law or two; if a moment is missing,
        or no data have these moments.
    ShapeError, NonFiniteError
        If the loss is a vector, or an array has the wrong shape or a NaN; if the loss has no value at some data, or
        its averages leave the range of floating point.
    ParseError
        If a text is not a formula.

    Notes
    -----
    Where samples differ in their curvature the gradient covariance depends on the parameters, and the laws solve the
    exact recursion of the second moment. An expanded loss takes Hessian and gradient covariance at the minimum as
    constant, right to leading order in the learning rate; it needs numbers for all symbols.

    Examples
    --------
    Estimating a mean, the gradient noise being the variance of the data:

    >>> from sympy.stats import Normal
    >>> problem = from_loss("(theta - x)**2 / 2", "theta", {"x": Normal("x", 1, 2)})
    >>> problem.minimum, problem.hessian, problem.noise
    (array([1.]), array([[1.]]), array([[4.]]))

    Regression with a Gaussian feature, in symbols: each sample has its own curvature.

    >>> theta, x, y, a = sp.symbols("theta x y a")
    >>> s = sp.Symbol("s", positive=True)
    >>> problem = from_loss((x * theta - a * x - y)**2 / 2, theta, {x: Normal("x", 0, 1), y: Normal("y", 0, s)})
    >>> problem.minimum[0], problem.noise[0, 0], problem.noise_at([theta])[0, 0].factor()
    (a, s**2, 2*a**2 - 4*a*theta + s**2 + 2*theta**2)
    >>> problem.at({"s": 2, "a": 1}).noise
    array([[4.]])
    """
    size = check_dataset_size(dataset_size)
    return build(read_statement(loss, parameters, data), minimum, size)


def build(statement: Statement, minimum: Any, dataset_size: Any) -> SampledLoss:
    """Return the problem of a statement that was read and checked."""
    samples = statement.law.samples
    if samples is not None:
        if dataset_size not in (None, len(samples)):
            raise DomainError(
                "dataset_size contradicts the array of samples",
                got=f"{dataset_size} for {len(samples)} rows",
                allowed="the number of rows, or nothing",
                mend="leave dataset_size out",
            )
        dataset_size = len(samples)
    pieces = pieces_of(statement)
    if pieces is None:
        return expand_at_minimum(statement, minimum, dataset_size)
    if not statement.constants and (samples is not None or not is_polynomial(statement.law, pieces)):
        problem = _of_nodes(statement, pieces, dataset_size)
    else:
        problem = _of_moments(statement, pieces, dataset_size)
    _check_upwards(problem)
    _check_covariance(problem)
    if minimum is not None:
        _check_minimum(problem, minimum)
    return problem


def _of_moments(statement: Statement, pieces: Pieces, dataset_size: Any) -> SampledLoss:
    model = QuadraticModel(statement, pieces)
    hessian, minimum, noise = model.hessian, model.minimum, model.noise
    value = model.loss_at(minimum)
    kind = SYMPY if statement.constants else NUMPY
    if kind == NUMPY:
        parts = {"Hessian": hessian, "minimum": minimum, "loss": sp.Matrix([value])}
        parts |= {f"gradient covariance ({name})": getattr(noise, name) for name in NOISE}
        found = {name: _floats(name, part) for name, part in parts.items()}
        hessian, minimum, value = found["Hessian"], found["minimum"][:, 0], float(found["loss"][0, 0])
        noise = GradientNoise(*list(found.values())[3:])
    return SampledLoss(
        statement,
        kind,
        hessian=hessian,
        minimum=minimum,
        gradient_noise=noise,
        loss_at_minimum=value,
        dataset_size=dataset_size,
        model=model,
    )


def _of_nodes(statement: Statement, pieces: Pieces, dataset_size: Any) -> SampledLoss:
    """Return the problem by averages over the samples, or over nodes where the loss is no polynomial in the data."""
    law = statement.law
    functions = [
        compiled(part, law.symbols) for part in (pieces.curvature.tolist(), list(pieces.slope), pieces.constant)
    ]
    average = WeightedAverage(functions, *nodes_of(law.blocks), law.symbols)
    if law.samples is None:
        average.check_against(WeightedAverage(functions, *nodes_of(law.blocks, finer=False), law.symbols))
    spectrum = spectrum_of(average.hessian)
    if abs(spectrum.eigenvalues).min() <= spectrum.rounding:
        raise no_unique_minimum(f"eigenvalues {spectrum.eigenvalues.tolist()}")
    minimum = solve(average.hessian, -average.slope)
    return SampledLoss(
        statement,
        NUMPY,
        hessian=average.hessian,
        minimum=minimum,
        gradient_noise=average.noise(minimum),
        loss_at_minimum=float(average.constant + average.slope @ minimum / 2),
        dataset_size=dataset_size,
    )


def _check_upwards(problem: SampledLoss) -> None:
    """Refuse a Hessian that is known to be without minimum; symbols are judged by their assumptions."""
    if problem.kind == NUMPY:
        lowest = float(problem.spectrum.eigenvalues[0])
        down, got = lowest <= problem.spectrum.rounding, f"eigenvalue {lowest:.6g} of the expected Hessian"
    else:
        entry = next((h for h in problem.hessian.diagonal() if h.is_nonpositive), None)
        down, got = entry is not None, f"expected curvature {entry} along a parameter"
    if down:
        raise DomainError(
            "the expected loss has no minimum",
            got=got,
            allowed="positive curvature in every direction",
            mend="check the sign of the loss, or add a penalty",
        )


def _floats(name: str, part: Any) -> Any:
    """Return a table as floats, unless it overflows."""
    try:
        found = numbers(part)
    except OverflowError:  # of an integer
        found = float("inf")
    check_finite(f"the expected {name}", found)
    return found


def _check_covariance(problem: SampledLoss) -> None:
    """Refuse moments that contradict each other, as far as the gradient shows it; symbols by their assumptions."""
    noise, places = problem.gradient_noise, range(problem.dimension)
    squares = [noise.spread[i, i, k, k] for i in places for k in places]
    if problem.kind == NUMPY:
        lowest = lowest_eigenvalue(noise.floor)
        squares = [lowest, *squares]
        wrong = any(square < 0 for square in squares)
        got = f"a gradient covariance {noise.floor.tolist()} at the minimum, lowest spread {min(squares):.6g}"
    else:
        negative = next((s for s in (*noise.floor.diagonal(), *squares) if s.is_negative), None)
        wrong, got = negative is not None, f"a variance {negative}"
    if wrong:
        raise DomainError(
            "no data have these moments: the covariance of the gradient is not positive semidefinite",
            got=got,
            allowed="moments of a law that exists",
            mend="check the moments that were given; they are about zero, not about the mean",
        )


def _check_minimum(problem: SampledLoss, minimum: Any) -> None:
    given = as_point(problem, minimum, "minimum")
    if problem.kind == NUMPY:
        wrong = abs(problem.minimum - given).max() > 1e-9 * (1 + abs(problem.minimum).max())
    else:
        wrong = any(sp.cancel(rationalised(entry)) != 0 for entry in problem.gradient(given))
    if wrong:
        raise DomainError(
            "the expected gradient does not vanish at the given minimum",
            got=f"minimum {given.tolist()}",
            allowed=f"{problem.minimum.tolist()}",
            mend="leave minimum out to have it worked out",
        )
