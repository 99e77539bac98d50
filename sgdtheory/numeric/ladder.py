"""The ladder: five rungs that a result must climb to earn its place in the catalogue."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
import sympy as sp

from sgdtheory.algebra.derivation import Status, is_zero
from sgdtheory.algebra.mutants import SCALE, mutants
from sgdtheory.algebra.series import LeadingError, SeriesError, leading_error
from sgdtheory.catalogue import derive
from sgdtheory.closed_form import ClosedForm, Kind, Point, value_at
from sgdtheory.numeric import curved_flow, exit_times, experiment, prescribed_current, recursion, two_wells  # noqa: F401
from sgdtheory.numeric.claims import DIGITS, claim, floats, problem_words, relative_error, rotate, scaled_point
from sgdtheory.numeric.engine.backends import check_installed, installed
from sgdtheory.numeric.evaluate import evaluate
from sgdtheory.symbols import glossary

BACKEND_TOLERANCE = 1e-12
RECURSION_TOLERANCE = 1e-10
ORDER_TOLERANCE = 0.01
NEXT_ORDER = 0.4  # by so much at least the order is higher where the leading term vanishes
TERM_TOLERANCE = 1e-6
TIGHT = 5e-4  # a bound comes as near as this to what it bounds at one point at least, so that 1.001 times it fails
HALVINGS = (14, 15)  # of the small parameter, for the order of a limit's remainder
NAMES = {1: "derivation", 2: "backends", 3: "recursion", 4: "simulation", 5: "mutants and errata"}


@dataclass(frozen=True)
class Rung:
    """What one rung found.

    Attributes
    ----------
    number, name
        Which rung.
    passed
        Whether it holds.
    detail
        What was seen, in a few words.
    seconds
        How long it took.
    """

    number: int
    name: str
    passed: bool
    detail: str
    seconds: float


def climb(
    form: ClosedForm,
    *,
    seed: int = 0,
    rungs: tuple[int, ...] = (1, 2, 3, 4, 5),
    backends: tuple[str, ...] | None = None,
) -> Iterator[Rung]:
    """Check a closed form, rung by rung.

    Parameters
    ----------
    form
        The result.
    seed
        Seed of the simulations.
    rungs
        Which rungs to climb.
    backends
        What simulates on rung 4, each with the full power; all that are installed if left out. The first of them
        simulates the wrong values of rung 5 too.

    Raises
    ------
    DomainError
        If a backend is unknown or not installed.

    Examples
    --------
    >>> from sgdtheory.catalogue import results
    >>> [rung.passed for rung in climb(results["quadratic.mean_trajectory"], rungs=(1, 3))]
    [True, True]
    """
    simulators = installed() if backends is None else tuple(map(check_installed, backends))
    checks: dict[int, Callable[[ClosedForm, int], tuple[bool, str]]] = {
        1: _derivation,
        2: _backends,
        3: _recursion,
        4: partial(_simulation, backends=simulators),
        5: partial(_rejections, backends=simulators[:1]),
    }
    for number in rungs:
        began = time.perf_counter()
        passed, detail = checks[number](form, seed)
        yield Rung(number, NAMES[number], passed, detail, time.perf_counter() - began)


def _derivation(form: ClosedForm, seed: int) -> tuple[bool, str]:
    derivation = derive(form.name).verify()
    same = is_zero(derivation.value - form.value) and derivation.process is form.process
    counts = Counter(str(step.status) for step in derivation.steps)
    seen = ", ".join(f"{counts[status]} {status}" for status in Status if counts[status])
    return same, f"steps: {seen}" if same else f"derived {derivation.value}"


def _backends(form: ClosedForm, seed: int) -> tuple[bool, str]:
    worst: dict[str, float] = {}
    for point in form.points:
        wanted = claim(form, point)
        for backend, found in _by_backend(form, point).items():
            worst[backend] = max(worst.get(backend, 0.0), relative_error(found, wanted))
    passed = max(worst.values()) <= BACKEND_TOLERANCE
    detail = ", ".join(f"{backend} {error:.0e}" for backend, error in worst.items())
    return passed, detail if "jax" in worst else f"{detail}, jax not installed"


def _by_backend(form: ClosedForm, point: Point) -> dict[str, list[Any]]:
    hessian, words = problem_words(form, point)
    numbers = {word: floats(value) for word, value in words.items()}
    matrix = None if hessian is None else floats(hessian)
    found = {"numpy": np.ravel(evaluate(form, hessian=matrix, **numbers)).tolist()}
    found["sympy"] = _by_sympy(form, point)
    try:
        import jax
    except ImportError:
        return found
    with jax.enable_x64(True):  # for this evaluation only; the user's setting is left as it is
        arrays = {
            word: jax.numpy.asarray(value) if isinstance(value, np.ndarray | float) else value
            for word, value in numbers.items()
        }
        if matrix is None:
            arrays = {word: jax.numpy.asarray(float(value)) for word, value in numbers.items()}
        else:
            matrix = jax.numpy.asarray(matrix)
        found["jax"] = np.ravel(evaluate(form, hessian=matrix, **arrays)).tolist()
    return found


def _by_sympy(form: ClosedForm, point: Point) -> list[Any]:
    hessian, words = problem_words(form, point)
    try:
        found = evaluate(form, hessian=hessian, **words)
    except NotImplementedError:  # functions that symbols can only take of a diagonal Hessian
        hessian, words = problem_words(form, point, rotated=False)
        found = evaluate(form, hessian=hessian, **words)
        return rotate(form, point, list(found) if isinstance(found, sp.MatrixBase) else [found])
    return list(found) if isinstance(found, sp.MatrixBase) else [found]


def _recursion(form: ClosedForm, seed: int) -> tuple[bool, str]:
    if form.kind is Kind.ASYMPTOTIC:
        return _limit(form)
    if form.kind is Kind.BOUND:
        return _bounds(form, form.value, form.points, _truths(form))
    worst = max(_recursion_error(form, point, form.value, _truths(form)) for point in form.points)
    return worst <= RECURSION_TOLERANCE, "equal" if worst == 0 else f"{worst:.0e}"


Truths = Callable[[Point], list[Any]]


def _recursion_error(form: ClosedForm, point: Point, value: sp.Expr, truth: Truths) -> float:
    return relative_error(claim(form, point, value), truth(point))


def _truths(form: ClosedForm) -> Truths:
    """Return what gives, at a point, what the form should be or what it bounds, from the recursion alone.

    Each point is worked out once, for however many wrong values are held against it.
    """
    known: dict[int, list[Any]] = {}  # by the identity of points, which the form keeps

    def truth(point: Point) -> list[Any]:
        if id(point) not in known:
            found = form.observable.value(form.process, point, recursion)
            known[id(point)] = [
                sp.Rational(x.numerator, x.denominator) if hasattr(x, "numerator") else x for x in found
            ]
        return known[id(point)]

    return truth


def _bounds(form: ClosedForm, value: sp.Expr, points: tuple[Point, ...], truth: Truths) -> tuple[bool, str]:
    """Check that a value lies on its side of what it bounds at every point, and near it at one point at least."""
    side = 1 if form.bound == "lower" else -1
    gaps = []  # relative distances to what is bounded, positive on the right side
    for point in points:
        pairs = zip(claim(form, point, value), truth(point), strict=True)
        gaps += [side * (1 - sp.N(bound, DIGITS) / sp.N(truth, DIGITS)) for bound, truth in pairs]
    if not all(gap.is_finite and gap.is_real for gap in gaps):
        return False, "not a finite number at some point"
    least, most = float(min(gaps)), float(max(gaps))
    return -RECURSION_TOLERANCE <= least <= TIGHT, f"{form.bound} bound, off by {least:.0e} to {most:.0e}"


def _limit(form: ClosedForm) -> tuple[bool, str]:
    """Check that a limit is one, and its remainder against the expansion: the order and the leading term."""
    try:
        error = leading_error(form)
    except SeriesError as refusal:
        return False, str(refusal)
    if not error.is_limit:
        return False, f"no limit: exact value and remainder are both of order {error.order} in {form.limit.small}"
    slopes, higher = [], []  # where the leading term is a number, and where it vanishes at a point
    for point in form.points:
        scaled, _ = _remainders(form, form.value, point, HALVINGS[0])
        terms = value_at(form, scaled, error.term, 2 * DIGITS)
        for slope, term in zip(_slopes(form, form.value, point), terms, strict=True):
            (slopes if term else higher).append(slope)
    passed = bool(slopes) and all(abs(slope - error.order) < ORDER_TOLERANCE for slope in slopes)
    passed &= all(slope > error.order + NEXT_ORDER for slope in higher)
    gap = _term_error(form, error)
    seen = f"{min(slopes):.4f} to {max(slopes):.4f} seen" if slopes else "none seen"
    return passed and gap < TERM_TOLERANCE, f"order {error.order}, {seen}; leading term to {gap:.0e}"


def _remainders(form: ClosedForm, value: sp.Expr, point: Point, halvings: int) -> tuple[Point, list[sp.Expr]]:
    """Return a point with the small parameter halved so often, and there exact minus ``value``, entry by entry."""
    scaled, exact = _exact_near_the_limit(_Nearing(form, point, halvings))
    pairs = zip(exact, value_at(form, scaled, value, 2 * DIGITS), strict=True)
    return scaled, [sp.N(truth - approximate, DIGITS) for truth, approximate in pairs]


class _Nearing:
    """A limit and a point whose small parameter is halved so often: the same for all wrong values of the limit."""

    def __init__(self, form: ClosedForm, point: Point, halvings: int) -> None:
        self.form, self.point, self.halvings = form, point, halvings
        # Both are kept here, so that no other object gets their identity.
        self._key = (form.limit.exact.value, form.limit.small, id(form.limit), id(point), halvings)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Nearing) and self._key == other._key


@lru_cache(maxsize=256)
def _exact_near_the_limit(nearing: _Nearing) -> tuple[Point, list[sp.Expr]]:
    """Return the point and the exact values there."""
    limit = nearing.form.limit
    scaled = scaled_point(nearing.point, glossary[limit.small].word, limit.scaling, nearing.halvings)
    return scaled, value_at(limit.exact, scaled, None, 2 * DIGITS)


def _slopes(form: ClosedForm, value: sp.Expr, point: Point) -> list[float]:
    """Return the observed order of each entry's remainder: infinite where exactly right, NaN where there is none."""
    early, late = (_remainders(form, value, point, halvings)[1] for halvings in HALVINGS)
    found: list[float] = []
    for before, after in zip(map(abs, early), map(abs, late), strict=True):
        if before == 0 and after == 0:
            found.append(math.inf)
        else:
            found.append(float(sp.log(before / after, 2)) if before.is_positive and after.is_positive else math.nan)
    return found


def _term_error(form: ClosedForm, error: LeadingError) -> float:
    """Return by how much remainder over leading term misses one as the small parameter tends to zero.

    The ratio is one up to a term of first order, which two steps of halving remove. Entries whose leading term vanishes
    are judged by their order.
    """
    worst = 0.0
    for point in form.points:
        ratios = []
        for halvings in HALVINGS:
            scaled, remainders = _remainders(form, form.value, point, halvings)
            terms = value_at(form, scaled, error.term, 2 * DIGITS)
            ratios.append([r / term if term else sp.S.One for r, term in zip(remainders, terms, strict=True)])
        gaps = [abs(2 * late - early - 1) for early, late in zip(*ratios, strict=True)]
        worst = max([worst, *(float(gap) if gap.is_finite else math.inf for gap in gaps)])
    return worst


def _simulation(form: ClosedForm, seed: int, backends: tuple[str, ...]) -> tuple[bool, str]:
    if form.kind is Kind.ASYMPTOTIC:  # a limit is judged by its order; what it approximates is simulated
        passed, detail = _simulation(form.limit.exact, seed, backends)
        return passed, f"via {form.limit.exact.name.split('.')[-1]}: {detail}"
    outcomes = simulate_claims(form, seed, backends=backends)
    what = "of what is bounded: " if form.kind is Kind.BOUND else ""
    power = min(outcome.power for outcome in outcomes)
    largest = {
        name: max(float(np.max(np.abs(outcome.z))) for outcome in outcomes if outcome.backend == name)
        for name in dict.fromkeys(outcome.backend for outcome in outcomes)
    }
    passed = not any(outcome.rejected for outcome in outcomes) and power >= 1 - 1.01 * experiment.MISS
    seen = ", ".join(f"{name} {z:.2f}" for name, z in largest.items())
    return passed, f"{what}max |z| {seen} of {experiment.CRITICAL:.2f}, misses 5 % with probability {1 - power:.0e}"


def simulate_claims(
    form: ClosedForm,
    seed: int,
    value: sp.Expr | None = None,
    points: tuple[Point, ...] = (),
    backends: tuple[str, ...] = ("numpy",),
) -> list[experiment.Outcome]:
    """Simulate an EXACT form's process at its points, or others, and compare with its value, or a variant of it.

    Of a BOUND what it bounds is simulated, and compared with the exact recursion.
    """
    outcomes = []
    for number, point in enumerate(points or form.points):
        bounded = _truths(form)(point) if form.kind is Kind.BOUND else None
        truth = bounded or claim(form, point)
        claimed = bounded or claim(form, point, value)
        trial = experiment.prepare(form.observable, form.process, point, claim=claimed, truth=truth)
        label = f"{form.name}:{number}"
        outcomes += [experiment.judge(trial, label=label, seed=seed, backend=backend) for backend in backends]
    return outcomes


def _rejections(form: ClosedForm, seed: int, backends: tuple[str, ...]) -> tuple[bool, str]:
    wrong = [(label, value, form.points) for label, value in mutants(form.value).items()]
    printed = [
        (f"erratum {erratum.source.locator}", erratum.printed, erratum.points or form.points) for erratum in form.errata
    ]
    try:
        order = leading_error(form).order if form.kind is Kind.ASYMPTOTIC else None
    except SeriesError as refusal:
        return False, str(refusal)
    truth = _truths(form)
    survivors = [
        label for label, value, points in (*wrong, *printed) if not _rejected(form, value, points, order, truth)
    ]
    if form.kind is Kind.EXACT:
        survivors += [
            f"{label}, by simulation"
            for label, value, points in (("times 1.05", SCALE * form.value, form.points), *printed)
            if not all(outcome.rejected for outcome in simulate_claims(form, seed, value, points, backends))
        ]
    detail = f"{len(wrong)} mutants and {len(printed)} errata rejected"
    return not survivors, f"NOT rejected: {'; '.join(survivors)}" if survivors else detail


def _rejected(form: ClosedForm, value: sp.Expr, points: tuple[Point, ...], order: int | None, truth: Truths) -> bool:
    """Return whether a variant fails; one of a limit does if its remainder is of a lower order, or not finite."""
    if form.kind is Kind.BOUND:
        return not _bounds(form, value, points, truth)[0]
    if order is not None:
        return not all(slope >= order - ORDER_TOLERANCE for point in points for slope in _slopes(form, value, point))
    return any(_recursion_error(form, point, value, truth) > RECURSION_TOLERANCE for point in points)
