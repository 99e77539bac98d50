"""Printed equations that fail: exact, printed, corrected and simulated values, side by side.

What is simulated is judged by the machinery of rung 4 of the ladder, with exact standard errors, but with only as many
runs as set a printed form apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp

from sgdtheory.catalogue import results
from sgdtheory.closed_form import ClosedForm, Erratum, Point, value_at
from sgdtheory.errors import DomainError, unknown_name
from sgdtheory.numeric import exit_times, experiment, recursion, two_wells  # noqa: F401  (they register)
from sgdtheory.numeric.claims import DIGITS, rotate, scaled_point
from sgdtheory.numeric.engine.backends import check_installed
from sgdtheory.numeric.refutation import Refutation
from sgdtheory.numeric.scalars import whole_number
from sgdtheory.processes.forms import weighted
from sgdtheory.symbols import glossary

APART = 40  # standard errors between the printed form and the truth
FEWEST, MOST = 4_000, 200_000  # runs
CLOSER = 60  # a limit is looked at where the corrected form is so many times closer to the truth than the printed one
MOST_HALVINGS = 6  # of a limit's small parameter, before it is simulated
FAR = 14  # halvings after which a limit is all but reached


def errata(
    name: str | None = None,
    *,
    seed: int = 0,
    backend: str = "numpy",
    progress: Callable[[str], None] | None = None,
) -> tuple[Refutation, ...]:
    """Return the printed equations that fail, each with the numbers that refute it.

    Parameters
    ----------
    name
        A result of the catalogue, or a paper by its key; all if left out.
    seed
        Seed of the simulations.
    backend
        What simulates: ``"numpy"``, ``"numba"`` or ``"jax"``.
    progress
        Called with the name of a result before it is worked out.

    Returns
    -------
    tuple of Refutation
        One for each erratum, in the order of the catalogue; none for a result of which no misprint is known.

    Raises
    ------
    UnknownNameError
        If there is no such result, and no such paper among those with an erratum.
    DomainError
        If the backend is unknown or not installed, or the seed is not a whole number.

    Examples
    --------
    Without replacement, Remark 12 of Chaudhari & Soatto (2018) has (1 - b/N)/b for (N - b)/(b (N - 1)):

    >>> (found,) = errata("quadratic.batch_gradient_covariance")
    >>> round(found.printed, 4), round(found.corrected, 4), round(found.exact, 4)
    (6.048, 7.56, 7.56)
    >>> found.refuted, found.confirmed
    (True, True)
    """
    chosen = known_errata(name)
    seed = whole_number("seed", seed, least=0, symbols=False)
    check_installed(backend)
    found = []
    for form, erratum in chosen:
        if progress is not None:
            progress(form.name)
        found.append(refute(form, erratum, seed=seed, backend=backend))
    return tuple(found)


def known_errata(name: str | None = None) -> tuple[tuple[ClosedForm, Erratum], ...]:
    """Return the errata of a result, of a paper or of all results; see ``errata``, which adds the numbers."""
    known = [(form, erratum) for form in results.values() for erratum in form.errata]
    papers = {erratum.source.key for _, erratum in known}
    if name is None:
        return tuple(known)
    if name in papers:
        return tuple(pair for pair in known if pair[1].source.key == name)
    if name not in results:
        raise unknown_name("result or paper with an erratum", name, [*results, *papers], listed_by="sgdtheory errata")
    return tuple((results[name], erratum) for erratum in results[name].errata)


def refute(form: ClosedForm, erratum: Erratum, *, seed: int = 0, backend: str = "numpy") -> Refutation:
    """Work out the numbers for a printed variant of a result, at the first point at which it should hold.

    The arguments and the errors are those of ``errata``.
    """
    point, halvings = _told_apart(form, erratum)
    values = [_eigenbasis(form, point, value) for value in (erratum.printed, form.value)]
    place = max(range(len(values[0])), key=lambda k: abs(values[0][k] - values[1][k]))
    weights = _weights(form, point, place)
    truth = [sp.sympify(_rational(entry)) for entry in form.observable.value(form.process, point, recursion)]
    exact = sum(weight * entry for weight, entry in zip(weights, truth, strict=True))
    distances = [float(found[place] - exact) for found in values]
    distance = max(distances, key=abs)  # that of the printed form, unless the other one is wrong
    wrong = (erratum.printed, form.value)[distances.index(distance)]
    if distance == 0:
        raise DomainError(
            "the printed form is right at the point of its erratum",
            got=form.name,
            allowed="a point at which it fails",
            mend="give the erratum other points",
        )
    if form.process.continuous:
        return _in_continuous_time(form, erratum, point, halvings, exact, values, seed)
    claims = [truth, rotate(form, point, value_at(form, point, wrong))]
    arms, expected, mean = zip(*(_looked_at(form, point, claim, weights) for claim in claims), strict=True)
    # By how much the form that is looked at falls short for each unit that a claim is too large.
    slope = float((mean[1] - expected[1]) - (mean[0] - expected[0])) / distance
    deviation = float(np.sqrt(recursion.variances(form.process, arms[0])[0]))
    replicas = _replicas(deviation / abs(slope), abs(distance))
    trial = experiment.Trial(
        form.process, arms[0], np.array([float(expected[0])]), np.array([deviation]), replicas, math.nan
    )
    label = f"{form.name}: {erratum.source.locator}"
    (z,) = experiment.judge(trial, label=label, seed=seed, backend=backend).z
    error = deviation / math.sqrt(replicas)
    return Refutation(
        form=form,
        erratum=erratum,
        point=point,
        halvings=halvings,
        index=_index(form, place, len(values[0])),
        exact=float(exact),
        printed=float(values[0][place]),
        corrected=float(values[1][place]),
        simulated=float(exact) - float(z) * error / slope,
        standard_error=error / abs(slope),
        replicas=replicas,
        **_far_away(form, erratum),
    )


def _in_continuous_time(
    form: ClosedForm,
    erratum: Erratum,
    point: Point,
    halvings: int,
    exact: sp.Expr,
    values: Sequence[Sequence[Any]],
    seed: int,
) -> Refutation:
    """Work out the numbers for a claim on times or odds, which are no forms of the state at a fixed time."""
    trial = experiment.prepare(form.observable, form.process, point, claim=[exact], truth=[exact])
    simulated, error, replicas = experiment.simulated_claim(trial, form.observable, label=form.name, seed=seed)
    return Refutation(
        form=form,
        erratum=erratum,
        point=point,
        halvings=halvings,
        index="",
        exact=float(exact),
        printed=float(values[0][0]),
        corrected=float(values[1][0]),
        simulated=simulated,
        standard_error=error,
        replicas=replicas,
        **_far_away(form, erratum),
    )


def _looked_at(form: ClosedForm, point: Point, claim: Sequence[Any], weights: Sequence[Any]) -> tuple[Any, Any, Any]:
    """Return the arms of one entry of a claim, its expectation if the claim holds, and its exact expectation."""
    arms = [
        replace(arm, forms=(weighted(list(zip(weights, arm.forms, strict=True))),))
        for arm in form.observable.arms(form.process, point, claim, recursion)
    ]
    expected = sum(w * e for w, e in zip(weights, form.observable.expected(point, claim), strict=True))
    (mean,) = recursion.expectations(form.process, arms)
    return arms, expected, _rational(mean)


def _told_apart(form: ClosedForm, erratum: Erratum) -> tuple[Point, int]:
    """Return the point, of a limit with its small parameter halved until the corrected form is close to the truth."""
    point = (erratum.points or form.points)[0]
    if form.limit is None:
        return point, 0
    for halvings in range(MOST_HALVINGS + 1):
        printed, corrected = _misses(form, erratum, halvings)
        if corrected * CLOSER <= printed:
            return _halved(form, point, halvings), halvings
    return point, 0  # no limit, or not that of the result: what is compared further on shows it


def _far_away(form: ClosedForm, erratum: Erratum) -> dict[str, Any]:
    if form.limit is None:
        return {"far_point": None, "far_printed": math.nan, "far_corrected": math.nan}
    printed, corrected = _misses(form, erratum, FAR)
    point = _halved(form, (erratum.points or form.points)[0], FAR)
    return {"far_point": point, "far_printed": printed, "far_corrected": corrected}


def _misses(form: ClosedForm, erratum: Erratum, halvings: int) -> tuple[float, float]:
    """Return by how much printed and corrected form miss the exact result of a limit, where the printed misses most."""
    assert form.limit is not None
    point = _halved(form, (erratum.points or form.points)[0], halvings)
    printed, corrected = (_eigenbasis(form, point, value) for value in (erratum.printed, form.value))
    exact = value_at(form.limit.exact, point, None, 2 * DIGITS)
    place = max(range(len(exact)), key=lambda k: abs(printed[k] - corrected[k]))
    printed_miss, corrected_miss = (abs(float(v[place] / exact[place] - 1)) for v in (printed, corrected))
    return printed_miss, corrected_miss


def _halved(form: ClosedForm, point: Point, halvings: int) -> Point:
    assert form.limit is not None
    halved = scaled_point(point, glossary[form.limit.small].word, form.limit.scaling, halvings)
    return {**halved, "momentum": 1 - halved["damping"]} if "damping" in halved else halved  # the process takes the one


def _eigenbasis(form: ClosedForm, point: Point, value: sp.Expr) -> list[sp.Expr]:
    return [sp.N(entry, DIGITS) for entry in value_at(form, point, value, 2 * DIGITS)]


def _weights(form: ClosedForm, point: Point, place: int) -> list[sp.Expr]:
    """Return what entries in the basis of the parameters are multiplied by to give one entry in the eigenbasis."""
    count = len(value_at(form, point))
    unit = [sp.Integer(int(k == place)) for k in range(count)]
    return rotate(form, point, unit)  # the rotation is orthogonal: its transpose undoes it


def _rational(number: Any) -> sp.Expr:
    return sp.Rational(number.numerator, number.denominator) if hasattr(number, "numerator") else number


def _replicas(deviation: float, distance: float) -> int:
    return int(min(max(math.ceil((APART * deviation / distance) ** 2), FEWEST), MOST))


def _index(form: ClosedForm, place: int, count: int) -> str:
    """Return which entry stands at a place, counted from one."""
    letters = len(glossary[form.symbol].indices)
    modes = round(count ** (1 / letters)) if letters else 1
    return "".join(str(place // modes ** (letters - 1 - n) % modes + 1) for n in range(letters))
