"""Linear recursions: scalar ones, and those of the moments of a process, found from its step.

If a step is affine in the state, with random coefficients that are independent of it, then the moments after the step
are linear in those before. `moment_recursion` finds that linear map by expanding the products and averaging over the
noise; its fixed point, its course and its stability are then linear algebra.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sympy as sp
from sympy.polys.matrices import DomainMatrix
from sympy.utilities.iterables import multiset_combinations

from sgdtheory.algebra.blocks import blocks, characteristic_factors, linear_solution
from sgdtheory.algebra.exponential_sums import Terms, scaled, solved_jointly, summed, written
from sgdtheory.algebra.expressions import checked_expression
from sgdtheory.algebra.moments import Powers, polynomial_in
from sgdtheory.algebra.square_roots import RootField, SquareRoots
from sgdtheory.algebra.stability import inside_unit_circle, no_real_root_from_one, positivity
from sgdtheory.errors import DomainError, check_type


def fixed_point(factor: sp.Expr, added: sp.Expr) -> sp.Expr:
    """Return the x with x = factor * x + added; it is the limit whenever \\|factor\\| < 1."""
    factor, added = checked_expression("factor", factor), checked_expression("added", added)
    return added / (1 - factor)


def course(factor: sp.Expr, added: sp.Expr, start: sp.Expr, steps: sp.Expr) -> sp.Expr:
    """Return x after ``steps`` steps of x' = factor * x + added.

    Examples
    --------
    >>> a, b, n = sp.Symbol("a"), sp.Symbol("b"), sp.Symbol("n", integer=True)
    >>> course(a, b, 0, n).subs(n, 2).cancel()
    a*b + b
    """
    limit = fixed_point(factor, added)
    factor, start, steps = map(checked_expression, ("factor", "start", "steps"), (factor, start, steps))
    return limit + factor**steps * (start - limit)


def coefficients(expression: sp.Expr, unknown: sp.Symbol) -> tuple[sp.Expr, sp.Expr]:
    """Return a, b of an expression a * unknown + b.

    Raises
    ------
    DomainError
        If the expression is not affine in the unknown.

    Examples
    --------
    >>> x, a = sp.symbols("x a")
    >>> coefficients(a * (x - 3) + 1, x)
    (a, 1 - 3*a)
    """
    check_type("unknown", unknown, sp.Symbol)
    polynomial = checked_expression("the expression", expression).as_poly(unknown)
    if polynomial is None or polynomial.degree() > 1:
        raise DomainError(
            f"the expression is not affine in {unknown}",
            got=expression,
            allowed=f"a * {unknown} + b, with a and b free of {unknown}",
            mend="expand it to first order",
        )
    return polynomial.coeff_monomial(unknown), polynomial.coeff_monomial(1)


@dataclass(frozen=True)
class MomentRecursion:
    """The linear recursion E[moments] <- matrix E[moments] + added of one step of a process.

    Attributes
    ----------
    state
        The symbols of the state's components.
    moments
        The monomials in them whose expectations close, ordered by degree.
    matrix, added
        The (k, k) matrix and (k, 1) column of the recursion of these k expectations.
    """

    state: tuple[sp.Symbol, ...]
    moments: tuple[sp.Expr, ...]
    matrix: sp.ImmutableMatrix
    added: sp.ImmutableMatrix

    def stationary(self) -> dict[sp.Expr, sp.Expr]:
        """Return the expectations that a step leaves as they are, in lowest terms.

        They are the limit of every run if the recursion is stable, see :meth:`stability_condition`.

        Raises
        ------
        DomainError
            If there is not exactly one such solution, as for a random walk.
        """
        found: dict[int, sp.Expr] = {}
        for block in blocks(self.matrix):
            inside = sp.eye(len(block)) - self.matrix.extract(block, block)
            right = [self._from_outside(row, found) for row in block]
            found |= dict(zip(block, linear_solution(inside, right, [self.moments[b] for b in block]), strict=True))
        return {moment: found[place] for place, moment in enumerate(self.moments)}

    def transient(self, start: Mapping[sp.Expr, sp.Expr], steps: sp.Expr) -> dict[sp.Expr, sp.Expr]:
        """Return the expectations after a number of steps.

        Parameters
        ----------
        start
            Where the run starts: the state's symbols to numbers or expressions. For a random start, every moment to
            its expectation.
        steps
            A whole number, or a symbol with ``integer=True, nonnegative=True``. For a symbol the eigenvalues must be
            rational in the matrix's entries or roots of quadratic equations; those that differ as expressions are
            taken to differ.

        Raises
        ------
        DomainError
            If the start is incomplete, the number of steps is not whole, or a symbolic one meets other eigenvalues.
        """
        initial = self._initial(start)
        steps = checked_expression("the number of steps", steps)
        if steps.is_integer and steps.is_nonnegative:
            solution = self._iterated(initial, int(steps)) if steps.is_Integer else self._course(initial, steps)
            return dict(zip(self.moments, solution, strict=True))
        raise DomainError(
            "the number of steps is not a whole number",
            got=steps,
            allowed="0, 1, 2, ... or a symbol that stands for them",
            mend='use sympy.Symbol("t", integer=True, nonnegative=True)',
        )

    def covariance(self, values: Mapping[sp.Expr, sp.Expr]) -> sp.ImmutableMatrix:
        """Return the state's covariance matrix (d, d) from values of its moments, in lowest terms.

        Raises
        ------
        DomainError
            If a first or second moment is missing, as with ``degree=1``.
        """
        check_type("values", values, Mapping)
        missing = {*self.state, *(x * y for x in self.state for y in self.state)} - set(values)
        if missing:
            raise DomainError(
                "a covariance needs all first and second moments",
                got=f"no value of {', '.join(sorted(map(str, missing)))}",
                allowed="what stationary() and transient() return, for degree 2 or more",
                mend="find the recursion with degree=2",
            )
        known = {moment: checked_expression(f"the value of {moment}", value) for moment, value in values.items()}
        x, d = self.state, len(self.state)
        return sp.ImmutableMatrix(d, d, lambda i, j: sp.factor(known[x[i] * x[j]] - known[x[i]] * known[x[j]]))

    def characteristic(self, unknown: sp.Symbol) -> tuple[tuple[sp.Poly, int], ...]:
        """Return the irreducible factors of the matrix's characteristic polynomial, with their multiplicities.

        Those of degree one show an eigenvalue each; the recursion forgets its start if and only if all roots lie
        inside the unit circle.
        """
        check_type("unknown", unknown, sp.Symbol)
        found: dict[sp.Poly, int] = {}
        for block in blocks(self.matrix):
            for factor, count in characteristic_factors(self.matrix, block, unknown):
                found[factor] = found.get(factor, 0) + count
        return tuple(found.items())

    def stability_condition(self) -> tuple[sp.Basic, ...]:
        """Return inequalities that hold, all together, if and only if the recursion forgets its start.

        What is positive by the assumptions on the symbols is left out: an empty tuple says that the recursion is
        always stable, ``(false,)`` that it never is.

        Notes
        -----
        Where the noise does not multiply the state, the second moments' matrix has the products of pairs of the means'
        eigenvalues, so the means decide. In general the map of the second moments keeps them positive semidefinite,
        so that its spectral radius is an eigenvalue (Krein and Rutman) and it suffices that no real eigenvalue is one
        or more. Moments that no square depends on are bounded by the squares (Cauchy and Schwarz). All other
        recursions are checked by the criterion of Lienard and Chipart.
        """
        unknown = sp.Dummy("z")
        degrees = self._degrees()
        first, second = ([place for place, degree in enumerate(degrees) if degree == wanted] for wanted in (1, 2))
        d = len(self.state)
        affine = max(degrees) == 2 and len(first) == d and len(second) == d * (d + 1) // 2
        check, parts = inside_unit_circle, blocks(self.matrix)
        if affine and self._noise_is_additive(first, second):
            parts = [block for block in parts if degrees[block[0]] == 1]
        elif affine:
            check, parts = no_real_root_from_one, self._blocks_of_squares(parts)
        found = [
            condition
            for block in parts
            for factor, _ in characteristic_factors(self.matrix, block, unknown)
            for condition in check(factor.all_coeffs())
        ]
        return positivity(found)

    def _degrees(self) -> list[int]:
        return [int(sp.Poly(moment, *self.state).total_degree()) for moment in self.moments]

    def _noise_is_additive(self, first: list[int], second: list[int]) -> bool:
        """Return whether the second moments' matrix is the square of the means'."""
        mean = {self.moments[row]: self.matrix.row(row).extract([0], first) for row in first}
        for row in second:
            factors = [x for x, power in self.moments[row].as_powers_dict().items() for _ in range(power)]
            means = [sum(mean[x][k] * self.moments[column] for k, column in enumerate(first)) for x in factors]
            given = sum(self.matrix[row, column] * self.moments[column] for column in second)
            if sp.expand(sp.expand(sp.prod(means)) - given) != 0:
                return False
        return True

    def _blocks_of_squares(self, parts: list[list[int]]) -> list[list[int]]:
        """Return the blocks that hold squares of the state's components or drive them."""
        squares = {place for place, moment in enumerate(self.moments) if moment.is_Pow}
        degrees = self._degrees()
        needed, todo = set(), list(squares)
        while todo:
            row = todo.pop()
            if row not in needed and degrees[row] == 2:
                needed.add(row)
                todo += [column for column in range(len(self.moments)) if self.matrix[row, column] != 0]
        return [block for block in parts if block[0] in needed]

    def _from_outside(self, row: int, found: Mapping[int, sp.Expr]) -> sp.Expr:
        return sp.Add(self.added[row], *(self.matrix[row, column] * value for column, value in found.items()))

    def _initial(self, start: Mapping[sp.Expr, sp.Expr]) -> list[sp.Expr]:
        check_type("start", start, Mapping)
        values = {key: checked_expression(f"the start of {key}", value) for key, value in start.items()}
        for wanted in (self.state, self.moments):
            if set(values) == set(wanted):
                point = {x: values[x] for x in self.state if x in values}
                return [values[m] if m in values else m.xreplace(point) for m in self.moments]
        raise DomainError(
            "the start does not fit the recursion",
            got=", ".join(map(str, start)),
            allowed=f"values of {', '.join(map(str, self.state))}, or of all of {', '.join(map(str, self.moments))}",
            mend="give each of them, and nothing else",
        )

    def _iterated(self, initial: list[sp.Expr], steps: int) -> list[sp.Expr]:
        size = len(initial)
        whole = sp.zeros(size + 1, size + 1)
        whole[:size, :size], whole[:size, size], whole[size, size] = self.matrix, self.added, 1
        column = sp.Matrix([*initial, 1])
        left, right = DomainMatrix.from_Matrix(whole).unify(DomainMatrix.from_Matrix(column))
        moved = left**steps * right
        return [sp.factor(value) for value in moved.to_Matrix()[:size, 0]]

    def _course(self, initial: list[sp.Expr], steps: sp.Expr) -> list[sp.Expr]:
        roots, size = SquareRoots(), len(initial)
        plan = [(block, self._eigenvalues(block, roots)) for block in blocks(self.matrix)]
        eigenvalues = [value for _, values in plan for value in values]
        field, elements = RootField.of([*self.matrix, *self.added, *initial, *eigenvalues], roots)
        whole = iter(elements)
        matrix = [[next(whole) for _ in range(size)] for _ in range(size)]
        constant, begin = ([next(whole) for _ in range(size)] for _ in range(2))
        found: dict[int, Terms] = {}
        for block, values in plan:
            own = [next(whole) for _ in values]
            forcing = []
            for row in block:
                terms: Terms = {(field.field.one, 0): constant[row]}
                for column, known in found.items():
                    terms = summed(terms, scaled(matrix[row][column], known))
                forcing.append(terms)
            inside = [[matrix[row][column] for column in block] for row in block]
            start = [begin[row] for row in block]
            found |= zip(block, solved_jointly(inside, own, forcing, start, field.lowest), strict=True)
        return [written(found[place], steps, field.written) for place in range(size)]

    def _eigenvalues(self, block: list[int], roots: SquareRoots) -> list[sp.Expr]:
        unknown = sp.Dummy("z")
        found: list[sp.Expr] = []
        for factor, count in characteristic_factors(self.matrix, block, unknown):
            if factor.degree() > 2:
                raise DomainError(
                    "the course needs the roots of a polynomial of high degree",
                    got=f"degree {factor.degree()}, for {', '.join(str(self.moments[place]) for place in block)}",
                    allowed="a whole number of steps, for this process",
                    mend="hand in the number of steps as a number, or look at characteristic()",
                )
            if factor.degree() == 1:
                found += [-factor.nth(0)] * count
            else:
                middle, root = -factor.nth(1) / 2, roots.of(factor.nth(1) ** 2 / 4 - factor.nth(0))
                found += [middle + root, middle - root] * count
        return found


def moment_recursion(
    after: Sequence[sp.Expr],
    state: Sequence[sp.Symbol],
    expect: Callable[[sp.Expr], sp.Expr],
    *,
    degree: int = 2,
    closure: int = 8,
) -> MomentRecursion:
    """Return the linear recursion of a process's moments, found from its step.

    Parameters
    ----------
    after
        The state's components after one step: polynomials in the state, with noise.
    state
        The symbols of the components before the step, in the same order.
    expect
        The expectation over the noise of one step at a fixed state, for example
        ``lambda e: expectation(e, means, covariances)`` with the noise's means and covariances. Noise that it leaves
        in place counts as a constant.
    degree
        All moments of the state up to this degree are wanted.
    closure
        Other moments that these depend on join, up to this degree.

    Raises
    ------
    DomainError
        If steps and state do not fit, a step is no polynomial in the state, or the moments do not close.

    Examples
    --------
    SGD in one dimension, with curvature 1, learning rate 1/2 and gradient noise of variance 3:

    >>> from sgdtheory.algebra.moments import expectation
    >>> x, n = sp.symbols("x n")
    >>> r = moment_recursion([x - (x + n) / 2], [x], lambda e: expectation(e, {n: 0}, {(n, n): 3}))
    >>> r.moments, r.matrix, r.added
    ((x, x**2), Matrix([
    [1/2,   0],
    [  0, 1/4]]), Matrix([
    [  0],
    [3/4]]))
    >>> r.stationary()
    {x: 0, x**2: 1}
    >>> r.transient({x: 5}, 1)
    {x: 5/2, x**2: 7}
    """
    for name, given in (("after", after), ("state", state)):
        check_type(name, given, Sequence, sp.MatrixBase)
    check_type("expect", expect, Callable)
    after, state = [checked_expression("a component after the step", part) for part in after], tuple(state)
    if (
        not all(isinstance(name, sp.Symbol) for name in state)
        or len(after) != len(state)
        or len(set(state)) != len(state)
        or not state
        or degree < 1
    ):
        raise DomainError(
            "steps and state do not fit",
            got=f"{len(after)} components after the step, state {state}, degree {degree}",
            allowed="one component after the step for each of the state's different symbols, and degree 1 or more",
            mend="list them in the same order",
        )
    steps = [polynomial_in(state, "the step", part) for part in after]
    origin: Powers = (0,) * len(state)
    products = {origin: sp.Poly(1, *state)}

    def product(powers: Powers) -> sp.Poly:
        if powers not in products:
            place = next(k for k, power in enumerate(powers) if power)
            lower = tuple(power - (k == place) for k, power in enumerate(powers))
            products[powers] = product(lower) * steps[place]
        return products[powers]

    places = range(len(state))
    todo = deque(
        tuple(pick.count(k) for k in places)
        for order in range(1, degree + 1)
        for pick in multiset_combinations(dict.fromkeys(places, order), order)
    )
    rows: dict[Powers, dict[Powers, sp.Expr]] = {}
    while todo:
        powers = todo.popleft()
        if powers in rows:
            continue
        if sum(powers) > closure:
            raise DomainError(
                "the moments do not close",
                got=f"a moment of degree {sum(powers)} among those that degree {degree} depends on",
                allowed=f"moments up to degree {closure}",
                mend="expand the step to first order in the state, or raise closure",
            )
        rows[powers] = dict(polynomial_in(state, "what expect returned", expect(product(powers).as_expr())).terms())
        todo.extend(sorted(set(rows[powers]) - {origin}))
    order = sorted(rows, key=lambda powers: (sum(powers), [-power for power in powers]))
    return MomentRecursion(
        state=state,
        moments=tuple(sp.prod([x**p for x, p in zip(state, powers, strict=True)]) for powers in order),
        matrix=sp.ImmutableMatrix([[rows[row].get(column, 0) for column in order] for row in order]),
        added=sp.ImmutableMatrix([rows[row].get(origin, 0) for row in order]),
    )
