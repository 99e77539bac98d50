"""The exact moment recursion of a process, without Monte-Carlo noise and without any theory.

The process's own step is applied to basis vectors of exact rationals, for everything that its noise can draw, to read
off affine maps of the stacked states. With y = (1, z), moments of any order follow linearly: E[y' (x) y'] is the
average of (T (x) T) E[y (x) y] over the maps T. Means and covariances are exact fractions; fourth moments, which only
set the size of a statistical error, are floating-point numbers.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache, reduce
from typing import Any

import numpy as np
import sympy as sp

from sgdtheory.errors import DomainError
from sgdtheory.numeric.paths import Paths, StepMatrix, paths
from sgdtheory.numeric.rational import exact, fraction, fractions, identity, solve, zeros
from sgdtheory.processes.forms import STATIONARY, Arm, Branch, Form
from sgdtheory.processes.process import Process

LARGEST = 2_000_000  # entries of an array that is worked on at once
ROUNDING = 1e-12  # a variance below this share of what cancels in it is zero


def expectations(process: Process, arms: Sequence[Arm]) -> list[Any]:
    """Return the exact expectations of the arms' forms, averaged over the settings by their weight."""
    total = [Fraction(0)] * len(arms[0].forms)
    for arm in arms:
        second, weight = moments(process, arm, 2), fraction(arm.environment.weight)
        for number, form in enumerate(arm.forms):
            total[number] += weight * (_matrix(form) * second).sum()
    return total


def variances(process: Process, arms: Sequence[Arm]) -> np.ndarray:
    """Return the variances of the forms of one replica whose setting is drawn by its weight.

    Raises
    ------
    DomainError
        If they are infinite.
    """
    means = expectations(process, arms)
    total, size = np.zeros(len(means)), np.zeros(len(means))
    for arm in arms:
        fourth, weight = moments(process, arm, 4), float(fraction(arm.environment.weight))
        for number, (form, mean) in enumerate(zip(arm.forms, means, strict=True)):
            matrix = _matrix(form)
            matrix[0, 0] -= mean
            F = matrix.astype(float)
            total[number] += weight * np.einsum("ab,abcd,cd->", F, fourth, F, optimize=True)
            size[number] += weight * np.einsum("ab,abcd,cd->", abs(F), abs(fourth), abs(F), optimize=True)
    return np.where(total > ROUNDING * size, total, 0.0)


def leading_form(process: Process, arm: Arm, order: int) -> tuple[float, Form]:
    """Return the factor by which moments of this order are multiplied at each step in the long run, and its form.

    The form is a polynomial of the state that the arm looks at, whose expectation is multiplied by the factor at each
    step from the first on; what noise and lower moments add is in its lower terms.

    Raises
    ------
    DomainError
        If the factor is not real: the mean turns as it decays.
    """
    step, n = affine_step(process, arm), len(visible_rows(process, arm))
    drawn = paths(arm.environment.noise, step, 2).in_floats()
    P = _power(drawn, 2)
    places = _places(drawn.size, 2)
    degree = np.array([sum(place > 0 for place in pair) for pair in places])
    top, low = degree == order, degree < order
    values, vectors = np.linalg.eig(P[np.ix_(top, top)].T)
    chosen = int(np.argmax(abs(values)))
    factor, weights = values[chosen], vectors[:, chosen]
    if abs(np.imag(factor)) > 1e-9 * abs(factor):
        raise DomainError(
            "the mean turns as it decays, so that no form of it is multiplied by one factor",
            got=f"the factor {factor:.6g}",
            allowed="real factors; those of second moments are",
            mend="look at order 2",
        )
    u = np.zeros(len(places))
    u[top] = np.real(weights / weights[np.argmax(abs(weights))])
    shifted = P[np.ix_(low, low)].T - np.real(factor) * np.eye(low.sum())
    u[low] = np.linalg.lstsq(shifted, -P[np.ix_(top, low)].T @ u[top], rcond=1e-12)[0]
    rational = [sp.Rational(*float(entry).as_integer_ratio()) for entry in u]
    form = sp.zeros(n + 1, n + 1)
    for (a, b), entry in zip(places, rational, strict=True):
        form[a, b] += entry / 2
        form[b, a] += entry / 2
    return float(np.real(factor)), Form(form[1:, 1:], 2 * form[1:, 0], form[0, 0])


def growth(process: Process, arm: Arm, order: int) -> float:
    """Return the size of the factor by which moments of this order are multiplied at each draw in the long run."""
    return _growth(paths(arm.environment.noise, affine_step(process, arm), 2), order)


def _growth(drawn: Paths, order: int) -> float:
    linear = Paths(drawn.weights, (_composite(drawn)[:, 1:, 1:],)).in_floats()
    return float(max(abs(np.linalg.eigvals(_power(linear, order)))))


def contraction(process: Process, arm: Arm) -> tuple[float, int]:
    """Return the factor that is left of the start's second moments after a draw, and how many steps a draw has.

    Where the run does not start at its stationary mean, the mean has to settle too, and it may do so more slowly.
    """
    drawn = paths(arm.environment.noise, affine_step(process, arm), 2)
    first, second = (_growth(drawn, order) for order in (1, 2))
    settled = bool(np.all(_stationary(drawn, 1) == _start(process, arm)))
    return second if settled else max(first, second), len(drawn.steps)


def moments(process: Process, arm: Arm, order: int) -> np.ndarray:
    """Return E[y (x) ... (x) y], (1 + n,) * order, of y = (1, z) with the stacked z of the arm.

    Order 2 is exact, in fractions; order 4 is in floats.

    Raises
    ------
    DomainError
        If the stationary moments do not exist.
    """
    return _moments(_Run(process, arm), order)


class _Run:
    """A process and an arm, the same as another if they are run and looked at in the same way, whatever the forms."""

    def __init__(self, process: Process, arm: Arm) -> None:
        self.process, self.arm = process, arm
        env = arm.environment
        looks = (arm.branches, arm.time, arm.lags, arm.velocity, arm.phase, arm.copies)
        self._key = (
            process.gradient,
            process.nesterov,
            process.memory,
            process.schedule,
            repr((dict(env.model), env.noise, env.minimum, looks)),
        )

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Run) and self._key == other._key


@lru_cache(maxsize=64)
def _moments(run: _Run, order: int) -> np.ndarray:
    process, arm = run.process, run.arm
    if process.schedule:
        return _scheduled_moments(process, arm, order)
    drawn = paths(arm.environment.noise, affine_step(process, arm), order)
    if arm.time == STATIONARY:
        first, moment = arm.phase, _stationary(drawn, order)
    else:
        begin = _start(process, arm).astype(drawn.steps[0].dtype)
        first, moment = int(arm.time), reduce(np.multiply.outer, [begin] * order)
    looks = [first, *(first + lag for lag in arm.lags)]
    found = _walk(moment, drawn, looks, visible_rows(process, arm))
    found.flags.writeable = False  # it is handed out again
    return found


def _scheduled_moments(process: Process, arm: Arm, order: int) -> np.ndarray:
    """Return the moments at one look after steps of which each has a momentum of its own."""
    if arm.time == STATIONARY or arm.lags:
        raise TypeError(f"{process.name!r} is looked at once, after a number of steps: its momentum never settles")
    begin = _start(process, arm) if order == 2 else _start(process, arm).astype(float)
    moment = reduce(np.multiply.outer, [begin] * order)
    drawn = paths(arm.environment.noise, affine_step(process, arm), order)
    for taken in range(int(arm.time)):
        now = replace(arm, branches=tuple(replace(b, momentum=process.schedule(taken)) for b in arm.branches))
        drawn = paths(arm.environment.noise, affine_step(process, now), order)
        moment = _average(moment, Paths(drawn.weights, (_composite(drawn),)))
    found = _walk(moment, drawn, [0], visible_rows(process, arm))
    found.flags.writeable = False
    return found


def affine_step(process: Process, arm: Arm) -> StepMatrix:
    """Return what reads off the step's matrix on (1, z) for a value of the noise, by taking it from basis vectors."""
    words = {word: exact(value) for word, value in arm.environment.model.items()}
    sizes = [_size(process, branch) for branch in arm.branches]

    def step(noise: Any) -> np.ndarray:
        T = identity(1 + sum(sizes))
        begin = 1
        for branch, size in zip(arm.branches, sizes, strict=True):
            rows = slice(begin, begin + size)
            after = _moved(process, branch, np.hstack([zeros(size, 1), identity(size)]), noise, words)
            T[rows, 0] = after[:, 0]
            T[rows, rows] = after[:, 1:] - after[:, :1]
            begin += size
        return T

    return step


def _moved(process: Process, branch: Branch, states: np.ndarray, noise: Any, words: dict[str, Any]) -> np.ndarray:
    """Return the states after a step: parameters, velocity if there is one, old parameters, an average, if kept."""
    d = len(branch.start)
    before, first = states[:d], d * (1 + process.momentum)
    copies = [states[first + d * number : first + d * (number + 1)] for number in range(branch.copies)]
    worker = -1  # the oldest of the copies, whose place the present parameters take
    if process.memory == "workers":
        worker, noise = noise
    parameters, velocity = process.move(
        before,
        states[d : 2 * d] if process.momentum else 0 * before,
        _scaled(noise, fraction(branch.noise_scale)),
        learning_rate=fraction(branch.learning_rate),
        momentum=fraction(branch.momentum),
        **({"old": copies[worker]} if process.memory else {}),
        **words,
    )
    parts = [parameters, velocity] if process.momentum else [parameters]
    if process.memory == "delay":
        copies = [before, *copies[:-1]]
    elif process.memory == "workers":
        copies[worker] = parameters
    parts += copies
    if branch.averaging is not None:
        decay = fraction(branch.averaging)
        parts.append(decay * states[-d:] + (1 - decay) * parameters)
    return np.vstack(parts)


def _scaled(noise: Any, scale: Fraction) -> Any:
    if scale == 1:
        return noise
    if isinstance(noise, tuple):
        raise TypeError("only additive noise can be scaled")
    return scale * noise


def _size(process: Process, branch: Branch) -> int:
    return len(branch.start) * (1 + process.momentum + branch.copies + (branch.averaging is not None))


def visible_rows(process: Process, arm: Arm) -> list[int]:
    """Return which entries of (1, z) a look sees."""
    if arm.velocity and not process.momentum:
        raise TypeError(f"{process.name!r} carries no velocity that could be looked at")
    seen, begin = [], 1
    for branch in arm.branches:
        d, size = len(branch.start), _size(process, branch)
        first = begin + d * (1 + process.momentum)
        hidden = set(range(begin + d, first)) if not arm.velocity else set()
        hidden |= set(range(first, first + d * branch.copies)) if not arm.copies else set()
        seen += [row for row in range(begin, begin + size) if row not in hidden]
        begin += size
    return seen


def _start(process: Process, arm: Arm) -> np.ndarray:
    """Return (1, z) at the start: old parameters and an average start at the parameters, a velocity at zero."""
    parts = [identity(1)]
    for branch in arm.branches:
        begin = fractions(sp.Matrix(branch.start))
        parts += [begin] + [0 * begin] * process.momentum + [begin] * (branch.copies + (branch.averaging is not None))
    return np.vstack(parts)[:, 0]


def _walk(moment: np.ndarray, drawn: Paths, looks: list[int], seen: list[int]) -> np.ndarray:
    """Advance the moment draw by draw; each look copies what it sees below the state; return that of the copies."""
    size, period = len(moment), len(drawn.steps)
    if looks[0] == 0:
        look = identity(size).astype(moment.dtype)
        once = Paths(np.array([1]), (np.vstack([look, look[seen]])[None],))
        moment, looks = _average(moment, once), looks[1:]
    while looks:
        now = [look for look in looks if look <= period]
        moment = _average(moment, _seen_on(drawn, now, seen))
        looks = [look - period for look in looks[len(now) :]]
    kept = [0, *range(size, len(moment))]
    return moment[np.ix_(*[kept] * moment.ndim)]


def _seen_on(drawn: Paths, looks: list[int], seen: list[int]) -> Paths:
    """Return the matrices of the paths on the state, with a copy of what is seen at each look below it."""
    one = identity(drawn.size).astype(drawn.steps[0].dtype)
    found = np.repeat(one[None], len(drawn.weights), axis=0)
    for number, step in enumerate(drawn.steps, 1):
        found[:, : drawn.size] = step @ found[:, : drawn.size]
        if number in looks:
            found = np.concatenate([found, found[:, seen]], axis=1)
    return Paths(drawn.weights, (found,))


def _average(moment: np.ndarray, drawn: Paths) -> np.ndarray:
    """Return the moment after a draw: each path's matrix acts on each axis, the first turned to the end each time.

    It acts on the state, which comes first; copies made before stay as they are, and those that it makes come last.
    """
    rows, state = drawn.steps[0].shape[1:]
    size = len(moment) + rows - state
    total: Any = 0
    for piece in drawn.chunks(1 + LARGEST // size**moment.ndim):
        (matrices,) = piece.steps
        found = np.broadcast_to(moment, (len(matrices), *moment.shape))
        for _ in range(moment.ndim):
            flat = found.reshape(len(matrices), len(moment), -1)
            acted = matrices @ flat[:, :state]
            found = np.moveaxis(np.concatenate([acted[:, :state], flat[:, state:], acted[:, state:]], axis=1), 1, -1)
        total = total + np.tensordot(piece.weights, found.reshape(len(matrices), *[size] * moment.ndim), axes=1)
    return total


def _composite(drawn: Paths) -> np.ndarray:
    return reduce(lambda done, step: step @ done, drawn.steps)


def _places(size: int, order: int) -> list[tuple[int, ...]]:
    """Return the entries of a symmetric tensor that may differ; the first is that of ones only."""
    return list(itertools.combinations_with_replacement(range(size), order))


def _power(drawn: Paths, order: int) -> np.ndarray:
    """Return the average over the paths of the symmetric power of their matrix: what moments are multiplied by."""
    rows = np.array(_places(drawn.size, order))
    classes = _classes(drawn.size, order)
    by_class = np.argsort(classes, kind="stable")
    starts = np.searchsorted(classes[by_class], range(len(rows)))
    total: Any = 0
    for piece in Paths(drawn.weights, (_composite(drawn),)).chunks(1 + LARGEST // (len(rows) * len(classes))):
        (matrices,) = piece.steps
        product = matrices[:, rows[:, 0]]
        for axis in range(1, order):
            product = product[:, :, :, None] * matrices[:, rows[:, axis]][:, :, None, :]
            product = product.reshape(*product.shape[:2], -1)
        total = total + np.tensordot(piece.weights, product, axes=1)
    return np.add.reduceat(total[:, by_class], starts, axis=1)


def _classes(size: int, order: int) -> np.ndarray:
    """Return, for each entry of a flat tensor, the place that stands for it."""
    number = {place: index for index, place in enumerate(_places(size, order))}
    return np.array([number[tuple(sorted(index))] for index in np.ndindex(*[size] * order)])


def _stationary(drawn: Paths, order: int) -> np.ndarray:
    """Return the stationary moment as a tensor."""
    P = _power(drawn, order)
    size, n = drawn.size, len(P)
    radius = max(abs(np.linalg.eigvals(P[1:, 1:].astype(float))))
    if radius >= 1:
        raise DomainError(
            f"stationary moments of order {order} do not exist",
            got=f"they are multiplied by {radius:.6g} at each draw",
            allowed="a factor below one",
            mend="take a smaller learning rate or a larger batch",
        )
    system = identity(n - 1) - P[1:, 1:]
    rest = solve(system, P[1:, 0]) if P.dtype == object else np.linalg.solve(system.astype(float), P[1:, 0])
    tensor = np.concatenate([np.ones(1, dtype=int).astype(P.dtype), rest])[_classes(size, order)]
    return tensor.reshape([size] * order)


def _matrix(form: Form) -> np.ndarray:
    """Return the (1 + n, 1 + n) matrix F with form = y'Fy."""
    half = fractions(sp.Matrix(form.linear)) / 2
    corner = np.array([[fraction(form.constant)]], dtype=object)
    return np.block([[corner, half.T], [half, fractions(sp.Matrix(form.quadratic))]])
